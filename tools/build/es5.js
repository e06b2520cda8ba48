/**
 * Makes one chunk of rollup's output (an ES module in modern JavaScript) the body of an ES5 CommonJS module, and
 * links the modules of a device to each other (see `device.js`).
 */
import ts from 'typescript';
import { emit } from './typescript.js';

const factory = ts.factory;

/**
 * The property by which the other modules get what they need of the main one; the build puts a checksum here. It is one of a
 * function that every main module exports, since what the module has itself is shown to users, on Espruino whatever it is.
 */
export const LINK = '$0000';
const LINKED = 'open';

/** The name under which a part exports a function: `boards/on-demand.ts` tells by it where to look. */
const apartName = (part, name) => (({ boot: '$', check: '$$' })[part] ?? '') + name;

/**
 * @param {string} source
 * @param {object} links
 * @param {Map<string, string>} [links.calls] imports from there, which is a part that is apart, are called as
 *   `through('name', ...)`
 * @param {string} [links.through] the name under which the main chunk exports that function
 * @param {string} [links.part] the name of this part
 * @param {{ from: string, main: string, constants: Map<string, string>, publics: Set<string> }} [links.reads] imports from there are fields
 *   of what the link of module `main` gives, or constants
 * @param {Set<string>} [links.fields] names that are exported for the other modules' use
 * @param {Set<string>} [links.publics] the names that users see (all if missing); the other modules take them as users do
 * @returns {{ code: string, map: string, constants: Map<string, string> }} constants: exported numbers
 */
export function toEs5(source, links) {
  const constants = new Map();
  const transformers = (checker) => [
    (context) => (root) => linkModule(root, context, checker, links, constants),
    (context) => (root) => plainClasses(root, context),
  ];
  return { ...emit(source, ts.ScriptTarget.ES5, transformers), constants };
}

