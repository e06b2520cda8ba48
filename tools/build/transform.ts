/**
 * What is done to each source file before rollup links it: types off and, for devices, modern JavaScript to ES5. A file is
 * the same in whatever bundle it goes into, so each is transformed once in a run.
 */
import { createConfigItem, transformSync } from '@babel/core';
import presetEnv from '@babel/preset-env';
import { transformSync as transformWithEsbuild } from 'esbuild';
import type { Plugin } from 'rollup';
import ts from 'typescript';
import { plainClasses } from './classes';
import { lazyRules } from './lazy';

interface Transformed {
  code: string;
  map: string;
}

type Transform = (code: string, file: string) => Transformed;

/** The results of a transform by file; the text is kept to notice a change while watching. */
function remembered(transform: Transform): Transform {
  const known = new Map<string, Transformed & { from: string }>();
  return (code, file) => {
    const before = known.get(file);
    if (before?.from === code) return before;
    const result = { ...transform(code, file), from: code };
    known.set(file, result);
    return result;
  };
}

/** Types are checked by `npm run check`; here they are only taken off. */
const strip = remembered((code, file) => {
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
const stripForNode = remembered((code, file) =>
  transformWithEsbuild(code, {
    loader: 'ts',
    sourcefile: file,
    target: 'node20',
    sourcemap: 'external',
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, verbatimModuleSyntax: false } },
  }),
);

// Made once: Babel sets up plugins anew for each file otherwise.
const plugins = [createConfigItem(lazyRules), createConfigItem(plainClasses)];
const presets = [
  createConfigItem([
    presetEnv,
    {
      targets: 'ie 11',
      modules: false,
      // Functions need no names, `typeof` no help, and what else is here is not in the source.
      exclude: [
        'transform-async-to-generator',
        'transform-function-name',
        'transform-regenerator',
        'transform-typeof-symbol',
        'transform-unicode-regex',
      ],
    },
  ]),
];

/**
 * The source is restricted (see CONTRIBUTING.md), so the shortest translations are right: what iterates are arrays, what is
 * put into templates are strings and numbers. What would need a helper is not translated, and the gate finds it.
 */
const lower = remembered((code, file) => {
  const result = transformSync(code, {
    filename: file,
    babelrc: false,
    configFile: false,
    sourceMaps: true,
    assumptions: {
      ignoreFunctionLength: true,
      ignoreToPrimitiveHint: true,
      iterableIsArray: true,
      noDocumentAll: true,
      pureGetters: true,
      setComputedProperties: true,
      setSpreadProperties: true,
    },
    plugins,
    presets,
  });
  return { code: result?.code ?? '', map: JSON.stringify(result?.map) };
});

/** A rollup plugin that takes the types off. @param forNode what is made runs in Node */
export function stripTypes(forNode = false): Plugin {
  return { name: 'strip-types', transform: (code, id) => (id.endsWith('.ts') ? (forNode ? stripForNode : strip)(code, id) : null) };
}

/** A rollup plugin that makes ES5 modules, with `import` and `export`, of modern ones without types. */
export function lowerToEs5(): Plugin {
  return { name: 'lower-to-es5', transform: (code, id) => lower(code, id) };
}
