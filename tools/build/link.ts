/**
 * Makes a chunk of rollup's output, an ES module in ES5 otherwise, the body of a CommonJS module, and links the modules of a
 * device to each other.
 */
import { type NodePath, type ParseResult, types as t, traverse } from '@babel/core';
import { type Code, parse, print } from './code';
import { MOST_ARGUMENTS } from './lazy';
import { MAIN, type Parts } from './parts';

/** The name under which the main chunk exports the function that calls parts. */
export const THROUGH = '__onDemand';

/**
 * The property by which the parts get what they need of the main module. When all modules are there it gets a name that no
 * other build has, as their internal names would not fit. It is one of an exported function, if there is this one, since what
 * the module has itself is shown to users, on Espruino whatever it is.
 */
export const LINK = '$link';
const LINKED = 'open';

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
export function linkChunk(chunk: Code, part: string, linking: Linking): Linked {
  const file = parse(chunk.code, 'module');
  traverse(file, { Program: (path) => linkModule(path, part, linking) });
  return { ...print(file, chunk, {}), file, chunk };
}

export interface Linked extends Code {
  file: ParseResult;
  chunk: Code;
}

/** A linked chunk without `const`, and with a name for the link. */
export function asScript({ file, chunk }: Linked, link: string): Code {
  t.traverseFast(file, (node) => {
    if (t.isVariableDeclaration(node)) node.kind = 'var';
    if (t.isMemberExpression(node) && !node.computed && t.isIdentifier(node.property, { name: LINK })) node.property.name = link;
  });
  return print(file, chunk, {});
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

/** A chunk while it is linked. */
interface Chunk {
  program: NodePath<t.Program>;
  linking: Linking;
  part: string;
  isPart: boolean;
  exported: Exported[];
  /** What imported names stand for: functions of parts, and names of the main chunk. */
  called: Map<string, Called>;
  read: Map<string, string>;
  /** The function that calls parts, in the main chunk. */
  caller: string;
  /** The variables for the main module and for what its link gives. */
  face: t.Identifier;
  main: t.Identifier;
}

function linkModule(program: NodePath<t.Program>, part: string, linking: Linking): void {
  const chunk: Chunk = {
    program,
    linking,
    part,
    isPart: part !== MAIN,
    exported: [],
    called: new Map(),
    read: new Map(),
    caller: '',
    face: program.scope.generateUidIdentifier('face'),
    main: program.scope.generateUidIdentifier('main'),
  };
  for (const statement of program.get('body')) {
    if (statement.isImportDeclaration()) noteImports(chunk, statement.node);
    else if (statement.isExportNamedDeclaration()) noteExports(chunk, statement.node);
  }
  // `export const mkdir = tree.mkdir`
  for (const one of chunk.exported) {
    const init = one.local && initOf(program.scope.getBinding(one.local));
    if (init && t.isIdentifier(init)) one.called ??= chunk.called.get(init.name);
  }
  replaceImported(chunk);
  if (chunk.isPart) checkStateless(program);
  const body = bodyOf(chunk);
  program.node.body = [...body, ...exportsOf(chunk)];
  program.skip();
}

function partNamed({ linking }: Chunk, source: string): string {
  const found = linking.partOfChunk.get(source);
  if (!found) throw new Error(`import from ${source}`);
  return found;
}

function noteImports(chunk: Chunk, { source, specifiers }: t.ImportDeclaration): void {
  const from = partNamed(chunk, source.value);
  for (const one of specifiers) {
    if (!t.isImportSpecifier(one)) throw new Error(`import of everything from ${from}`);
    const name = nameOf(one.imported);
    if (from === MAIN) chunk.read.set(one.local.name, name);
    else chunk.called.set(one.local.name, { part: from, name });
  }
}

function noteExports(chunk: Chunk, { source, specifiers }: t.ExportNamedDeclaration): void {
  const from = source ? partNamed(chunk, source.value) : undefined;
  for (const one of specifiers) {
    if (!t.isExportSpecifier(one)) throw new Error('export of a namespace');
    if (from === MAIN) throw new Error(`${one.local.name} of the main module is exported by a part`);
    const name = nameOf(one.exported);
    const local = from ? undefined : one.local.name;
    if (name === THROUGH && local) chunk.caller = local;
    chunk.exported.push({ name, local, called: from ? { part: from, name: one.local.name } : undefined });
  }
}

/** A name of the main chunk, in a part. */
function field({ linking, face, main }: Chunk, name: string): t.Expression {
  const constant = linking.constants.get(name);
  if (constant !== undefined) return t.valueToNode(constant);
  return linking.publics.has(name)
    ? t.memberExpression(t.cloneNode(face), t.identifier(name))
    : t.memberExpression(t.cloneNode(main), linkName(name));
}

/** The function that calls parts. */
function through(chunk: Chunk): t.Expression {
  return chunk.isPart ? field(chunk, THROUGH) : t.identifier(chunk.caller);
}

/** Its first arguments. */
function lead({ linking }: Chunk, { part, name }: Called): t.Expression[] {
  if (!linking.parts) throw new Error(`${name} is in a part`);
  return linking.parts.call(part, name, linking.order).map((value) => t.valueToNode(value));
}

/** A function as a value, with its first arguments: one small object, no function of its own. */
function bind(chunk: Chunk, leading: t.Expression[]): t.Expression {
  return t.callExpression(t.memberExpression(through(chunk), t.identifier('bind')), [t.numericLiteral(0), ...leading]);
}

function replaceImported(chunk: Chunk): void {
  const { program, called, read } = chunk;
  for (const [local, target] of called) {
    for (const use of usesOf(program.scope.getBinding(local))) {
      const call = use.parentPath;
      if (call?.isNewExpression() && call.node.callee === use.node)
        throw use.buildCodeFrameError(`${target.name}: of a part that is apart only functions can be used`);
      if (call?.isCallExpression() && call.node.callee === use.node) {
        if (call.node.arguments.length > MOST_ARGUMENTS)
          throw use.buildCodeFrameError(`${target.name}: a call of a part that is apart has at most ${MOST_ARGUMENTS} arguments`);
        call.node.callee = through(chunk);
        call.node.arguments.unshift(...lead(chunk, target));
      } else replaceUse(use, bind(chunk, lead(chunk, target)));
    }
  }
  for (const [local, name] of read) for (const use of usesOf(program.scope.getBinding(local))) replaceUse(use, field(chunk, name));
  program.traverse({
    ReferencedIdentifier(use) {
      if (use.node.name === 'undefined') use.replaceWith(t.unaryExpression('void', t.numericLiteral(0)));
    },
  });
}

/** What the chunk does, without imports and exports. */
function bodyOf(chunk: Chunk): t.Statement[] {
  const { scope, node } = chunk.program;
  const handedOn = new Set(chunk.exported.filter((one) => one.called && one.local).map((one) => one.local));
  const body: t.Statement[] = [];
  if (chunk.isPart && (chunk.read.size || chunk.called.size)) body.push(requireMain(chunk));
  const isNeeded = ({ id }: t.VariableDeclarator) =>
    !(t.isIdentifier(id) && handedOn.has(id.name) && usesOf(scope.getBinding(id.name)).length === 0);
  const isConstant = ({ id, init }: t.VariableDeclarator) => t.isIdentifier(id) && init && scope.getBinding(id.name)?.constant;
  for (const statement of node.body) {
    if (t.isImportDeclaration(statement) || t.isExportNamedDeclaration(statement)) continue;
    if (t.isVariableDeclaration(statement)) {
      statement.declarations = statement.declarations.filter(isNeeded);
      if (!statement.declarations.length) continue;
      if (statement.declarations.every(isConstant)) statement.kind = 'const';
    }
    body.push(statement);
  }
  return body;
}

/** The exports as statements, and what the main chunk gives to parts. */
function exportsOf(chunk: Chunk): t.Statement[] {
  const { program, linking, isPart } = chunk;
  const isPublic = (name: string) => name !== THROUGH && (isPart || linking.publics.has(name));
  const groups = groupsOf(
    chunk,
    chunk.exported.filter((one) => one.called?.name === one.name && isPublic(one.name)),
  );
  const statements = groups.map((group) => exportGroup(chunk, group));
  const inGroup = new Set(groups.flatMap(({ names }) => names));
  const linked: (t.ObjectProperty | t.ObjectMethod)[] = [];
  for (const one of chunk.exported) {
    if (inGroup.has(one.name)) continue;
    const value = expressionOf(chunk, one);
    if (isPublic(one.name)) {
      const name = isPart && linking.parts ? linking.parts.exported(chunk.part, one.name) : one.name;
      statements.push(assign(t.memberExpression(t.identifier('exports'), t.identifier(name)), value));
    } else if (!isPart && linking.fields.has(one.name)) {
      const binding = one.local ? program.scope.getBinding(one.local) : undefined;
      const constant = numberOf(binding);
      if (constant !== undefined) linking.constants.set(one.name, constant);
      else linked.push(linkProperty(one.name, value, !!binding && (!binding.constant || !hasValue(binding))));
    }
  }
  if (linked.length) {
    // exports.open.LINK = function () { return { _name: name, get _variable() { return variable; } }; };
    const give = t.functionExpression(null, [], t.blockStatement([t.returnStatement(t.objectExpression(linked))]));
    statements.push(assign(linkOf(chunk, t.identifier('exports')), give));
  }
  return statements;
}

function expressionOf(chunk: Chunk, { name, local, called }: Exported): t.Expression {
  const target = called ?? (local === undefined ? undefined : chunk.called.get(local));
  if (target) return bind(chunk, lead(chunk, target));
  if (local === undefined) throw new Error(`${name} is nowhere`);
  const read = chunk.read.get(local);
  if (read) return field(chunk, read);
  if (chunk.isPart && !chunk.program.scope.getBinding(local)?.path.isFunctionDeclaration())
    throw new Error(`${name}: of a part that is apart only functions can be used elsewhere`);
  return t.identifier(local);
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

interface Group {
  leading: t.Expression[];
  names: string[];
}

/** Many of one part that have the names of users: one list for all of them. */
function groupsOf(chunk: Chunk, exported: Exported[]): Group[] {
  const byPart = new Map<string, { called: Called; names: string[] }>();
  for (const { name, called } of exported) {
    const last = called && lead(chunk, called).pop();
    // The name is to be the last of the arguments, so that it can be bound.
    if (!called || !t.isStringLiteral(last) || last.value !== name) continue;
    const group = byPart.get(called.part) ?? { called, names: [] };
    group.names.push(name);
    byPart.set(called.part, group);
  }
  return [...byPart.values()]
    .filter(({ names }) => names.length > 3)
    .map(({ called, names }) => ({ leading: lead(chunk, called).slice(0, -1), names }));
}

/** `'copy walk'.split(' ').forEach(function (name) { exports[name] = onDemand.bind(0, name); })` */
function exportGroup(chunk: Chunk, { leading, names }: Group): t.Statement {
  const name = chunk.program.scope.generateUidIdentifier('name');
  const one = assign(t.memberExpression(t.identifier('exports'), name, true), bind(chunk, [...leading, name]));
  const list = t.callExpression(t.memberExpression(t.stringLiteral(names.join(' ')), t.identifier('split')), [t.stringLiteral(' ')]);
  const each = t.functionExpression(null, [name], t.blockStatement([one]));
  return t.expressionStatement(t.callExpression(t.memberExpression(list, t.identifier('forEach')), [each]));
}

const linkName = (name: string) => t.identifier('_' + name);

/** A variable that is set anew stays live by an accessor. */
function linkProperty(name: string, value: t.Expression, changes: boolean): t.ObjectProperty | t.ObjectMethod {
  if (!changes) return t.objectProperty(linkName(name), value);
  return t.objectMethod('get', linkName(name), [], t.blockStatement([t.returnStatement(value)]));
}

function linkOf({ linking }: Chunk, module: t.Expression): t.MemberExpression {
  const holder = linking.publics.has(LINKED) ? t.memberExpression(module, t.identifier(LINKED)) : module;
  return t.memberExpression(holder, t.identifier(LINK));
}

/** `var face = require('vfs'), main = face.open.LINK();` */
function requireMain(chunk: Chunk): t.Statement {
  const { linking, face, main } = chunk;
  const linked = t.callExpression(linkOf(chunk, t.cloneNode(face)), []);
  return t.variableDeclaration('var', [
    t.variableDeclarator(face, t.callExpression(t.identifier('require'), [t.stringLiteral(linking.main)])),
    t.variableDeclarator(main, linked),
  ]);
}

function assign(target: t.MemberExpression, value: t.Expression): t.Statement {
  return t.expressionStatement(t.assignmentExpression('=', target, value));
}
