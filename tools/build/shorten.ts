/**
 * What a minifier does not do because engines with a compiler have no use for it: short names for what is written often.
 * They and the variables used most come first in the module's scope, since Espruino looks names up one by one in the
 * order of definition: all in all a tenth faster there.
 */
import { types as t } from '@babel/core';
import { newNames, type Variables, variablesOf } from './variables';

const GLOBALS = ['Math', 'Uint8Array', 'Int32Array', 'Object', 'Array', 'String', 'Error', 'TypeError', 'parseInt'];
/** Functions of those that do not look at `this`. */
const STATICS = ['Math.min', 'Math.max', 'Math.floor', 'Math.abs', 'Object.create', 'Object.keys', 'Array.isArray', 'String.fromCharCode'];
const UNDEFINED = 'void 0';
/** A property is read by a variable, which takes time, and with its value two of Espruino's variables, if that saves so many bytes of code. */
const PROPERTY_GAIN = 60;
/** As is what is no property, in less time. */
const ALIAS_GAIN = 30;
/** A variable that is written so often comes first. */
const OFTEN = 10;
/** `this` gets a name in functions that write it so often. */
const OFTEN_THIS = 5;

/** A place in the tree, which something else can be put into. */
interface Place<T extends t.Node = t.Node> {
  node: T;
  put(other: t.Node): void;
}

/** Changes a compressed script, whose names are not short yet. */
export function shorten(file: t.File): void {
  const { program } = file;
  const variables = variablesOf(file);
  const newName = newNames(variables);
  const found = look(program, variables);
  const first = orderStatements(program, variables);
  const alias = (text: string, value: t.Expression | null) => {
    const name = newName(t.toIdentifier(text));
    first.push(t.variableDeclarator(t.identifier(name), value));
    return name;
  };
  for (const [text, places] of found.aliased) {
    if (places.length * (text.length - 1) <= text.length + 4 + ALIAS_GAIN) continue;
    const name = alias(text, text === UNDEFINED ? null : (t.cloneNode(places[0].node, true) as t.Expression));
    for (const one of places) one.put(t.identifier(name));
  }
  // `.length` against `[x]`, and `x='length',`.
  for (const [text, nodes] of found.properties) {
    if (nodes.length * (text.length - 2) - text.length - 5 <= PROPERTY_GAIN) continue;
    const name = alias(text, t.stringLiteral(text));
    for (const node of nodes) {
      node.property = t.identifier(name);
      node.computed = true;
    }
  }
  for (const { node, put } of found.numbers) {
    const shifted = asShift(node);
    if (shifted) put(shifted);
  }
  const self = newName('self');
  for (const [owner, places] of found.selves) nameThis(owner, places, self);
  for (const loop of found.loops) avoidDeclaration(loop);
  if (first.length) program.body.unshift(t.variableDeclaration('var', first));
}

interface Found {
  /** By text, as the next two. */
  aliased: Map<string, Place[]>;
  properties: Map<string, t.MemberExpression[]>;
  numbers: Place<t.NumericLiteral | t.UnaryExpression>[];
  /** Where each function writes `this`. */
  selves: Map<t.Function, Place[]>;
  loops: t.ForStatement[];
}

/** Finds what can be shorter. Functions declare their variables first then. */
function look(program: t.Program, { free }: Variables): Found {
  const found: Found = { aliased: new Map(), properties: new Map(), numbers: [], selves: new Map(), loops: [] };
  const isFree = new Set<t.Node>([...free.values()].flat());
  const add = <K, T>(map: Map<K, T[]>, key: K, value: T) => {
    const list = map.get(key);
    if (list) list.push(value);
    else map.set(key, [value]);
  };
  t.traverse(program, (node, ancestors) => {
    const { node: parent, key, index } = ancestors[ancestors.length - 1] ?? { node: program, key: '' };
    const place = <T extends t.Node>(one: T): Place<T> => ({ node: one, put: (other) => replace(parent, key, index, other) });
    const text = textOf(node, isFree);
    if (text) {
      // `Math.min` is one name, `Math` in it no other.
      if (!STATICS.includes(textOf(parent, isFree) ?? '')) add(found.aliased, text, place(node));
    } else if (t.isMemberExpression(node) && !node.computed && t.isIdentifier(node.property)) {
      if (node.property.name[0] !== '_') add(found.properties, node.property.name, node);
    } else if (isNumber(node)) {
      // Of a negative number not its amount too.
      if (key !== 'key' && !isNumber(parent)) found.numbers.push(place(node));
    } else if (t.isThisExpression(node)) {
      const owner = ancestors
        .map((one) => one.node)
        .filter((one) => t.isFunction(one))
        .pop();
      if (owner) add(found.selves, owner, place(node));
    } else if (t.isForStatement(node)) found.loops.push(node);
    else if (t.isFunction(node)) declareFirst(node);
  });
  return found;
}

function replace(parent: t.Node, key: string, index: number | undefined, node: t.Node): void {
  const fields = parent as unknown as Record<string, t.Node | t.Node[]>;
  const list = fields[key];
  if (index === undefined || !Array.isArray(list)) fields[key] = node;
  else list[index] = node;
}

