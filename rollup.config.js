import { existsSync } from 'node:fs';
import { dirname, resolve as join } from 'node:path';
import nodeResolve from '@rollup/plugin-node-resolve';
import typescript from '@rollup/plugin-typescript';
import ts from 'typescript';
import { deviceBundle } from './tools/build/device.js';
import { factoryContent } from './tools/build/factory.js';

// Types are checked by `npm run check`; here they are only taken off.
const plugins = (target, sourceMap) => [
  nodeResolve({ extensions: ['.ts', '.js'] }),
  typescript({
    tsconfig: false,
    noCheck: true,
    target,
    useDefineForClassFields: false,
    lib: ['es2022'],
    module: 'esnext',
    moduleResolution: 'bundler',
    skipLibCheck: true,
    ignoreDeprecations: '6.0',
    importHelpers: false,
    noEmitHelpers: true,
    types: [],
    sourceMap,
  }),
];

/** Writes the host's .d.ts files, with the file extensions that Node's resolution wants in them. */
const declarations = (inputs, outDir) => ({
  name: 'declarations',
  writeBundle() {
    const config = ts.readConfigFile('tsconfig.json', ts.sys.readFile).config;
    const options = { ...config.compilerOptions, declaration: true, emitDeclarationOnly: true, noEmit: false, outDir, rootDir: '.' };
    const parsed = ts.convertCompilerOptionsFromJson(options, '.').options;
    const program = ts.createProgram(inputs, parsed);
    program.emit(undefined, (file, text, _mark, _error, sources) => {
      const from = dirname(sources?.[0].fileName ?? file);
      const withExtension = (specifier) => {
        const path = join(from, specifier);
        return existsSync(path + '.ts') ? specifier + '.js' : existsSync(path) ? specifier + '/index.js' : specifier;
      };
      ts.sys.writeFile(
        file,
        text.replace(/((?:from|import)\s*\(?')(\.[^']*)'/g, (_all, before, specifier) => before + withExtension(specifier) + "'"),
      );
    });
  },
});

const own = process.env.FACTORY ? [factoryContent(process.env.FACTORY)] : [];
const device = { plugins: [...own, ...plugins('es2021', true)] };

const boards = ['stm32', 'zephyr', 'esp8266', 'rp2', 'nrf52'];

const host = ['modules/index.ts', ...['esp32', ...boards, 'sim'].map((name) => `boards/${name}/index.ts`)];

/** What a device keeps in further modules and loads when it is called: see `tools/build/device.js`. */
const apart = {
  /** What is over when the volumes are mounted, and walks over a whole volume. */
  boot: [
    'modules/arguments.ts',
    'modules/blockdev/open.ts',
    'modules/blockdev/partitions.ts',
    'modules/engine/portable.ts',
    'modules/fat/boot.ts',
    'modules/fat/mount.ts',
    'modules/fat/narrow.ts',
    'modules/fat/partition.ts',
    'modules/fat/tables.ts',
    'modules/littlefs2/count.ts',
    'modules/littlefs2/mount.ts',
    'modules/littlefs2/release.ts',
    'modules/littlefs2/traverse.ts',
    'modules/vfs/alone.ts',
    'modules/vfs/mount.ts',
    'modules/vfs/twice.ts',
    'boards/pending.ts',
    'boards/report.ts',
    'boards/say.ts',
    'boards/stm32/scan.ts',
    'boards/volumes.ts',
  ],
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
    'boards/esp32/table.ts',
    'boards/factory.ts',
    'boards/free.ts',
    'boards/further.ts',
    'boards/layout.ts',
    'boards/modules.ts',
    'boards/sdcard/start.ts',
    'boards/select.ts',
    'boards/stm32/begin.ts',
    'boards/trouble.ts',
    'boards/zephyr/ecma419.ts',
    'boards/zephyr/espruino.ts',
  ],
};

/** What `npm start` needs: the command line, and the bundles of the ESP32 and its simulation. */
const start = [
  {
    input: 'tools/microvfs.ts',
    output: { file: 'dist/tools/microvfs.js', format: 'es' },
    external: [/^node:/, 'commander', 'picocolors', 'quickjs-emscripten'],
    plugins: plugins('es2022', false),
  },
  deviceBundle({
    ...device,
    input: 'boards/esp32/entry.ts',
    dir: 'dist/esp32',
    name: 'vfs',
    suffixes: { plain: '.js', minified: '.min.js' },
    apart,
  }),
  deviceBundle({ ...device, input: 'tools/engines/chip.ts', dir: 'dist/sim', name: 'chip', suffixes: { minified: '.js' } }),
];

const hostPackage = {
  input: host,
  output: { dir: 'dist/host', format: 'es', preserveModules: true, preserveModulesRoot: '.' },
  external: /^node:/,
  plugins: [...plugins('es2022', false), declarations(host, 'dist/host')],
};

const others = [
  hostPackage,
  // With the same names for `require`, whichever of them a device gets.
  ...['fat', 'all'].map((kind) =>
    deviceBundle({
      ...device,
      input: `boards/esp32/entry-${kind}.ts`,
      dir: 'dist/esp32',
      name: 'vfs',
      suffixes: { plain: `-${kind}.js`, minified: `-${kind}.min.js` },
      apart,
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
        apart,
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
