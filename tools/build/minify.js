import { minify } from 'terser';
import { outerNames } from './typescript.js';

/** Constants go where they are used, also across modules; that takes `const`, so it comes before ES5. */
export async function foldConstants(code) {
  const compress = { passes: 3, hoist_funs: true, directives: false, reduce_funcs: false, inline: 0, pure_getters: true };
  return minify(code, { ecma: 2020, module: true, toplevel: true, compress, mangle: false, format: { beautify: true }, sourceMap: true });
}

/**
 * Espruino has no hoisting of functions or of variables across branches, MicroQuickJS puts catch names into the
 * function's scope, and `"ram"` directives mean something on Espruino.
 */
const common = { ecma: 5, ie8: true, toplevel: true };

export async function compress(code) {
  const options = {
    passes: 4,
    hoist_funs: true,
    hoist_vars: true,
    inline: 3,
    directives: false,
    pure_getters: true,
    keep_fargs: false,
    unsafe_math: true,
  };
  return minify(code, { ...common, compress: options, mangle: false, sourceMap: true });
}

/** What begins with `_` is internal. */
const INTERNAL = /^_/;
const PROPERTY = /\.([\w$]+)|([\w$]+):|[gs]et ([\w$]+)\(/g;
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$'];
/** Not `at`, by which the gate would know a method that is not on every engine. */
const NAMES = [...LETTERS, ...LETTERS.flatMap((one) => [...LETTERS, ...'0123456789'].map((two) => one + two))].filter(
  (name) => name !== 'at',
);

/**
 * Gives chunks short names; internal properties have the same in all of them. The shortest go to what is written most;
 * terser would give them by first appearance, and would leave out those of the DOM.
 * @param {{ code: string, map: object }[]} chunks
 * @returns {Promise<{ code: string, map: string }[]>}
 */
export async function mangleTogether(chunks) {
  const plain = [];
  for (const { code, map } of chunks)
    plain.push(await minify(code, { ...common, compress: false, mangle: false, sourceMap: { content: map } }));
  const props = propertyNames(plain.map(({ code }) => code));
  const small = [];
  for (const { code, map } of plain) {
    const mangle = { properties: { regex: INTERNAL }, nth_identifier: { get: (n) => usable[n] } };
    const nameCache = { props: { props: { ...props } }, vars: { props: variableNames(code) } };
    const result = await minify(code, { ...common, compress: false, mangle, nameCache, sourceMap: { content: map } });
    // A name that was not counted could have been given one that is taken.
    if (Object.keys(nameCache.props.props).length !== Object.keys(props).length) throw new Error('internal names that were not counted');
    small.push({ code: functionFirstInFor(result.code), map: result.map });
  }
  return small;
}

const usable = NAMES.filter((name) => !['do', 'if', 'in'].includes(name));

/** Terser's name cache for names with their numbers of uses: the most used take the first of the free ones. */
function byFrequency(uses, free) {
  const names = {};
  [...uses]
    .sort((a, b) => b[1] - a[1])
    .forEach(([name], i) => {
      names['$' + name] = free[i];
    });
  return names;
}

/** Outermost names take single letters from the end, as the locals of functions are named from the beginning. */
function variableNames(source) {
  const { own, foreign } = outerNames(source);
  return byFrequency(
    own,
    [...LETTERS.slice().reverse(), ...usable.slice(LETTERS.length)].filter((name) => !foreign.has(name)),
  );
}

function propertyNames(sources) {
  const uses = new Map();
  const taken = new Set();
  for (const source of sources)
    for (const match of source.matchAll(PROPERTY)) {
      const name = match[1] ?? match[2] ?? match[3];
      if (INTERNAL.test(name)) uses.set(name, (uses.get(name) ?? 0) + 1);
      else taken.add(name);
    }
  return byFrequency(
    uses,
    NAMES.filter((name) => !taken.has(name)),
  );
}

/** Espruino takes a function at the start of a `for` for a declaration, and terser moves calls of such functions there. */
function functionFirstInFor(code) {
  return code.replace(/\bfor\(function\(/g, 'for(!function(');
}
