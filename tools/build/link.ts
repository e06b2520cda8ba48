/**
 * Makes a chunk of rollup's output, an ES module in ES5 otherwise, the body of a CommonJS module, and links the modules of a
 * device to each other.
 */
import { type NodePath, type PluginObj, types as t, transformAsync, type Visitor } from '@babel/core';
import { asCode, babelOptions, type Code } from './code';
import { MOST_ARGUMENTS } from './lazy';
import { MAIN, type Parts } from './parts';

/** The name under which the main chunk exports the function that calls parts. */
export const THROUGH = '__onDemand';

/**
 * The property of the main module by which the parts get what they need of it. When all modules are there it gets a name
 * that no other build has, as their internal names would not fit.
 */
export const LINK = '$link';

export interface Linking {
  /** The part that a chunk is, by what others import it as. */
  partOfChunk: Map<string, string>;
  /** All parts, in their order. */
  order: string[];
  parts: Parts | undefined;
  /** The name by which the device requires the main module. */
  main: string;
  /** The names that users see; the parts take them as users do. */
  publics: Set<string>;
  /** The names of the main chunk that parts take. */
  fields: Set<string>;
  /** The numbers among these that never change; linking the main chunk fills it. */
  constants: Map<string, number>;
}

/**
 * What is set once is a `const`, and `undefined` is `void 0`, for the minifier's information: `asScript` makes ES5 of it.
 * @param part what the chunk is, `MAIN` or a part; the main chunk is to be linked first
 */
export function linkChunk(chunk: Code, part: string, linking: Linking): Promise<Code> {
  return transformed(chunk, { Program: (path) => linkModule(path, part, linking) });
}

/** A linked chunk without `const`, and with a name for the link. */
export function asScript(linked: Code, link: string): Promise<Code> {
  return transformed(linked, {
    VariableDeclaration({ node }) {
      node.kind = 'var';
    },
    MemberExpression({ node: { property, computed } }) {
      if (!computed && t.isIdentifier(property, { name: LINK })) property.name = link;
    },
  });
}

async function transformed(code: Code, visitor: Visitor): Promise<Code> {
  const options = { ...babelOptions(code), compact: false, plugins: [(): PluginObj => ({ visitor })] };
  return asCode(await transformAsync(code.code, options));
}

interface Exported {
  name: string;
  /** The name inside the chunk; none for what is handed on from another chunk. */
  local: string | undefined;
  /** The function of a part that this is. */
  called: Called | undefined;
}

interface Called {
  part: string;
  name: string;
}

