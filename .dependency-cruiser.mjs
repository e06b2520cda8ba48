/**
 * The floors of the house, from the bottom: contract, engine; blockdev; what all littlefs share; vfs and the file systems, which are
 * strangers to each other; the faces; boards; tools. Nobody imports upward, and there is no circle of files, types included.
 */
/** What all rooms share. */
const BOTTOM = '^modules/(contract/|engine/)';
const BLOCKDEV = '^modules/blockdev/';
/** What littlefs 1 and 2 and the small one share. */
const LITTLEFS = '^modules/littlefs/';
const VFS = '^modules/vfs/';
/** Descriptors, above the tree. */
const FD = '^modules/fd/';
/** Node's `fs` over the functions of the VFS. */
const FS = '^modules/fs/';
/** Each folder of `modules` that is not of the other rooms is a file system. */
const FILE_SYSTEM = '^modules/(?!contract/|engine/|blockdev/|littlefs/|vfs/|fd/|fs/)([^/]+)/';
const FACES = '^modules/[^/]+\\.ts$';

export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'modules-below-boards', severity: 'error', from: { path: '^modules/' }, to: { path: '^(boards|tools|test|bench)/' } },
    { name: 'boards-below-tools', severity: 'error', from: { path: '^boards/' }, to: { path: '^(tools|test|bench)/' } },
    { name: 'tools-below-tests', severity: 'error', from: { path: '^tools/' }, to: { path: '^(test|bench)/' } },
    { name: 'bottom-floor', severity: 'error', from: { path: BOTTOM }, to: { path: '^modules/', pathNot: BOTTOM } },
    { name: 'blockdev-floor', severity: 'error', from: { path: BLOCKDEV }, to: { path: '^modules/', pathNot: [BOTTOM, BLOCKDEV] } },
    {
      name: 'littlefs-floor',
      severity: 'error',
      from: { path: LITTLEFS },
      to: { path: '^modules/', pathNot: [BOTTOM, BLOCKDEV, LITTLEFS] },
    },
    {
      name: 'only-littlefs-on-littlefs',
      severity: 'error',
      from: { pathNot: [LITTLEFS, '^modules/(littlefs[12]|lean)/', '^modules/migrate\\.ts$'] },
      to: { path: LITTLEFS },
    },
    { name: 'fd-floor', severity: 'error', from: { path: FD }, to: { path: '^modules/', pathNot: [BOTTOM, VFS, FD] } },
    { name: 'vfs-below-fd', severity: 'error', from: { path: [VFS, FILE_SYSTEM, BLOCKDEV] }, to: { path: FD } },
    { name: 'fs-stands-on-the-vfs', severity: 'error', from: { path: FS }, to: { path: [FILE_SYSTEM, BLOCKDEV, LITTLEFS] } },
    {
      name: 'nothing-stands-on-fs',
      severity: 'error',
      from: { path: '^modules/', pathNot: [FS, FACES] },
      to: { path: [FS, '^modules/fs\\.ts$'] },
    },
    { name: 'vfs-knows-no-file-system', severity: 'error', from: { path: VFS }, to: { path: FILE_SYSTEM } },
    { name: 'file-systems-know-no-vfs', severity: 'error', from: { path: FILE_SYSTEM }, to: { path: [VFS, FACES], pathNot: BOTTOM } },
    {
      name: 'file-systems-are-strangers',
      severity: 'error',
      from: { path: FILE_SYSTEM },
      to: { path: FILE_SYSTEM, pathNot: '^modules/$1/' },
    },
    {
      name: 'host-only-in-tools',
      severity: 'error',
      from: { path: '^modules/', pathNot: '^modules/posix/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'] },
    },
    {
      name: 'posix-is-for-the-host',
      severity: 'error',
      from: { path: '^(modules|boards)/', pathNot: '^modules/(posix/|index\\.ts$)' },
      to: { path: '^modules/posix/' },
    },
    {
      // The page runs the rest of the port: a connection is a `ByteStream`, whatever it goes through.
      name: 'port-without-node',
      severity: 'error',
      from: { path: '^tools/port/', pathNot: '^tools/port/(bluetooth|connect|passthrough|program|serial|terminal)\\.ts$' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer'] },
    },
    {
      name: 'port-in-the-page-without-the-host',
      severity: 'error',
      from: { path: '^tools/(port|page/src)/', pathNot: '^tools/port/(bluetooth|connect|passthrough|program|serial|terminal)\\.ts$' },
      to: { path: '^tools/port/(bluetooth|connect|passthrough|program|serial|terminal)\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'] },
  },
};