/** Imports and exports become CommonJS. Scopes are the type checker's knowledge, so no other name is hit. */
function linkModule(root, context, checker, { calls, through, part, reads, fields, publics }, constants) {
  /** Per imported symbol, what stands for it. */
  const calledNames = new Map();
  const readNames = new Map();
  const face = factory.createUniqueName('face');
  const main = factory.createUniqueName('main');
  const specifiers = [];
  /** The function that calls a part that is apart. */
  let caller;
  for (const statement of root.statements) {
    if (ts.isImportDeclaration(statement)) {
      const called = calls?.get(statement.moduleSpecifier.text);
      if (!called && !(reads && statement.moduleSpecifier.text === reads.from))
        throw new Error('import from ' + statement.moduleSpecifier.text);
      for (const one of statement.importClause?.namedBindings?.elements ?? []) {
        const symbol = checker.getSymbolAtLocation(one.name);
        const name = (one.propertyName ?? one.name).text;
        if (called) calledNames.set(symbol, apartName(called, name));
        else readNames.set(symbol, name);
      }
    }
    if (reads && ts.isVariableStatement(statement) && !(statement.declarationList.flags & ts.NodeFlags.Const))
      throw new Error(`${statement.getText()}: a part that is apart is loaded anew each time, so it keeps no state`);
    if (ts.isExportDeclaration(statement) && statement.exportClause)
      for (const one of statement.exportClause.elements) {
        const local = (one.propertyName ?? one.name).text;
        if (one.name.text === through) caller = local;
        const outside = statement.moduleSpecifier && apartName(calls?.get(statement.moduleSpecifier.text), local);
        specifiers.push({ name: one.name.text, local, outside, symbol: checker.getExportSpecifierLocalTargetSymbol(one) });
      }
  }

  const field = (name) => {
    const constant = reads.constants.get(name);
    if (constant !== undefined) return number(constant);
    return reads.publics.has(name)
      ? factory.createPropertyAccessExpression(face, name)
      : factory.createPropertyAccessExpression(main, '_' + name);
  };
  const onDemandFunction = () => (reads ? field(through) : factory.createIdentifier(caller));
  const onDemand = (name, args) =>
    factory.createCallExpression(onDemandFunction(), undefined, [factory.createStringLiteral(name), ...args]);
  /** The same as a value: one small object, no function of its own. */
  const onDemandValue = (name) =>
    factory.createCallExpression(factory.createPropertyAccessExpression(onDemandFunction(), 'bind'), undefined, [
      factory.createNumericLiteral(0),
      factory.createStringLiteral(name),
    ]);
  const replaced = (symbol) =>
    calledNames.has(symbol) ? onDemandValue(calledNames.get(symbol)) : readNames.has(symbol) ? field(readNames.get(symbol)) : undefined;

  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return undefined;
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const name = calledNames.get(checker.getSymbolAtLocation(node.expression));
      if (name) {
        if (node.arguments.length > 4) throw new Error(`${name}: a call of a part that is apart has at most four arguments`);
        return onDemand(name, node.arguments.map(visit));
      }
    }
    if (ts.isNewExpression(node) && calledNames.has(checker.getSymbolAtLocation(node.expression)))
      throw new Error(`${node.expression.text}: of a part that is apart only functions can be used`);
    if (ts.isShorthandPropertyAssignment(node)) {
      const value = replaced(checker.getShorthandAssignmentValueSymbol(node));
      return value ? factory.createPropertyAssignment(node.name, value) : node;
    }
    if (ts.isIdentifier(node)) return replaced(checker.getSymbolAtLocation(node)) ?? node;
    return ts.visitEachChild(node, visit, context);
  };

  const statements = [];
  if (readNames.size || (reads && calledNames.size)) {
    // var face = require('vfs'), main = face.open.LINK();
    const required = factory.createCallExpression(factory.createIdentifier('require'), undefined, [
      factory.createStringLiteral(reads.main),
    ]);
    const link = factory.createCallExpression(linkOf(face), undefined, []);
    const declarations = [
      factory.createVariableDeclaration(face, undefined, undefined, required),
      factory.createVariableDeclaration(main, undefined, undefined, link),
    ];
    statements.push(factory.createVariableStatement(undefined, declarations));
  }
  for (const statement of root.statements) {
    const visited = visit(statement);
    if (visited) statements.push(visited);
  }
  const linked = [];
  const listed = specifiers.filter(({ name, outside }) => name === outside && publics?.has(name)).map(({ name }) => name);
  if (listed.length > 3) statements.push(onDemandExports(listed, caller));
  for (const { name, local, outside, symbol } of specifiers) {
    if (name === through && !fields.has(name)) continue;
    if (listed.length > 3 && listed.includes(name)) continue;
    if (reads && !outside && !readNames.has(symbol) && !ts.isFunctionDeclaration(symbol.declarations[0]))
      throw new Error(`${name}: of a part that is apart only functions can be used elsewhere`);
    const value = (outside && onDemandValue(outside)) || replaced(symbol) || factory.createIdentifier(local);
    const isPublic = name !== through && (!publics || publics.has(name));
    if (isPublic)
      statements.push(assign(factory.createPropertyAccessExpression(factory.createIdentifier('exports'), apartName(part, name)), value));
    if (!fields?.has(name) || isPublic) continue;
    const declaration = symbol.declarations[0];
    const constant = numberOf(declaration);
    if (constant !== undefined) constants.set(name, constant);
    else linked.push(linkedField('_' + name, value, declaration));
  }
  if (linked.length) {
    // exports.open.LINK = function () { return { _name: name, get _variable() { return variable; } }; };
    const body = factory.createBlock([factory.createReturnStatement(factory.createObjectLiteralExpression(linked))]);
    const link = factory.createFunctionExpression(undefined, undefined, undefined, undefined, [], undefined, body);
    statements.push(assign(linkOf(factory.createIdentifier('exports')), link));
  }
  return factory.updateSourceFile(root, statements);
}

