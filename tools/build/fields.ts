/**
 * What the modules of a device use of each other: parts take variables of the main module, and functions of parts are called by
 * number and name.
 */
import { type NodePath, types as t, traverse } from '@babel/core';
import { LINK, nameIn, THROUGH } from './link';
import { SHARED, shortNames } from './names';

/**
 * Takes the list of what parts use out of the main module.
 * @param main compressed
 * @returns the outermost variable of it that each name stands for
 */
export function takeShared(main: t.File): Map<string, string> {
  const shared = new Map<string, string>();
  traverse(main, {
    CallExpression(path) {
      if (!t.isIdentifier(path.node.callee, { name: LINK })) return;
      const [given] = path.node.arguments;
      if (!t.isObjectExpression(given)) throw path.buildCodeFrameError('no list that is known');
      const program = path.scope.getProgramParent();
      for (const one of given.properties) {
        if (!t.isObjectProperty(one) || !t.isIdentifier(one.key) || !t.isExpression(one.value)) throw path.buildCodeFrameError('odd list');
        shared.set(one.key.name, t.isIdentifier(one.value) ? one.value.name : declare(program.path as NodePath<t.Program>, one.value));
      }
      path.remove();
      program.crawl();
      path.stop();
    },
  });
  return shared;
}

/** A variable for a value that the minifier has put where it was used. */
function declare(program: NodePath<t.Program>, value: t.Expression): string {
  const id = program.scope.generateUidIdentifier('shared');
  program.node.body.push(t.variableDeclaration('var', [t.variableDeclarator(id, value)]));
  return id.name;
}

/**
 * Finds the functions that parts export, and where they are called.
 * @param files compressed, the main one first
 * @param caller the function of the main module that calls parts
 * @returns what gives them short names. To be called when internal properties have theirs, which may be the same
 */
export function nameFunctions([main, ...parts]: t.File[], caller: string | undefined): () => void {
  const found: { name: string; rename: (name: string) => void }[] = [];
  const uses = new Map<string, number>();
  const add = (name: string, rename: (name: string) => void) => {
    found.push({ name, rename });
    uses.set(name, (uses.get(name) ?? 0) + 1);
  };
  parts.forEach((part, i) => {
    t.traverseFast(part, (node) => {
      if (!t.isMemberExpression(node) || !t.isIdentifier(node.object, { name: 'exports' }) || !t.isIdentifier(node.property)) return;
      const { property } = node;
      add(nameIn(i, property.name), (name) => (property.name = name));
    });
  });
  for (const file of [main, ...parts])
    t.traverseFast(file, (node) => {
      if (!t.isCallExpression(node) || !t.isIdentifier(node.callee, { name: file === main ? caller : SHARED + THROUGH })) return;
      for (const one of namesIn(node.arguments[1])) add(one.value, (name) => (one.value = name));
    });
  // The shortest in each part to what is written most.
  const names = new Map<string, string>();
  const taken = new Map<string, number>();
  for (const [name] of [...uses].sort((a, b) => b[1] - a[1])) {
    const part = name.split(' ')[0];
    const count = taken.get(part) ?? 0;
    taken.set(part, count + 1);
    names.set(name, shortNames[count]);
  }
  return () => {
    for (const { name, rename } of found) rename(names.get(name) as string);
  };
}

/** The strings that an expression may be: terser makes `f(x ? 'a' : 'b')` of two calls. */
function namesIn(node: t.Node | undefined): t.StringLiteral[] {
  if (t.isStringLiteral(node)) return [node];
  if (t.isConditionalExpression(node)) return [...namesIn(node.consequent), ...namesIn(node.alternate)];
  throw new Error(`a call of a part by ${node?.type}`);
}
