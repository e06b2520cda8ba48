/**
 * What the main module gives to its parts, as a list instead of an object with names: a place in it costs the main module
 * two bytes less than a name, and leaves the shortest names to what is not used across modules.
 */
import { type NodePath, types as t, traverse } from '@babel/core';

/** The property of the list. What changes stays beside it, by accessors. */
const LIST = '_fields';
/** A part gives a variable of its own to what it uses so often. */
const OFTEN = 3;

/** @param files compressed, the main one first */
export function listFields([main, ...parts]: t.File[], link: string): void {
  const given = linkIn(main, link);
  if (!given) return;
  const uses = parts.map((part) => usesIn(part, link));
  const values = new Map<string, t.Expression>();
  const rest: t.ObjectExpression['properties'] = [];
  for (const one of given.properties) {
    if (t.isObjectProperty(one) && t.isIdentifier(one.key) && t.isExpression(one.value)) values.set(one.key.name, one.value);
    else rest.push(one);
  }
  const count = (name: string) => uses.reduce((sum, { fields }) => sum + (fields.get(name)?.length ?? 0), 0);
  const order = [...values.keys()].sort((a, b) => count(b) - count(a));
  given.properties = [
    ...rest,
    t.objectProperty(t.identifier(LIST), t.arrayExpression(order.map((name) => values.get(name) as t.Expression))),
  ];
  for (const { declared, fields } of uses) if (declared) takeFrom(declared, fields, order);
}

/** `open.LINK = function () { return {...}; }` */
function linkIn(file: t.File, link: string): t.ObjectExpression | undefined {
  let found: t.ObjectExpression | undefined;
  t.traverseFast(file, (node) => {
    if (!t.isAssignmentExpression(node) || !t.isMemberExpression(node.left) || !t.isIdentifier(node.left.property, { name: link })) return;
    const first = t.isFunctionExpression(node.right) ? node.right.body.body[0] : undefined;
    if (!t.isReturnStatement(first) || !t.isObjectExpression(first.argument)) throw new Error('no link that is known');
    found = first.argument;
  });
  return found;
}

interface Uses {
  /** `main = face.open.LINK()`; undefined in a part that needs nothing. */
  declared: NodePath<t.VariableDeclarator> | undefined;
  fields: Map<string, NodePath<t.MemberExpression>[]>;
}

function usesIn(file: t.File, link: string): Uses {
  const uses: Uses = { declared: undefined, fields: new Map() };
  traverse(file, {
    VariableDeclarator(path) {
      const { init, id } = path.node;
      if (!t.isCallExpression(init) || !t.isMemberExpression(init.callee) || !t.isIdentifier(init.callee.property, { name: link })) return;
      uses.declared = path;
      for (const { parentPath } of path.scope.getBinding((id as t.Identifier).name)?.referencePaths ?? []) {
        if (!parentPath?.isMemberExpression() || !t.isIdentifier(parentPath.node.property)) throw path.buildCodeFrameError('odd use');
        const { name } = parentPath.node.property;
        uses.fields.set(name, [...(uses.fields.get(name) ?? []), parentPath]);
      }
    },
  });
  return uses;
}

/** The variables of a part for what it uses of the list, and the list's places for the rest. */
function takeFrom(declared: NodePath<t.VariableDeclarator>, fields: Uses['fields'], order: string[]): void {
  const { scope } = declared;
  const list = scope.generateUidIdentifier('list');
  const variables: t.VariableDeclarator[] = [];
  for (const [i, name] of order.entries()) {
    const uses = fields.get(name);
    if (!uses) continue;
    const field = t.memberExpression(t.cloneNode(list), t.numericLiteral(i), true);
    const short = uses.length < OFTEN ? field : scope.generateUidIdentifier(name);
    if (short !== field) variables.push(t.variableDeclarator(short as t.Identifier, field));
    for (const use of uses) use.replaceWith(t.cloneNode(short));
  }
  const all = t.memberExpression(t.cloneNode(declared.node.id as t.Identifier), t.identifier(LIST));
  declared.insertAfter([t.variableDeclarator(list, all), ...variables]);
  scope.crawl();
}
