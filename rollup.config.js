import { existsSync } from 'node:fs';
import { dirname, resolve as join } from 'node:path';
import nodeResolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import typescript from '@rollup/plugin-typescript';
import ts from 'typescript';

// Types are checked by `npm run check`; here they are only taken off.
const plugins = (target, sourceMap) => [
  nodeResolve({ extensions: ['.ts', '.js'] }),
  typescript({
    tsconfig: false,
    noCheck: true,
    target,
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

/**
 * Espruino has neither hoisting nor `Object.freeze`, MicroQuickJS puts catch names into the function's scope, and
 * `"ram"` directives mean something on Espruino.
 */
const minify = terser({
  ecma: 5,
  ie8: true,
  toplevel: true,
  compress: { passes: 3, hoist_funs: true, hoist_vars: true, pure_getters: true, directives: false },
  mangle: { properties: { regex: /^_/ } },
});

/** Espruino takes a function at the start of a `for` for a declaration, and terser moves calls of such functions there. */
const noFunctionFirstInFor = {
  name: 'no-function-first-in-for',
  renderChunk: (code) => ({ code: code.replace(/\bfor\(function\(/g, 'for(!function('), map: null }),
};

/** One ES5 CommonJS body, which runs as a module and in a `(function(exports, require){...})` wrapper. */
const commonjs = (file, minified) => ({
  file,
  format: 'cjs',
  exports: 'named',
  strict: false,
  esModule: false,
  freeze: false,
  externalLiveBindings: false,
  generatedCode: { arrowFunctions: false, constBindings: false },
  // Without a comment in the bundle: a device has to read comments too.
  sourcemap: 'hidden',
  plugins: minified ? [minify, noFunctionFirstInFor] : [],
});

const device = (input, ...output) => ({ input, output, plugins: plugins('es5', true) });

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

const host = ['modules/index.ts', 'boards/esp32/index.ts', 'boards/sim/index.ts'];

export default [
  {
    input: host,
    output: { dir: 'dist/host', format: 'es', preserveModules: true, preserveModulesRoot: '.' },
    external: /^node:/,
    plugins: [...plugins('es2022', false), declarations(host, 'dist/host')],
  },
  {
    input: 'tools/microvfs.ts',
    output: { file: 'dist/tools/microvfs.js', format: 'es' },
    external: [/^node:/, 'commander', 'picocolors', 'quickjs-emscripten'],
    plugins: plugins('es2022', false),
  },
  device('boards/esp32/entry.ts', commonjs('dist/esp32/vfs.js', false), commonjs('dist/esp32/vfs.min.js', true)),
  device('tools/engines/chip.ts', commonjs('dist/sim/chip.js', true)),
  device('test/suite/entry.ts', commonjs('dist/test/suite.js', true)),
];
