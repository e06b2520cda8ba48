/**
 * What is done to each source file before rollup links it: types off and, for devices, modern JavaScript to ES5. A file is
 * the same in whatever bundle it goes into, so each is transformed once.
 */
import { transformSync as transformWithEsbuild } from 'esbuild';
import type { Plugin } from 'rollup';
import { typescript } from '../typescript';
import { type Kept, kept } from './kept';

/** Types are checked by `npm run check`; here they are only taken off. */
const strip = kept('strip', async (code, file) => {
  const ts = typescript();
  const { outputText, sourceMapText } = ts.transpileModule(code, {
    fileName: file,
    compilerOptions: {
      // The last one in which static properties are assignments after the class.
      target: ts.ScriptTarget.ES2021,
      module: ts.ModuleKind.ESNext,
      useDefineForClassFields: false,
      removeComments: false,
      sourceMap: true,
      inlineSources: true,
    },
  });
  // TypeScript ends the file with a comment that names the map.
  return { code: outputText.substring(0, outputText.lastIndexOf('//# sourceMappingURL=')), map: sourceMapText ?? '' };
});

/** The same for Node, in a tenth of the time: it makes other classes of those with static properties, which devices have no words for. */
const stripForNode = (code: string, file: string): Kept =>
  transformWithEsbuild(code, {
    loader: 'ts',
    sourcefile: file,
    target: 'node20',
    sourcemap: 'external',
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, verbatimModuleSyntax: false } },
  });

/**
 * The source is restricted (see CONTRIBUTING.md), so the shortest translations are right: what iterates are arrays, what is
 * put into templates are strings and numbers. What would need a helper is not translated, and the gate finds it.
 */
const lower = kept('lower', async (code, file) => (await import('./lower')).lower(code, file));

/** A rollup plugin that takes the types off. @param forNode what is made runs in Node */
export function stripTypes(forNode = false): Plugin {
  return { name: 'strip-types', transform: (code, id) => (id.endsWith('.ts') ? (forNode ? stripForNode : strip)(code, id) : null) };
}

/** A rollup plugin that makes ES5 modules, with `import` and `export`, of modern ones without types. */
export function lowerToEs5(): Plugin {
  return { name: 'lower-to-es5', transform: (code, id) => lower(code, id) };
}
