/**
 * What the modules of a device use of each other: parts take variables of the main module, and functions of parts are called by
 * number and name.
 */
import { type NodePath, types as t, traverse } from '@babel/core';
import { FUNCTION, LINK, nameIn, PART } from './link';
import { shortNames } from './names';

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

/** Marks the functions that a part exports, before their places change. */
export function markExports(part: t.File): void {
  t.traverseFast(part, (node) => {
    if (!t.isMemberExpression(node) || !t.isIdentifier(node.object, { name: 'exports' }) || !t.isIdentifier(node.property)) return;
    node.property.extra = { exported: node.property.name };
  });
}

/**
 * Finds the functions that parts export, and where they are called; puts the numbers of parts where they are told.
 * @param files compressed, the main one first
 * @param order the names of the others
 * @returns what gives the functions short names. To be called when internal properties have theirs, which may be the same
 */
export function nameFunctions(files: t.File[], order: string[]): () => void {
  const found: { name: string; rename: (name: string) => void }[] = [];
  const uses = new Map<string, number>();
  const add = (name: string, rename: (name: string) => void) => {
    found.push({ name, rename });
    uses.set(name, (uses.get(name) ?? 0) + 1);
  };
  files.forEach((file, i) => {
    t.traverseFast(file, (node) => {
      if (t.isIdentifier(node) && i && node.extra?.exported)
        add(nameIn(order[i - 1], String(node.extra.exported)), (name) => (node.name = name));
      else if (!t.isStringLiteral(node)) return;
      else if (node.value.startsWith(FUNCTION)) add(node.value.substring(FUNCTION.length), (name) => (node.value = name));
      else if (node.value.startsWith(PART)) become(node, t.numericLiteral(order.indexOf(node.value.substring(PART.length))));
    });
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

/** Puts what a node is in the place of another. */
export function become(node: t.Node, other: t.Node): void {
  // The text that a printer would take.
  node.extra = undefined;
  Object.assign(node, other);
}