function linkModule(program: NodePath<t.Program>, part: string, linking: Linking): void {
  const { scope } = program;
  const isPart = part !== MAIN;
  const face = scope.generateUidIdentifier('face');
  const main = scope.generateUidIdentifier('main');
  const exported: Exported[] = [];
  /** What stands for imported names. */
  const called = new Map<string, Called>();
  const read = new Map<string, string>();
  /** The function that calls parts, in the main chunk. */
  let caller = '';

  const partNamed = (source: string): string => {
    const found = linking.partOfChunk.get(source);
    if (!found) throw new Error(`import from ${source}`);
    return found;
  };
  const field = (name: string): t.Expression => {
    const constant = linking.constants.get(name);
    if (constant !== undefined) return t.valueToNode(constant);
    return linking.publics.has(name) ? t.memberExpression(t.cloneNode(face), t.identifier(name)) : linkField(main, name);
  };
  const through = () => (isPart ? field(THROUGH) : t.identifier(caller));
  const lead = ({ part: one, name }: Called) => {
    if (!linking.parts) throw new Error(`${name} is in a part`);
    return linking.parts.call(one, name, linking.order).map((value) => t.valueToNode(value));
  };
  const asValue = (one: Called) => bind(through(), lead(one));
  const replacement = (local: string): t.Expression | undefined => {
    const target = called.get(local);
    if (target) return asValue(target);
    const name = read.get(local);
    return name ? field(name) : undefined;
  };

  // What comes in and what goes out.
  for (const statement of program.get('body')) {
    if (statement.isImportDeclaration()) {
      const from = partNamed(statement.node.source.value);
      for (const one of statement.node.specifiers) {
        if (!t.isImportSpecifier(one)) throw new Error(`import of everything from ${from}`);
        const name = nameOf(one.imported);
        if (from === MAIN) read.set(one.local.name, name);
        else called.set(one.local.name, { part: from, name });
      }
    } else if (statement.isExportNamedDeclaration()) {
      const source = statement.node.source;
      for (const one of statement.node.specifiers) {
        if (!t.isExportSpecifier(one)) throw new Error('export of a namespace');
        const from = source ? partNamed(source.value) : undefined;
        if (from === MAIN) throw new Error(`${one.local.name} of the main module is exported by a part`);
        const name = nameOf(one.exported);
        const local = from ? undefined : one.local.name;
        if (name === THROUGH && local) caller = local;
        exported.push({ name, local, called: from ? { part: from, name: one.local.name } : undefined });
      }
    }
  }
  // `export const mkdir = tree.mkdir`
  for (const one of exported) {
    const init = one.local && initOf(scope.getBinding(one.local));
    if (init && t.isIdentifier(init) && called.has(init.name)) one.called = called.get(init.name);
  }

  for (const [local, target] of called) {
    for (const use of usesOf(scope.getBinding(local))) {
      const call = use.parentPath;
      if (call?.isNewExpression() && call.node.callee === use.node)
        throw use.buildCodeFrameError(`${target.name}: of a part that is apart only functions can be used`);
      if (call?.isCallExpression() && call.node.callee === use.node) {
        if (call.node.arguments.length > MOST_ARGUMENTS)
          throw use.buildCodeFrameError(`${target.name}: a call of a part that is apart has at most ${MOST_ARGUMENTS} arguments`);
        call.node.callee = through();
        call.node.arguments.unshift(...lead(target));
      } else replaceUse(use, asValue(target));
    }
  }
  for (const [local, name] of read) for (const use of usesOf(scope.getBinding(local))) replaceUse(use, field(name));

  program.traverse({
    ReferencedIdentifier(use) {
      if (use.node.name === 'undefined') use.replaceWith(t.unaryExpression('void', t.numericLiteral(0)));
    },
  });

  // The body, with its exports as statements at the end.
  if (isPart) checkStateless(program);
  const handedOn = new Set(exported.filter((one) => one.called && one.local).map((one) => one.local));
  const body: t.Statement[] = [];
  if (isPart && (read.size || called.size)) body.push(requireMain(face, main, linking));
  for (const statement of program.node.body) {
    if (t.isImportDeclaration(statement) || t.isExportNamedDeclaration(statement)) continue;
    if (t.isVariableDeclaration(statement)) {
      const left = statement.declarations.filter(
        (one) => !(t.isIdentifier(one.id) && handedOn.has(one.id.name) && usesOf(scope.getBinding(one.id.name)).length === 0),
      );
      if (!left.length) continue;
      statement.declarations = left;
      if (left.every((one) => t.isIdentifier(one.id) && one.init && scope.getBinding(one.id.name)?.constant)) statement.kind = 'const';
    }
    body.push(statement);
  }

  const publicName = (name: string) => name !== THROUGH && (isPart || linking.publics.has(name));
  const listed = groupsOf(
    exported.filter((one) => one.called && one.called.name === one.name && publicName(one.name)),
    lead,
  );
  for (const { leading, names } of listed) body.push(exportGroup(program, names, through(), leading));
  const inGroup = new Set(listed.flatMap(({ names }) => names));
  const linked: (t.ObjectProperty | t.ObjectMethod)[] = [];
  for (const one of exported) {
    if (inGroup.has(one.name)) continue;
    const binding = one.local ? scope.getBinding(one.local) : undefined;
    if (isPart && !one.called && !read.has(one.local ?? '') && !binding?.path.isFunctionDeclaration())
      throw new Error(`${one.name}: of a part that is apart only functions can be used elsewhere`);
    const value = one.called ? asValue(one.called) : (replacement(one.local ?? '') ?? t.identifier(one.local ?? ''));
    if (publicName(one.name)) {
      const name = isPart && linking.parts ? linking.parts.exported(part, one.name) : one.name;
      body.push(assign(t.memberExpression(t.identifier('exports'), t.identifier(name)), value));
      continue;
    }
    if (isPart || !linking.fields.has(one.name)) continue;
    const constant = numberOf(binding);
    if (constant !== undefined) linking.constants.set(one.name, constant);
    else linked.push(linkProperty(one.name, value, !!binding && (!binding.constant || !hasValue(binding))));
  }
  if (linked.length) {
    // exports.LINK = function () { return { _name: name, get _variable() { return variable; } }; };
    const give = t.functionExpression(null, [], t.blockStatement([t.returnStatement(t.objectExpression(linked))]));
    body.push(assign(t.memberExpression(t.identifier('exports'), t.identifier(LINK)), give));
  }
  program.node.body = body;
  program.skip();
}

type Binding = ReturnType<NodePath['scope']['getBinding']>;

