/**
 * Makes a chunk of rollup's output, an ES module in ES5 otherwise, the body of a CommonJS module, which calls the functions of other
 * chunks through the loader.
 */
import { createHash } from 'node:crypto';
import { type NodePath, types as t } from '@babel/core';
import { callOf } from './code';
import { MOST_ARGUMENTS } from './lazy';
import { SHARED } from './names';
import { MAIN } from './parts';
import { variablesOf } from './variables';

/** What the main chunk exports for its parts besides what they import: the names begin like this. */
const OWN = '__';
/** The function that calls parts, and those by which a part stays loaded. */
export const THROUGH = OWN + 'onDemand';
/** The one that is given the arguments as a list. */
export const GIVEN = OWN + 'withGiven';
export const STAY = OWN + 'stay';
export const LEAVE = OWN + 'leave';

/** A function that is nowhere: the main module calls it with all that its parts use of it, so that the minifier keeps that. */
export const LINK = '$link';

/** Whether users see a name that an entry exports. */
export const isUsers = (name: string) => !name.startsWith(OWN);

export interface Linking {
  /** The part that a chunk is, by what others import it as. */
  partOfChunk: Map<string, string>;
  /** There are parts. */
  hasParts: boolean;
  /** The names that users see. */
  publics: Set<string>;
  /** The names of the main chunk that parts take. */
  fields: Set<string>;
  /** The numbers among these that never change; linking the main chunk fills them. */
  constants: Map<string, number>;
  /** The number of parameters of each function of a part, by `nameIn`. */
  arity: Map<string, number>;
}

/** The number of a part until what is loaded gets one: the same in all bundles, so that what is made of the part is. */
export const markOf = (part: string) => createHash('sha256').update(part).digest().readUInt32BE() >>> 1;

/** The name of a part's function until all have short ones. It tells them apart, whatever the minifier makes of two calls. */
export const nameIn = (mark: number, name: string) => `${mark} ${name}`;

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
  /** The functions that call parts, in the main chunk. */
  caller: string;
  given: string;
}

/** Links one chunk. The main one comes first: it tells the others its constants. */
export function linkModule(program: NodePath<t.Program>, part: string, linking: Linking): void {
  const chunk: Chunk = {
    program,
    linking,
    part,
    isPart: part !== MAIN,
    exported: [],
    called: new Map(),
    read: new Map(),
    caller: '',
    given: '',
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
  if (!chunk.isPart && !linking.hasParts) takeStaying(chunk);
  replaceImported(chunk);
  if (chunk.isPart) checkStateless(program);
  else if (linking.hasParts) checkStaying(chunk);
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
    if (name === GIVEN && local) chunk.given = local;
    chunk.exported.push({ name, local, called: from ? { part: from, name: one.local.name } : undefined });
  }
}

/** A name of the main chunk, in a part. */
function field({ linking }: Chunk, name: string): t.Expression {
  const constant = linking.constants.get(name);
  if (constant !== undefined) return t.valueToNode(constant);
  return t.identifier(SHARED + name);
}

/** The function that calls parts. */
function through(chunk: Chunk): t.Expression {
  return chunk.isPart ? field(chunk, THROUGH) : t.identifier(chunk.caller);
}

/** Its first arguments. */
function lead({ part, name }: Called): t.Expression[] {
  const mark = markOf(part);
  return [t.numericLiteral(mark), t.stringLiteral(nameIn(mark, name))];
}

/**
 * A part's function as a value: one that calls it. On Espruino what `bind` makes takes more. There each parameter is a variable that is
 * always there, so that the main module, where there are parts, hands on what is given as a whole.
 */
function standIn(chunk: Chunk, target: Called): t.Expression {
  const leading = lead(target);
  const count = chunk.linking.arity.get((leading[1] as t.StringLiteral).value) ?? MOST_ARGUMENTS;
  if (count && !chunk.isPart) {
    const call = t.callExpression(t.identifier(chunk.given), [...leading, t.identifier('arguments')]);
    return t.functionExpression(null, [], t.blockStatement([t.returnStatement(call)]));
  }
  const parameters = [...'abcd'].slice(0, count).map((name) => t.identifier(name));
  const call = t.callExpression(through(chunk), [...leading, ...parameters.map((one) => t.cloneNode(one))]);
  return t.functionExpression(null, parameters, t.blockStatement([t.returnStatement(call)]));
}