const isNumber = (node: t.Node): node is t.NumericLiteral | t.UnaryExpression =>
  t.isNumericLiteral(node) || (t.isUnaryExpression(node, { operator: '-' }) && t.isNumericLiteral(node.argument));

/** Functions come before other statements. @returns the variables that come before all */
function orderStatements(program: t.Program, { outermost }: Variables): t.VariableDeclarator[] {
  const early: t.VariableDeclarator[] = [];
  const functions: t.Statement[] = [];
  const rest: t.Statement[] = [];
  // What has no value from the start can be anywhere, so the variables used most come first.
  const isEarly = ({ id, init }: t.VariableDeclarator) =>
    t.isIdentifier(id) && !init && (outermost.get(id.name) as t.Identifier[]).length > OFTEN;
  for (const statement of program.body) {
    if (t.isFunctionDeclaration(statement)) functions.push(statement);
    else if (t.isVariableDeclaration(statement)) {
      early.push(...statement.declarations.filter(isEarly));
      const late = statement.declarations.filter((one) => !isEarly(one));
      const last = rest[rest.length - 1];
      if (late.length && t.isVariableDeclaration(last)) last.declarations.push(...late);
      else if (late.length) rest.push(t.inherits(t.variableDeclaration('var', late), statement));
    } else rest.push(statement);
  }
  program.body = [...functions, ...rest];
  return early;
}

/** `Math.min`, `Uint8Array`, `void 0`, or nothing that could get a short name. */
function textOf(node: t.Node, isFree: Set<t.Node>): string | undefined {
  if (t.isIdentifier(node)) return (node.name === 'exports' || GLOBALS.includes(node.name)) && isFree.has(node) ? node.name : undefined;
  if (t.isUnaryExpression(node, { operator: 'void' })) return t.isNumericLiteral(node.argument, { value: 0 }) ? UNDEFINED : undefined;
  if (!t.isMemberExpression(node) || node.computed || !t.isIdentifier(node.object) || !t.isIdentifier(node.property)) return undefined;
  const text = node.object.name + '.' + node.property.name;
  return STATICS.includes(text) && isFree.has(node.object) ? text : undefined;
}

/** Numbers such as 1073741823, if a shift is shorter. */
function asShift(node: t.NumericLiteral | t.UnaryExpression): t.Expression | undefined {
  const value = t.isNumericLiteral(node) ? node.value : -(node.argument as t.NumericLiteral).value;
  for (let by = 1; by < 31; by++) {
    if (-1 >>> by === value && String(value).length > 7) return shift(-1, '>>>', by);
    const factor = value >>> by;
    if (factor < 10 && factor << by === value && String(value).length > 5) return shift(factor, '<<', by);
  }
  return undefined;
}

function shift(value: number, operator: '<<' | '>>>', by: number): t.Expression {
  return t.binaryExpression(operator, t.valueToNode(value), t.numericLiteral(by));
}

/** A minifier that puts one function into another declares variables behind their use, after a `return`: Espruino needs them before. */
function declareFirst({ body }: t.Function): void {
  if (!t.isBlockStatement(body)) return;
  const late = body.body.filter(
    (one, i): one is t.VariableDeclaration => i > 0 && t.isVariableDeclaration(one) && one.declarations.every(({ init }) => !init),
  );
  if (!late.length) return;
  const declarations = late.flatMap((one) => one.declarations);
  body.body = body.body.filter((one) => !late.includes(one as t.VariableDeclaration));
  const first = body.body[0];
  if (t.isVariableDeclaration(first)) first.declarations.unshift(...declarations);
  else body.body.unshift(t.variableDeclaration('var', declarations));
}

/** `this` is as long as a short name is not, where it is written often. */
function nameThis({ body }: t.Function, places: Place[], name: string): void {
  if (places.length < OFTEN_THIS || !t.isBlockStatement(body)) return;
  for (const { put } of places) put(t.identifier(name));
  const self = t.variableDeclarator(t.identifier(name), t.thisExpression());
  const first = body.body[0];
  if (t.isVariableDeclaration(first)) first.declarations.unshift(self);
  else body.body.unshift(t.variableDeclaration('var', [self]));
}

/** Espruino takes a function at the start of a `for` for a declaration, and terser moves calls of such functions there. */
function avoidDeclaration(loop: t.ForStatement): void {
  const { init } = loop;
  if (t.isSequenceExpression(init)) {
    if (startsWithFunction(init.expressions[0])) init.expressions[0] = t.unaryExpression('!', init.expressions[0]);
  } else if (t.isExpression(init) && startsWithFunction(init)) loop.init = t.unaryExpression('!', init);
}

function startsWithFunction(node: t.Node): boolean {
  if (t.isFunctionExpression(node)) return true;
  if (t.isCallExpression(node)) return startsWithFunction(node.callee);
  if (t.isMemberExpression(node)) return startsWithFunction(node.object);
  if (t.isConditionalExpression(node)) return startsWithFunction(node.test);
  return (t.isBinaryExpression(node) || t.isLogicalExpression(node)) && startsWithFunction(node.left);
}
