/**
 * Short names for the module of a device and its parts: for outermost variables, and for internal properties. The shortest go to
 * what is written most.
 */
import { types as t } from '@babel/core';
import { type Variables, variablesOf } from './variables';

/** With this before its name a variable of the main module stands in a part. */
export const SHARED = '$main_';

/** What begins with `_` is internal. */
const isInternal = (name: string) => name[0] === '_';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$'];
const PAIRS = LETTERS.flatMap((one) => [...LETTERS, ...'0123456789'].map((two) => one + two));
/** Not `at`, by which the gate would know a method that is not on every engine. */
const propertyNames = [...LETTERS, ...PAIRS].filter((name) => name !== 'at');

/** What a variable can be called, in the order in which terser hands the names out in each function. */
export const shortNames = propertyNames.filter((name) => !['do', 'if', 'in'].includes(name));

/** The names of outermost variables: single letters from the end, as those of functions are named from the beginning. */
const outerNames = [...LETTERS.slice().reverse(), ...shortNames.slice(LETTERS.length)];

/**
 * Changes the names in a file.
 * @returns what was found for internal properties, and for outermost variables
 */
export function nameTogether(file: t.File): { properties: Map<string, string>; variables: Map<string, string> } {
  const uses = new Map<string, number>();
  const taken = new Set<string>();
  const found: { node: t.Identifier; name: string }[] = [];
  t.traverseFast(file, (node) => {
    if (!(t.isMemberExpression(node) || t.isObjectMember(node)) || node.computed) return;
    const key = t.isMemberExpression(node) ? node.property : node.key;
    if (!t.isIdentifier(key)) return;
    found.push({ node: key, name: key.name });
    if (isInternal(key.name)) uses.set(key.name, (uses.get(key.name) ?? 0) + 1);
    else taken.add(key.name);
  });
  const properties = byFrequency(
    uses,
    propertyNames.filter((name) => !taken.has(name)),
  );
  for (const { node, name } of found) node.name = properties.get(name) ?? name;
  return { properties, variables: nameVariables(variablesOf(file)) };
}

function byFrequency(uses: Map<string, number>, free: string[]): Map<string, string> {
  return new Map([...uses].sort((a, b) => b[1] - a[1]).map(([name], i) => [name, free[i]]));
}

/** @returns the new names of outermost variables */
function nameVariables({ outermost, inner, free }: Variables): Map<string, string> {
  const names = byFrequency(
    new Map([...outermost].map(([name, places]) => [name, places.length])),
    outerNames.filter((name) => !free.has(name)),
  );
  for (const [name, places] of outermost) for (const one of places) one.name = names.get(name) as string;
  // What functions call their own is out of the way of short names, until it gets some.
  for (const places of inner) for (const one of places) one.name = '__' + one.name;
  return names;
}
