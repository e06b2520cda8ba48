/**
 * What a minifier does not do because engines with a compiler have no use for it: short names for what is written often.
 * They and the variables used most come first in the module's scope, since Espruino looks names up one by one in the
 * order of definition: all in all a tenth faster there.
 */
import ts from 'typescript';
import { emit } from './typescript.js';

const factory = ts.factory;
const GLOBALS = ['Math', 'Uint8Array', 'Int32Array', 'Object', 'Array', 'String', 'Error', 'TypeError', 'parseInt'];
/** Functions of those that do not look at `this`. */
const STATICS = ['Math.min', 'Math.max', 'Math.floor', 'Math.abs', 'Object.create', 'Object.keys', 'Array.isArray', 'String.fromCharCode'];
const UNDEFINED = 'void 0';
/** A property is read by a variable, which takes time, if that saves so many bytes of code. */
const PROPERTY_GAIN = 30;

/**
 * @param {string} source a minified script, its names not mangled yet
 * @returns {{ code: string, map: string }}
 */
export function shorten(source) {
  return emit(source, ts.ScriptTarget.ES5, (checker) => [(context) => (root) => shortenScript(root, context, checker)]);
}

function shortenScript(root, context, checker) {
  const uses = new Map();
  const properties = new Map();
  const symbols = new Map();
  const count = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
  const look = (node) => {
    const text = textOf(node, checker);
    if (text) count(uses, text);
    if (ts.isIdentifier(node)) count(symbols, checker.getSymbolAtLocation(node));
    if (ts.isPropertyAccessExpression(node) && !node.name.text.startsWith('_')) count(properties, node.name.text);
    if (!STATICS.includes(text)) ts.forEachChild(node, look);
  };
  look(root);

  const aliases = new Map();
  for (const [text, n] of uses)
    if (n * (text.length - 1) > text.length + 4) aliases.set(text, factory.createUniqueName(text.replace(/\W/g, '')));

  // `.length` against `[x]`, and `x='length',`.
  const propertyAliases = new Map();
  for (const [text, n] of properties)
    if (n * (text.length - 2) - text.length - 5 > PROPERTY_GAIN) propertyAliases.set(text, factory.createUniqueName(text));

  const visit = (node) => {
    const alias = aliases.get(textOf(node, checker));
    if (alias) return alias;
    const property = ts.isPropertyAccessExpression(node) && propertyAliases.get(node.name.text);
    if (property) return factory.createElementAccessExpression(ts.visitNode(node.expression, visit), property);
    if (ts.isPrefixUnaryExpression(node) || (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent))) {
      const shifted = asShift(node);
      if (shifted) return shifted;
    }
    const visited = ts.visitEachChild(node, visit, context);
    return isFunction(node) ? namedThis(visited, context) : visited;
  };
  const statements = root.statements.filter((one) => !ts.isFunctionDeclaration(one));
  const functions = root.statements.filter(ts.isFunctionDeclaration);
  // What has no value from the start can be anywhere, so the variables used most come first.
  const early = [];
  const isEarly = (declaration) => !declaration.initializer && (symbols.get(checker.getSymbolAtLocation(declaration.name)) ?? 0) > 10;
  const rest = statements.map((statement) => {
    if (!ts.isVariableStatement(statement)) return statement;
    const { declarations } = statement.declarationList;
    early.push(...declarations.filter(isEarly));
    const late = declarations.filter((one) => !isEarly(one));
    return late.length ? factory.updateVariableStatement(statement, undefined, factory.createVariableDeclarationList(late)) : undefined;
  });
  for (const [text, name] of aliases)
    early.push(factory.createVariableDeclaration(name, undefined, undefined, text === UNDEFINED ? undefined : expression(text)));
  for (const [text, name] of propertyAliases)
    early.push(factory.createVariableDeclaration(name, undefined, undefined, factory.createStringLiteral(text)));
  const first = early.length ? [factory.createVariableStatement(undefined, early)] : [];
  const others = [...functions, ...rest.filter(Boolean)].map((statement) => ts.visitNode(statement, visit));
  return factory.updateSourceFile(root, [...first, ...others]);
}

/** `Math.min`, `Uint8Array`, `void 0`, or nothing that could get a short name. */
function textOf(node, checker) {
  if (ts.isVoidExpression(node) && node.expression.text === '0') return UNDEFINED;
  // The checker takes assignments to `exports` for the declaration of a module.
  if (ts.isIdentifier(node) && node.text === 'exports' && !isPropertyName(node)) return node.text;
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && !checker.getSymbolAtLocation(node.expression)) {
    const text = node.expression.text + '.' + node.name.text;
    return STATICS.includes(text) ? text : undefined;
  }
  return ts.isIdentifier(node) && GLOBALS.includes(node.text) && !isPropertyName(node) && !checker.getSymbolAtLocation(node)
    ? node.text
    : undefined;
}

function isPropertyName(node) {
  return (ts.isPropertyAccessExpression(node.parent) || ts.isPropertyAssignment(node.parent)) && node.parent.name === node;
}

function expression(text) {
  const [object, name] = text.split('.');
  return name ? factory.createPropertyAccessExpression(factory.createIdentifier(object), name) : factory.createIdentifier(object);
}

/** Numbers such as 1073741823, if a shift is shorter. */
function asShift(node) {
  const negative = ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken;
  const literal = negative ? node.operand : node;
  if (!ts.isNumericLiteral(literal)) return undefined;
  const value = (negative ? -1 : 1) * Number(literal.text);
  for (let by = 1; by < 31; by++) {
    if (-1 >>> by === value && String(value).length > 7) return shift(-1, ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, by);
    const factor = value >>> by;
    if (factor < 10 && factor << by === value && String(value).length > 5) return shift(factor, ts.SyntaxKind.LessThanLessThanToken, by);
  }
  return undefined;
}

function shift(value, operator, by) {
  const magnitude = factory.createNumericLiteral(Math.abs(value));
  const left = value < 0 ? factory.createPrefixUnaryExpression(ts.SyntaxKind.MinusToken, magnitude) : magnitude;
  return factory.createBinaryExpression(left, operator, factory.createNumericLiteral(by));
}

const isFunction = (node) => ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node);

/** `this` is as long as a short name is not, where it is written often. */
function namedThis(node, context) {
  let n = 0;
  const count = (child) => {
    if (child.kind === ts.SyntaxKind.ThisKeyword) n++;
    if (!isFunction(child)) ts.forEachChild(child, count);
  };
  ts.forEachChild(node.body, count);
  if (n < 5) return node;
  const name = factory.createUniqueName('self');
  const rename = (child) => {
    if (child.kind === ts.SyntaxKind.ThisKeyword) return name;
    return isFunction(child) ? child : ts.visitEachChild(child, rename, context);
  };
  const body = ts.visitEachChild(node.body, rename, context);
  const self = factory.createVariableDeclaration(name, undefined, undefined, factory.createThis());
  const [first, ...others] = body.statements;
  const statements = ts.isVariableStatement(first)
    ? [
        factory.updateVariableStatement(
          first,
          undefined,
          factory.createVariableDeclarationList([self, ...first.declarationList.declarations]),
        ),
        ...others,
      ]
    : [factory.createVariableStatement(undefined, [self]), ...body.statements];
  const changed = factory.updateBlock(body, statements);
  return ts.isFunctionDeclaration(node)
    ? factory.updateFunctionDeclaration(node, undefined, undefined, node.name, undefined, node.parameters, undefined, changed)
    : factory.updateFunctionExpression(node, undefined, undefined, node.name, undefined, node.parameters, undefined, changed);
}
