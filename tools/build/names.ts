/**
 * Short names for the modules of a device: for their outermost variables, and for internal properties, which are the same in
 * all modules. The shortest go to what is written most.
 */
import { type NodePath, types as t, traverse } from '@babel/core';

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
 * @param link a property that gets the name that `linkFor` makes of the new names of internal properties
 */
export function nameTogether(files: t.File[], link: string, linkFor: (names: Map<string, string>) => string): void {
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
  names.set(link, linkFor(names));
  for (const { node, name } of properties) node.name = names.get(name) ?? name;
  for (const file of files) nameVariables(file);
}

function byFrequency(uses: Map<string, number>, free: string[]): Map<string, string> {
  return new Map([...uses].sort((a, b) => b[1] - a[1]).map(([name], i) => [name, free[i]]));
}

function nameVariables(file: t.File): void {
  const occurrences: { node: t.Identifier; outer: boolean }[] = [];
  const uses = new Map<string, number>();
  const foreign = new Set<string>();
  traverse(file, {
    Identifier(path) {
      if (!isVariable(path)) return;
      const { name } = path.node;
      const binding = scopeOf(path).getBinding(name);
      if (!binding) {
        foreign.add(name);
        return;
      }
      const outer = binding.scope.path.isProgram();
      if (outer) uses.set(name, (uses.get(name) ?? 0) + 1);
      occurrences.push({ node: path.node, outer });
    },
  });
  const names = byFrequency(
    uses,
    outerNames.filter((name) => !foreign.has(name)),
  );
  // What functions call their own is out of the way of short names, until it gets some.
  for (const { node, outer } of occurrences) node.name = outer ? (names.get(node.name) as string) : '__' + node.name;
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
