import nodeResolve from '@rollup/plugin-node-resolve';
import { tsImport } from 'tsx/esm/api';

// The build is TypeScript, which Node does not run by itself.
const { boardBundles, boardEntries, boardList, declarations, deviceBundle, factoryContent, listedParts, lowerToEs5, stripTypes } =
  await tsImport('./tools/build/index.ts', import.meta.url);

const common = [nodeResolve({ extensions: ['.ts', '.js'] }), stripTypes()];
const host = [boardList(), ...common];
const own = process.env.FACTORY ? [factoryContent(process.env.FACTORY)] : [];
const device = { plugins: [...own, boardEntries(), ...common, lowerToEs5()] };

const boards = [...new Set(boardBundles().map(({ board }) => board))];

const faces = ['modules/index.ts', 'boards/sim/index.ts', ...boards.map((board) => `boards/${board}.ts`)];

/** What a device keeps in further modules and loads when it is called. */
const lists = {
  /** What is over when the volumes are mounted, and walks over a whole volume. */
  boot: [
    'modules/contract/arguments.ts',
    'modules/blockdev/open.ts',
    'modules/blockdev/partitions.ts',
    'modules/fat/boot.ts',
    'modules/fat/mount.ts',
    'modules/fat/narrow.ts',
    'modules/fat/partition.ts',
    'modules/littlefs2/count.ts',
    'modules/littlefs2/mount.ts',
    'modules/littlefs2/release.ts',
    'modules/littlefs2/traverse.ts',
    'modules/vfs/alone.ts',
    'modules/vfs/mount.ts',
    'modules/vfs/twice.ts',
    'boards/boot/report.lazy.ts',
    'boards/devices/stm32/scan.lazy.ts',
    'boards/boot/volumes.lazy.ts',
  ],
  /** What engines other than Espruino need besides. */
  portable: ['modules/engine/portable.ts'],
  /** Checking and repairing a volume, which a device can do without. */
  check: ['modules/fat/fsck.ts'],
  /** Rarely used. */
  more: [
    'modules/blockdev/foreign.ts',
    'modules/fat/dirs.ts',
    'modules/fat/free.ts',
    'modules/fat/label.ts',
    'modules/fat/match.ts',
    'modules/fat/mend.ts',
    'modules/fat/mkfs.ts',
    'modules/vfs/changes.ts',
    'modules/vfs/conveniences.ts',
    'modules/vfs/piece.ts',
    'modules/vfs/umount.ts',
    'modules/littlefs2/attrs.ts',
    'modules/littlefs2/dirs.ts',
    'modules/littlefs2/gc.ts',
    'modules/littlefs2/mkfs.ts',
    'modules/littlefs2/split.ts',
    'modules/littlefs2/thread.ts',
    'modules/littlefs2/umount.ts',
    'boards/devices/esp32/table.lazy.ts',
    'boards/boot/factory.ts',
    'boards/devices/free.lazy.ts',
    'boards/boot/further.lazy.ts',
    'boards/boot/layout.lazy.ts',
    'boards/boot/modules.lazy.ts',
    'boards/devices/sdcard/start.lazy.ts',
    'boards/boot/select.lazy.ts',
    'boards/devices/stm32/begin.lazy.ts',
    'boards/boot/trouble.lazy.ts',
    'boards/devices/zephyr/ecma419.lazy.ts',
    'boards/devices/zephyr/espruino.lazy.ts',
  ],
};

const parts = listedParts(lists, 'boards/boot/on-demand.ts');

/** What a device loads. All but the largest are there as they are before minifying, too. */
const boardBundle = ({ board, suffix }) =>
  deviceBundle({
    ...device,
    input: `boards/${board}.device${suffix}`,
    dir: `dist/${board}`,
    name: 'vfs',
    suffixes: { ...(suffix === '-all' ? {} : { plain: `${suffix}.js` }), minified: `${suffix}.min.js` },
    // With the same names for `require`, whichever of them a device gets.
    parts,
  });

/** What `npm start` simulates. */
const isStart = ({ board, suffix }) => board === 'esp32' && !suffix;

/** What `npm start` needs: the command line, and the bundle of the board and its simulation. */
export const start = [
  {
    input: 'tools/microvfs.ts',
    output: { file: 'dist/tools/microvfs.js', format: 'es' },
    external: [/^node:/, 'commander', 'picocolors', 'quickjs-emscripten'],
    plugins: host,
  },
  ...boardBundles().filter(isStart).map(boardBundle),
  deviceBundle({ ...device, input: 'tools/engines/chip.ts', dir: 'dist/sim', name: 'chip', suffixes: { minified: '.js' } }),
];

const hostPackage = {
  input: faces,
  output: { dir: 'dist/host', format: 'es', preserveModules: true, preserveModulesRoot: '.' },
  external: /^node:/,
  plugins: [...host, declarations(faces, 'dist/host')],
};

export const others = [
  hostPackage,
  ...boardBundles()
    .filter((one) => !isStart(one))
    .map(boardBundle),
  deviceBundle({ ...device, input: 'test/suite/entry.ts', dir: 'dist/test', name: 'suite', suffixes: { minified: '.js' } }),
];

/** `rollup -c --configOnly host,esp32`: a part of the build, while working on it. */
const only = (names) => {
  const of = (name) => (name === 'start' ? start : [...start, ...others].filter(({ output }) => [output].flat()[0].dir === `dist/${name}`));
  return names.split(',').flatMap(of);
};

export default (args) => (args.configOnly ? only(args.configOnly) : args.configStart ? start : [...start, ...others]);
