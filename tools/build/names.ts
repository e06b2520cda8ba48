/**
 * Short names for the module of a device and its parts: for outermost variables, and for internal properties. The shortest go to
 * what is written most.
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
function nameVariables({ occurrences, uses, foreign }: Variables): Map<string, string> {
  const others = new Set(foreign.map(({ name }) => name));
  const names = byFrequency(
    uses,
    outerNames.filter((name) => !others.has(name)),
  );
  // What functions call their own is out of the way of short names, until it gets some.
  for (const { node, outer } of occurrences) node.name = outer ? (names.get(node.name) as string) : '__' + node.name;
  return names;
}

/**
 * Gives outermost variables other names. One walk for all of them: Babel's own renaming walks through the program for each.
 * @param names by those that they have
 */
export function renameOutermost(program: NodePath<t.Program>, names: Map<string, string>): void {
  const { scope } = program;
  program.traverse({
    Identifier(path) {
      const name = names.get(path.node.name);
      if (name !== undefined && isVariable(path) && scopeOf(path).getBinding(path.node.name)?.scope === scope) path.node.name = name;
    },
  });
  const renamed = [...names].map(([before, after]) => [after, scope.bindings[before]] as const);
  for (const before of names.keys()) delete scope.bindings[before];
  for (const [after, binding] of renamed) scope.bindings[after] = binding;
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