const nameOf = (node: t.Identifier | t.StringLiteral) => (t.isIdentifier(node) ? node.name : node.value);

function usesOf(binding: Binding): NodePath[] {
  return (binding?.referencePaths ?? []).filter((use) => !use.parentPath?.isExportSpecifier() && !use.isExportDeclaration());
}

function replaceUse(use: NodePath, value: t.Expression): void {
  if (use.parentPath?.isObjectProperty()) use.parentPath.node.shorthand = false;
  use.replaceWith(value);
}

function initOf(binding: Binding): t.Expression | null | undefined {
  return binding?.constant && binding.path.isVariableDeclarator() ? binding.path.node.init : undefined;
}

/** A function, or a variable that has its value where it is declared. */
function hasValue(binding: Binding): boolean {
  return !binding?.path.isVariableDeclarator() || !!binding.path.node.init;
}

/** The number that a variable always is. */
function numberOf(binding: Binding): number | undefined {
  if (!binding?.constant || !binding.path.isVariableDeclarator()) return undefined;
  const init = binding.path.get('init') as NodePath<t.Expression | null | undefined>;
  const { confident, value } = init.node ? init.evaluate() : { confident: false, value: undefined };
  return confident && typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function checkStateless(program: NodePath<t.Program>): void {
  for (const statement of program.get('body')) {
    if (!statement.isVariableDeclaration()) continue;
    for (const one of statement.node.declarations) {
      const binding = t.isIdentifier(one.id) ? program.scope.getBinding(one.id.name) : undefined;
      if (!one.init || !binding?.constant)
        throw statement.buildCodeFrameError('a part that is apart is loaded anew each time, so it keeps no state');
    }
  }
}

/** Many of one part that have the names of users: one list for all of them. */
function groupsOf(exported: Exported[], lead: (one: Called) => t.Expression[]): { leading: t.Expression[]; names: string[] }[] {
  const byPart = new Map<string, Exported[]>();
  for (const one of exported) {
    const part = one.called?.part ?? '';
    const last = one.called && lead(one.called).pop();
    // The name is to be the last of the arguments, so that it can be bound.
    if (t.isStringLiteral(last) && last.value === one.name) byPart.set(part, [...(byPart.get(part) ?? []), one]);
  }
  return [...byPart.values()]
    .filter((group) => group.length > 3)
    .map((group) => ({ leading: lead(group[0].called as Called).slice(0, -1), names: group.map((one) => one.name) }));
}

/** `'copy walk'.split(' ').forEach(function (name) { exports[name] = onDemand.bind(0, name); })` */
function exportGroup(program: NodePath<t.Program>, names: string[], through: t.Expression, leading: t.Expression[]): t.Statement {
  const name = program.scope.generateUidIdentifier('name');
  const one = assign(t.memberExpression(t.identifier('exports'), name, true), bind(through, [...leading, name]));
  const list = t.callExpression(t.memberExpression(t.stringLiteral(names.join(' ')), t.identifier('split')), [t.stringLiteral(' ')]);
  const each = t.functionExpression(null, [name], t.blockStatement([one]));
  return t.expressionStatement(t.callExpression(t.memberExpression(list, t.identifier('forEach')), [each]));
}

/** A function as a value, with its first arguments: one small object, no function of its own. */
function bind(through: t.Expression, leading: t.Expression[]): t.Expression {
  return t.callExpression(t.memberExpression(through, t.identifier('bind')), [t.numericLiteral(0), ...leading]);
}

const linkName = (name: string) => t.identifier('_' + name);

const linkField = (main: t.Identifier, name: string) => t.memberExpression(t.cloneNode(main), linkName(name));

/** A variable that is set anew stays live by an accessor. */
function linkProperty(name: string, value: t.Expression, changes: boolean): t.ObjectProperty | t.ObjectMethod {
  if (!changes) return t.objectProperty(linkName(name), value);
  return t.objectMethod('get', linkName(name), [], t.blockStatement([t.returnStatement(value)]));
}

/** `var face = require('vfs'), main = face.LINK();` */
function requireMain(face: t.Identifier, main: t.Identifier, { main: name }: Linking): t.Statement {
  const linked = t.callExpression(t.memberExpression(t.cloneNode(face), t.identifier(LINK)), []);
  return t.variableDeclaration('var', [
    t.variableDeclarator(face, t.callExpression(t.identifier('require'), [t.stringLiteral(name)])),
    t.variableDeclarator(main, linked),
  ]);
}

function assign(target: t.MemberExpression, value: t.Expression): t.Statement {
  return t.expressionStatement(t.assignmentExpression('=', target, value));
}
