// One script in ES5 of src/main.ts and what it imports. `vfs`, and what the firmware has, stay `require`.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

const typescript = {
  name: 'typescript',
  // As TypeScript itself finds them: without an ending.
  resolveId(source, importer) {
    const file = importer && source.startsWith('.') ? resolve(importer, '..', `${source}.ts`) : undefined;
    return file && existsSync(file) ? file : null;
  },
  transform: (code, id) => {
    const compilerOptions = { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.ESNext, ignoreDeprecations: '6.0' };
    return id.endsWith('.ts') ? { code: ts.transpileModule(code, { compilerOptions }).outputText, map: null } : null;
  },
};

export default {
  input: 'src/main.ts',
  output: { file: 'dist/main.js', format: 'cjs', strict: false, esModule: false, interop: 'esModule', exports: 'none' },
  external: (name) => !name.startsWith('.') && !name.startsWith('/') && !/^[A-Za-z]:/.test(name),
  plugins: [typescript],
};
