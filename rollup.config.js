import nodeResolve from '@rollup/plugin-node-resolve';

/** It is TypeScript, which Node does not run by itself. `npm run build` does, and has most of it: that is not loaded once more. */
const build = new URL('./tools/build/index.ts', import.meta.url).href;
const {
  boardBundles,
  boardEntries,
  boardList,
  customPlan,
  declarations,
  deviceBundle,
  factoryContent,
  lazyParts,
  lowerToEs5,
  relativeSources,
  stripTypes,
  testRooms,
} = await import(build).catch(async () => (await import('tsx/esm/api')).tsImport(build, import.meta.url));

const resolve = [relativeSources(), nodeResolve({ extensions: ['.ts', '.js'] })];
const host = [boardList(), ...resolve, stripTypes(true)];
const common = [...resolve, stripTypes()];
const own = process.env.FACTORY ? [factoryContent(process.env.FACTORY)] : [];
const device = { plugins: [...own, ...boardEntries(), ...common, lowerToEs5()] };

const boards = [...new Set(boardBundles().map(({ board }) => board))];

const faces = ['modules/index.ts', 'boards/sim/index.ts', 'tools/index.ts', ...boards.map((board) => `boards/${board}.ts`)];

const parts = lazyParts('.');

/** What a device loads. */
const boardBundle = ({ board, suffix, single }, plugins = device.plugins) =>
  deviceBundle({
    plugins,
    input: `boards/${board}.device${suffix}`,
    dir: `dist/${board}`,
    name: 'vfs',
    suffix: `${suffix}.min.js`,
    parts: single ? undefined : parts,
  });

/** A bundle that is put together on the command line. */
export const custom = async (options) =>
  boardBundle({ board: options.board, suffix: '-custom' }, [...own, ...boardEntries(await customPlan(options)), ...common, lowerToEs5()]);

/** What `npm start` simulates. */
const isStart = ({ board, suffix }) => board === 'esp32' && !suffix;

/** What `npm start` needs: the command line, and the bundle of the board and its simulation. */
export const start = [
  {
    input: 'tools/microvfs.ts',
    output: { file: 'dist/tools/microvfs.js', format: 'es' },
    external: [/^node:/, 'cli-progress', 'commander', 'nephele', 'picocolors', 'picomatch', 'quickjs-emscripten', 'sirv'],
    plugins: host,
  },
  ...boardBundles()
    .filter(isStart)
    .map((one) => boardBundle(one)),
  deviceBundle({ ...device, input: 'tools/engines/chip.ts', dir: 'dist/sim', name: 'chip', suffix: '.js' }),
];

/** Where the boards' faces were: files that name the folder still find them. */
const formerFaces = {
  name: 'former-faces',
  generateBundle() {
    for (const board of boards)
      this.emitFile({ type: 'asset', fileName: `boards/${board}/index.js`, source: `export * from '../${board}.js';\n` });
  },
};

const hostPackage = {
  input: faces,
  output: { dir: 'dist/host', format: 'es', preserveModules: true, preserveModulesRoot: '.' },
  external: [/^node:/, 'nephele', 'picomatch'],
  plugins: [...host, declarations(faces, 'dist/host'), formerFaces],
};

export const others = [
  hostPackage,
  ...boardBundles()
    .filter((one) => !isStart(one) && !one.suffix)
    .map((one) => boardBundle(one)),
];

/** What is made when it is asked for: the boards' other bundles, and what tests run in engines. */
export const further = [
  ...boardBundles()
    .filter((one) => one.suffix)
    .map((one) => boardBundle(one)),
  deviceBundle({ ...device, input: 'test/suite/entry.ts', dir: 'dist/test', name: 'suite', suffix: '.js' }),
  ...testRooms.map((name) => deviceBundle({ ...device, input: `test/rooms/${name}.ts`, dir: 'dist/test', name, suffix: '.js' })),
];

/** `rollup -c --configOnly host,esp32`: a part of the build, while working on it. */
const only = (names) => {
  const of = (name) =>
    name === 'start' ? start : [...start, ...others, ...further].filter(({ output }) => [output].flat()[0].dir === `dist/${name}`);
  return names.split(',').flatMap(of);
};

export default (args) => (args.configOnly ? only(args.configOnly) : args.configStart ? start : [...start, ...others]);