function linkOf(module) {
  return factory.createPropertyAccessExpression(factory.createPropertyAccessExpression(module, LINKED), LINK);
}

function assign(target, value) {
  return factory.createExpressionStatement(factory.createAssignment(target, value));
}

/** `'copy walk'.split(' ').forEach(function (name) { exports[name] = onDemand.bind(0, name); });` */
function onDemandExports(names, through) {
  const name = factory.createUniqueName('name');
  const bound = factory.createCallExpression(factory.createPropertyAccessExpression(factory.createIdentifier(through), 'bind'), undefined, [
    factory.createNumericLiteral(0),
    name,
  ]);
  const body = factory.createBlock([assign(factory.createElementAccessExpression(factory.createIdentifier('exports'), name), bound)]);
  const parameter = factory.createParameterDeclaration(undefined, undefined, name);
  const each = factory.createFunctionExpression(undefined, undefined, undefined, undefined, [parameter], undefined, body);
  const list = factory.createCallExpression(
    factory.createPropertyAccessExpression(factory.createStringLiteral(names.join(' ')), 'split'),
    undefined,
    [factory.createStringLiteral(' ')],
  );
  return factory.createExpressionStatement(
    factory.createCallExpression(factory.createPropertyAccessExpression(list, 'forEach'), undefined, [each]),
  );
}

/** A variable that is set anew stays live by an accessor. */
function linkedField(name, value, declaration) {
  const variable = ts.isVariableDeclaration(declaration) && !(declaration.parent.flags & ts.NodeFlags.Const);
  if (!variable) return factory.createPropertyAssignment(name, value);
  return factory.createGetAccessorDeclaration(undefined, name, [], undefined, factory.createBlock([factory.createReturnStatement(value)]));
}

/** The text of a constant number, perhaps with a sign. */
function numberOf(declaration) {
  if (!ts.isVariableDeclaration(declaration) || !(declaration.parent.flags & ts.NodeFlags.Const)) return undefined;
  const text = declaration.initializer?.getText() ?? '';
  return /^-?\d[\w.]*$/.test(text) ? text : undefined;
}

function number(text) {
  const magnitude = factory.createNumericLiteral(text.replace('-', ''));
  return text.startsWith('-') ? factory.createPrefixUnaryExpression(ts.SyntaxKind.MinusToken, magnitude) : magnitude;
}

/** A class that inherits nothing is a function and one object literal: shorter than TypeScript's own way. */
function plainClasses(root, context) {
  const visit = (node) => {
    if (!ts.isClassDeclaration(node) || node.heritageClauses) return ts.visitEachChild(node, visit, context);
    const methods = [];
    const statements = [];
    let maker;
    for (const member of node.members) {
      if (ts.isConstructorDeclaration(member)) maker = member;
      else if (!ts.isMethodDeclaration(member) || !ts.isIdentifier(member.name)) return ts.visitEachChild(node, visit, context);
      else {
        const body = ts.visitNode(member.body, visit);
        const made = ts.setTextRange(
          factory.createFunctionExpression(undefined, undefined, undefined, undefined, member.parameters, undefined, body),
          member,
        );
        if (member.modifiers?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword))
          statements.push(assign(factory.createPropertyAccessExpression(node.name, member.name), made));
        else methods.push(ts.setTextRange(factory.createPropertyAssignment(member.name, made), member));
      }
    }
    const body = maker ? ts.visitNode(maker.body, visit) : factory.createBlock([]);
    const made = factory.createFunctionDeclaration(undefined, undefined, node.name, undefined, maker?.parameters ?? [], undefined, body);
    const prototype = factory.createPropertyAccessExpression(node.name, 'prototype');
    if (methods.length) statements.unshift(assign(prototype, factory.createObjectLiteralExpression(methods)));
    return [ts.setTextRange(made, maker ?? node), ...statements];
  };
  return ts.visitNode(root, visit);
}
