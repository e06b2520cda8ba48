/** What terser is asked to do. */
import { type MinifyOptions, minify } from 'terser';
import { asCode, type Code } from './code';
import { shortNames } from './names';

/**
 * Espruino has no hoisting of functions or of variables across branches, MicroQuickJS puts catch names into the
 * function's scope, and `"ram"` directives mean something on Espruino.
 */
const common: MinifyOptions = { ecma: 5, ie8: true };

/** What was compressed before: some parts are the same on several boards. */
const known = new Map<string, Promise<Code>>();

/** Whatever makes a script smaller, but for names. */
export function compress(code: Code): Promise<Code> {
  const key = JSON.stringify(code);
  const before = known.get(key);
  if (before) return before;
  const result = run(code, {
    ...common,
    toplevel: true,
    mangle: false,
    compress: {
      hoist_funs: true,
      hoist_vars: true,
      inline: 3,
      directives: false,
      pure_getters: true,
      keep_fargs: false,
      unsafe_math: true,
    },
  });
  known.set(key, result);
  return result;
}

/** Without needless characters, the variables of functions with short names. Outermost names stay. */
export function mangle(code: Code): Promise<Code> {
  return run(code, { ...common, compress: false, mangle: { nth_identifier: { get: (n: number) => shortNames[n] } } });
}

async function run({ code, map }: Code, options: MinifyOptions): Promise<Code> {
  const result = await minify(code, map ? { ...options, sourceMap: { content: JSON.stringify(map), asObject: true } } : options);
  return asCode({ code: result.code, map: result.map as object | undefined });
}
