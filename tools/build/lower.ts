/** Modern JavaScript without types to ES5, by Babel. */
import { createConfigItem, transformSync } from '@babel/core';
import presetEnv from '@babel/preset-env';
import { plainClasses } from './classes';
import type { Kept } from './kept';
import { lazyRules } from './lazy';

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

export function lower(code: string, file: string): Kept {
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
}
