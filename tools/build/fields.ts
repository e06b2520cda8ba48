/**
 * What the modules of a device use of each other, in as few bytes as can be: functions of parts have short names, and what the
 * main module gives to its parts is a list instead of an object with names. A place in it costs two bytes less than a name, and
 * leaves the shortest names to what is not used across modules.
 */
import { type NodePath, types as t, traverse } from '@babel/core';
import { shortNames } from './names';

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

/**
 * Finds the functions that parts export, and where they are called.
 * @param files compressed, the main one first
 * @param through what the function that calls parts is in the link
 * @param publics names that stay: users know them
 * @returns what gives them short names. To be called when internal properties have theirs, which may be the same
 */
export function nameFunctions(files: t.File[], link: string, through: string, publics: Set<string>): () => void {
  const [main, ...parts] = files;
  const caller = linkIn(main, link)?.properties.find(
    (one): one is t.ObjectProperty => t.isObjectProperty(one) && t.isIdentifier(one.key, { name: through }),
  )?.value;
  if (!t.isIdentifier(caller)) return () => undefined;
  const isCaller = (node: t.Node) =>
    t.isIdentifier(node, { name: caller.name }) || (t.isMemberExpression(node) && t.isIdentifier(node.property, { name: through }));
  const found: { name: string; rename: (name: string) => void }[] = [];
  for (const part of parts)
    t.traverseFast(part, (node) => {
      if (!t.isMemberExpression(node) || !t.isIdentifier(node.object, { name: 'exports' }) || !t.isIdentifier(node.property)) return;
      const { property } = node;
      found.push({ name: property.name, rename: (name) => (property.name = name) });
    });
  const exported = new Set(found.map(({ name }) => name).filter((name) => !publics.has(name)));
  for (const file of files)
    t.traverseFast(file, (node) => {
      if (!t.isCallExpression(node)) return;
      const { callee } = node;
      const isBound = t.isMemberExpression(callee) && isCaller(callee.object);
      if (!isBound && !isCaller(callee)) return;
      // Not the number of the part, nor `this`.
      const name = node.arguments.find((one) => !t.isNumericLiteral(one));
      for (const one of namesIn(name)) found.push({ name: one.value, rename: (short) => (one.value = short) });
    });
  // By the `$` at the beginning devices tell the parts apart.
  const uses = new Map<string, number>();
  for (const { name } of found) if (exported.has(name)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const free = shortNames.filter((name) => !name.includes('$'));
  const names = new Map([...uses].sort((a, b) => b[1] - a[1]).map(([name], i) => [name, (/^\$*/.exec(name)?.[0] ?? '') + free[i]]));
  return () => {
    for (const { name, rename } of found) rename(names.get(name) ?? name);
  };
}

/** The strings that an expression may be: terser makes `f(x ? 'a' : 'b')` of two calls. */
function namesIn(node: t.Node | undefined): t.StringLiteral[] {
  if (t.isStringLiteral(node)) return [node];
  if (t.isConditionalExpression(node)) return [...namesIn(node.consequent), ...namesIn(node.alternate)];
  // Many that are exported as they are called: `exports[name] = onDemand.bind(0, name)`.
  if (t.isIdentifier(node)) return [];
  throw new Error(`a call of a part by ${node?.type}`);
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