function replaceImported(chunk: Chunk): void {
  const { program, called, read } = chunk;
  for (const [local, target] of called) {
    for (const use of usesOf(program.scope.getBinding(local))) {
      const made = use.parentPath;
      if (made?.isNewExpression() && made.node.callee === use.node)
        throw use.buildCodeFrameError(`${target.name}: of a part that is apart only functions can be used`);
      const call = callOf(use);
      if (call) {
        if (call.node.arguments.length > MOST_ARGUMENTS)
          throw use.buildCodeFrameError(`${target.name}: a call of a part that is apart has at most ${MOST_ARGUMENTS} arguments`);
        call.node.callee = through(chunk);
        call.node.arguments.unshift(...lead(target));
      } else replaceUse(use, standIn(chunk, target));
    }
  }
  for (const [local, name] of read)
    for (const use of usesOf(program.scope.getBinding(local))) {
      if (name === STAY || name === LEAVE) tellPart(chunk, use, name);
      replaceUse(use, field(chunk, name));
    }
  for (const use of variablesOf(program.node).free.get('undefined') ?? [])
    Object.assign(use, t.unaryExpression('void', t.numericLiteral(0)));
}

/** `stay()` and `leave()` are told which part calls. */
function tellPart({ part }: Chunk, use: NodePath, name: string): void {
  const call = callOf(use);
  if (!call) throw use.buildCodeFrameError(`${name} can only be called`);
  call.node.arguments = [t.numericLiteral(markOf(part))];
}

/** What the chunk does, without imports and exports. */
function bodyOf(chunk: Chunk): t.Statement[] {
  const { scope, node } = chunk.program;
  const handedOn = new Set(chunk.exported.filter((one) => one.called && one.local).map((one) => one.local));
  const body: t.Statement[] = [];
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
  const statements: t.Statement[] = [];
  const linked: t.ObjectProperty[] = [];
  for (const one of chunk.exported) {
    if (isPart || linking.publics.has(one.name))
      statements.push(assign(t.memberExpression(t.identifier('exports'), t.identifier(one.name)), expressionOf(chunk, one)));
    if (isPart || !linking.fields.has(one.name)) continue;
    const binding = one.local ? program.scope.getBinding(one.local) : undefined;
    const constant = numberOf(binding);
    if (constant !== undefined) linking.constants.set(one.name, constant);
    else linked.push(t.objectProperty(t.identifier(one.name), expressionOf(chunk, one)));
  }
  if (linked.length) statements.push(t.expressionStatement(t.callExpression(t.identifier(LINK), [t.objectExpression(linked)])));
  return statements;
}

function expressionOf(chunk: Chunk, { name, local, called }: Exported): t.Expression {
  const target = called ?? (local === undefined ? undefined : chunk.called.get(local));
  if (target) return standIn(chunk, target);
  if (local === undefined) throw new Error(`${name} is nowhere`);
  const read = chunk.read.get(local);
  if (read) return field(chunk, read);
  if (chunk.isPart && !chunk.program.scope.getBinding(local)?.path.isFunctionDeclaration())
    throw new Error(`${name}: of a part that is apart only functions can be used elsewhere`);
  return t.identifier(local);
}

type Binding = ReturnType<NodePath['scope']['getBinding']>;

export const nameOf = (node: t.Identifier | t.StringLiteral) => (t.isIdentifier(node) ? node.name : node.value);

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

/** The number that a variable always is. */
function numberOf(binding: Binding): number | undefined {
  if (!binding?.constant || !binding.path.isVariableDeclarator()) return undefined;
  const init = binding.path.get('init') as NodePath<t.Expression | null | undefined>;
  const { confident, value } = init.node ? init.evaluate() : { confident: false, value: undefined };
  return confident && typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Where the main chunk uses the functions by which a part stays loaded. */
function usesOfStaying({ exported, program }: Chunk): NodePath[] {
  const locals = exported.flatMap(({ name, local }) => (local && (name === STAY || name === LEAVE) ? [local] : []));
  return locals.flatMap((local) => usesOf(program.scope.getBinding(local)));
}

/** Where everything is in one file, nothing has to ask to stay. */
function takeStaying(chunk: Chunk): void {
  for (const use of usesOfStaying(chunk)) callOf(use)?.replaceWith(t.unaryExpression('void', t.numericLiteral(0)));
}

/** What stays loaded anyway cannot stay for a part. */
function checkStaying(chunk: Chunk): void {
  for (const use of usesOfStaying(chunk)) {
    // What loads parts says which it means.
    if (callOf(use)?.node.arguments.length) continue;
    throw use.buildCodeFrameError(`${use.toString()}() in a file that several parts use, or none: only a part can stay`);
  }
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

function assign(target: t.MemberExpression, value: t.Expression): t.Statement {
  return t.expressionStatement(t.assignmentExpression('=', target, value));
}
