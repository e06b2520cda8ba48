/**
 * Short names for the modules of a device: for their outermost variables, and for internal properties, which are the same in
 * all modules. The shortest go to what is written most.
 */
import { type NodePath, types as t, traverse } from '@babel/core';

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
 * Changes the names in the files.
 * @param files the main one first
 * @param shared the variables of the main one that stand for what its parts use, by the names there
 * @returns what was found for internal properties; and for each part the variables of the main one that it uses, most used first
 */
export function nameTogether(files: t.File[], shared: Map<string, string>): { properties: Map<string, string>; used: string[][] } {
  const uses = new Map<string, number>();
  const taken = new Set<string>();
  const properties: { node: t.Identifier; name: string }[] = [];
  for (const file of files)
    t.traverseFast(file, (node) => {
      const key = t.isMemberExpression(node) ? node.property : t.isObjectMember(node) ? node.key : undefined;
      if (!key || !t.isIdentifier(key) || (t.isMemberExpression(node) || t.isObjectMember(node) ? node.computed : true)) return;
      properties.push({ node: key, name: key.name });
      if (isInternal(key.name)) uses.set(key.name, (uses.get(key.name) ?? 0) + 1);
      else taken.add(key.name);
    });
  const names = byFrequency(
    uses,
    propertyNames.filter((name) => !taken.has(name)),
  );
  for (const { node, name } of properties) node.name = names.get(name) ?? name;

  const [main, ...parts] = files.map(variablesOf);
  const ofMain = (name: string) => shared.get(name.substring(SHARED.length)) as string;
  const isShared = ({ name }: t.Identifier) => name.startsWith(SHARED);
  for (const { foreign } of parts)
    for (const node of foreign.filter(isShared)) main.uses.set(ofMain(node.name), (main.uses.get(ofMain(node.name)) ?? 0) + 1);
  const outer = nameVariables(main, []);
  const used = parts.map((part) => {
    const nodes = part.foreign.filter(isShared);
    const counts = new Map<string, number>();
    for (const node of nodes) {
      node.name = outer.get(ofMain(node.name)) as string;
      counts.set(node.name, (counts.get(node.name) ?? 0) + 1);
    }
    const list = [...counts.keys()].sort((a, b) => (counts.get(b) as number) - (counts.get(a) as number));
    nameVariables(part, list);
    return list;
  });
  return { properties: names, used };
}

function byFrequency(uses: Map<string, number>, free: string[]): Map<string, string> {
  return new Map([...uses].sort((a, b) => b[1] - a[1]).map(([name], i) => [name, free[i]]));
}

interface Variables {
  occurrences: { node: t.Identifier; outer: boolean }[];
  /** Of outermost variables. */
  uses: Map<string, number>;
  /** Names of nothing in the file. */
  foreign: t.Identifier[];
}

function variablesOf(file: t.File): Variables {
  const found: Variables = { occurrences: [], uses: new Map(), foreign: [] };
  traverse(file, {
    Identifier(path) {
      if (!isVariable(path)) return;
      const { name } = path.node;
      const binding = scopeOf(path).getBinding(name);
      if (!binding) {
        found.foreign.push(path.node);
        return;
      }
      const outer = binding.scope.path.isProgram();
      if (outer) found.uses.set(name, (found.uses.get(name) ?? 0) + 1);
      found.occurrences.push({ node: path.node, outer });
    },
  });
  return found;
}

/** @returns the new names of outermost variables */
function nameVariables({ occurrences, uses, foreign }: Variables, taken: string[]): Map<string, string> {
  const others = new Set([...foreign.map(({ name }) => name), ...taken]);
  const names = byFrequency(
    uses,
    outerNames.filter((name) => !others.has(name)),
  );
  // What functions call their own is out of the way of short names, until it gets some.
  for (const { node, outer } of occurrences) node.name = outer ? (names.get(node.name) as string) : '__' + node.name;
  return names;
}

function isVariable(path: NodePath<t.Identifier>): boolean {
  const { parent, node } = path;
  if (t.isMemberExpression(parent)) return parent.object === node || parent.computed;
  if (t.isObjectMember(parent)) return parent.key !== node || parent.computed;
  return true;
}

/** A declared function's name belongs to what is around it. */
function scopeOf(path: NodePath<t.Identifier>): NodePath['scope'] {
  const isOwnName = path.parentPath.isFunctionDeclaration() && path.key === 'id';
  return isOwnName ? path.scope.parent : path.scope;
}
