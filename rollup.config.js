import nodeResolve from '@rollup/plugin-node-resolve';
import { tsImport } from 'tsx/esm/api';

// The build is TypeScript, which Node does not run by itself.
const { declarations, deviceBundle, factoryContent, listedParts, lowerToEs5, stripTypes } = await tsImport(
  './tools/build/index.ts',
  import.meta.url,
);

const host = [nodeResolve({ extensions: ['.ts', '.js'] }), stripTypes()];
const own = process.env.FACTORY ? [factoryContent(process.env.FACTORY)] : [];
const device = { plugins: [...own, ...host, lowerToEs5()] };

const boards = ['stm32', 'zephyr', 'esp8266', 'rp2', 'nrf52'];

const faces = ['modules/index.ts', ...['esp32', ...boards, 'sim'].map((name) => `boards/${name}/index.ts`)];

/** What a device keeps in further modules and loads when it is called. */
const lists = {
  /** What is over when the volumes are mounted, and walks over a whole volume. */
  boot: [
    'modules/contract/arguments.ts',
    'modules/blockdev/open.ts',
    'modules/blockdev/partitions.ts',
    'modules/fat/boot.ts',
    'modules/fat/mount.lazy.ts',
    'modules/fat/narrow.ts',
    'modules/littlefs2/count.ts',
    'modules/littlefs2/mount.ts',
    'modules/littlefs2/release.ts',
    'modules/littlefs2/traverse.ts',
    'modules/vfs/alone.ts',
    'modules/vfs/mount.ts',
    'modules/vfs/twice.ts',
    'boards/boot/pending.ts',
    'boards/boot/report.ts',
    'boards/boot/say.ts',
    'boards/devices/stm32/scan.ts',
    'boards/boot/volumes.ts',
  ],
  /** What engines other than Espruino need besides. */
  portable: ['modules/engine/portable.ts'],
  /** Checking and repairing a volume, which a device can do without. */
  check: ['modules/fat/fsck.ts'],
  /** Rarely used. */
  more: [
    'modules/blockdev/foreign.ts',
    'modules/fat/directory.lazy.ts',
    'modules/fat/free.lazy.ts',
    'modules/fat/match.lazy.ts',
    'modules/fat/mend.lazy.ts',
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
    'boards/devices/esp32/table.ts',
    'boards/boot/factory.ts',
    'boards/devices/free.ts',
    'boards/boot/further.ts',
    'boards/boot/layout.ts',
    'boards/boot/modules.ts',
    'boards/devices/sdcard/start.ts',
    'boards/boot/select.ts',
    'boards/devices/stm32/begin.ts',
    'boards/boot/trouble.ts',
    'boards/devices/zephyr/ecma419.ts',
    'boards/devices/zephyr/espruino.ts',
  ],
};

const parts = listedParts(lists, 'boards/boot/on-demand.ts');

/** What `npm start` needs: the command line, and the bundles of the ESP32 and its simulation. */
export const start = [
  {
    input: 'tools/microvfs.ts',
    output: { file: 'dist/tools/microvfs.js', format: 'es' },
    external: [/^node:/, 'commander', 'picocolors', 'quickjs-emscripten'],
    plugins: host,
  },
  deviceBundle({
    ...device,
    input: 'boards/esp32/entry.ts',
    dir: 'dist/esp32',
    name: 'vfs',
    suffixes: { plain: '.js', minified: '.min.js' },
    parts,
  }),
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
  // With the same names for `require`, whichever of them a device gets.
  ...['fat', 'all'].map((kind) =>
    deviceBundle({
      ...device,
      input: `boards/esp32/entry-${kind}.ts`,
      dir: 'dist/esp32',
      name: 'vfs',
      suffixes: { plain: `-${kind}.js`, minified: `-${kind}.min.js` },
      parts,
    }),
  ),
  ...boards.flatMap((board) =>
    ['', '-all'].map((kind) =>
      deviceBundle({
        ...device,
        input: `boards/${board}/entry${kind}.ts`,
        dir: `dist/${board}`,
        name: 'vfs',
        suffixes: { ...(kind ? {} : { plain: '.js' }), minified: `${kind}.min.js` },
        parts,
      }),
    ),
  ),
  deviceBundle({ ...device, input: 'test/suite/entry.ts', dir: 'dist/test', name: 'suite', suffixes: { minified: '.js' } }),
];

/** `rollup -c --configOnly host,esp32`: a part of the build, while working on it. */
const only = (names) => {
  const of = (name) => (name === 'start' ? start : [...start, ...others].filter(({ output }) => [output].flat()[0].dir === `dist/${name}`));
  return names.split(',').flatMap(of);
};

export default (args) => (args.configOnly ? only(args.configOnly) : args.configStart ? start : [...start, ...others]);
