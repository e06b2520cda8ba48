/**
 * What a minifier does not do because engines with a compiler have no use for it: short names for what is written often.
 * They and the variables used most come first in the module's scope, since Espruino looks names up one by one in the
 * order of definition: all in all a tenth faster there.
 */
import { type NodePath, types as t, traverse } from '@babel/core';

const GLOBALS = ['Math', 'Uint8Array', 'Int32Array', 'Object', 'Array', 'String', 'Error', 'TypeError', 'parseInt'];
/** Functions of those that do not look at `this`. */
const STATICS = ['Math.min', 'Math.max', 'Math.floor', 'Math.abs', 'Object.create', 'Object.keys', 'Array.isArray', 'String.fromCharCode'];
const UNDEFINED = 'void 0';
/** A property is read by a variable, which takes time, if that saves so many bytes of code. */
const PROPERTY_GAIN = 30;
/** A variable that is written so often comes first. */
const OFTEN = 10;
/** `this` gets a name in functions that write it so often. */
const OFTEN_THIS = 5;

/** Changes a compressed script, whose names are not short yet. */
export function shorten(file: t.File): void {
  traverse(file, { Program: shortenScript });
}

function shortenScript(program: NodePath<t.Program>): void {
  const aliased = new Map<string, NodePath[]>();
  const properties = new Map<string, NodePath<t.MemberExpression>[]>();
  const add = <T>(map: Map<string, T[]>, key: string, value: T) => map.set(key, [...(map.get(key) ?? []), value]);
  const numbers: NodePath<t.NumericLiteral | t.UnaryExpression>[] = [];
  const loops: NodePath<t.ForStatement>[] = [];
  program.traverse({
    enter(path) {
      const text = textOf(path);
      if (text) {
        add(aliased, text, path);
        // `Math.min` is one name, `Math` in it no other.
        if (STATICS.includes(text)) path.skip();
      } else if (path.isMemberExpression() && !path.node.computed && t.isIdentifier(path.node.property)) {
        if (path.node.property.name[0] !== '_') add(properties, path.node.property.name, path);
      } else if (path.isNumericLiteral() || (path.isUnaryExpression({ operator: '-' }) && t.isNumericLiteral(path.node.argument))) {
        if (path.key !== 'key') numbers.push(path as NodePath<t.NumericLiteral | t.UnaryExpression>);
        path.skip();
      } else if (path.isForStatement()) loops.push(path);
    },
    Function(path) {
      declareFirst(path);
      nameThis(path);
    },
  });

  const first = orderStatements(program);
  const name = (text: string) => program.scope.generateUidIdentifier(text);
  for (const [text, paths] of aliased) {
    if (paths.length * (text.length - 1) <= text.length + 4) continue;
    const alias = name(text);
    first.push(t.variableDeclarator(alias, text === UNDEFINED ? null : (t.cloneNode(paths[0].node, true) as t.Expression)));
    for (const path of paths) path.replaceWith(t.cloneNode(alias));
  }
  // `.length` against `[x]`, and `x='length',`.
  for (const [text, paths] of properties) {
    if (paths.length * (text.length - 2) - text.length - 5 <= PROPERTY_GAIN) continue;
    const alias = name(text);
    first.push(t.variableDeclarator(alias, t.stringLiteral(text)));
    for (const { node } of paths) {
      node.property = t.cloneNode(alias);
      node.computed = true;
    }
  }
  for (const path of numbers) {
    const shifted = asShift(path);
    if (shifted) path.replaceWith(shifted);
  }
  for (const { node } of loops) avoidDeclaration(node);
  if (first.length) program.node.body.unshift(t.variableDeclaration('var', first));
  // Names were made and moved behind the back of the scopes.
  program.scope.crawl();
  program.skip();
}

/** Functions come before other statements. @returns the variables that come before all */
function orderStatements(program: NodePath<t.Program>): t.VariableDeclarator[] {
  const early: t.VariableDeclarator[] = [];
  const functions: t.Statement[] = [];
  const rest: t.Statement[] = [];
  // What has no value from the start can be anywhere, so the variables used most come first.
  const isEarly = ({ id, init }: t.VariableDeclarator) => {
    const binding = t.isIdentifier(id) && !init && program.scope.getBinding(id.name);
    return binding && 1 + binding.references + binding.constantViolations.length > OFTEN;
  };
  for (const statement of program.node.body) {
    if (t.isFunctionDeclaration(statement)) functions.push(statement);
    else if (t.isVariableDeclaration(statement)) {
      early.push(...statement.declarations.filter(isEarly));
      const late = statement.declarations.filter((one) => !isEarly(one));
      const last = rest[rest.length - 1];
      if (late.length && t.isVariableDeclaration(last)) last.declarations.push(...late);
      else if (late.length) rest.push(t.inherits(t.variableDeclaration('var', late), statement));
    } else rest.push(statement);
  }
  program.node.body = [...functions, ...rest];
  return early;
}

/** `Math.min`, `Uint8Array`, `void 0`, or nothing that could get a short name. */
function textOf(path: NodePath): string | undefined {
  if (path.isUnaryExpression({ operator: 'void' }) && t.isNumericLiteral(path.node.argument, { value: 0 })) return UNDEFINED;
  if (path.isMemberExpression() && !path.node.computed && t.isIdentifier(path.node.object) && t.isIdentifier(path.node.property)) {
    const text = path.node.object.name + '.' + path.node.property.name;
    return STATICS.includes(text) && !path.scope.hasBinding(path.node.object.name, true) ? text : undefined;
  }
  if (!path.isIdentifier() || !path.isReferencedIdentifier()) return undefined;
  const { name } = path.node;
  return (name === 'exports' || GLOBALS.includes(name)) && !path.scope.hasBinding(name, true) ? name : undefined;
}

/** Numbers such as 1073741823, if a shift is shorter. */
function asShift({ node }: NodePath<t.NumericLiteral | t.UnaryExpression>): t.Expression | undefined {
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
function declareFirst(path: NodePath<t.Function>): void {
  const { body } = path.node;
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
function nameThis(path: NodePath<t.Function>): void {
  const { body } = path.node;
  const found: NodePath<t.ThisExpression>[] = [];
  path.traverse({
    ThisExpression: (one) => {
      found.push(one);
    },
    Function: (inner) => inner.skip(),
  });
  if (found.length < OFTEN_THIS || !t.isBlockStatement(body)) return;
  const name = path.scope.generateUidIdentifier('self');
  for (const one of found) one.replaceWith(t.cloneNode(name));
  const self = t.variableDeclarator(name, t.thisExpression());
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
