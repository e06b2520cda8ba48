import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { unpack } from './build/parts';
import { bundles, furtherBundles } from './bundles';
import { distPath, isParts } from './dist';
import { children, isFunction, type Node, parseEs5, walk } from './gate/ast';
import { checkOrder } from './gate/order';

/** Absent on at least one engine of the project; allowed where the bundle asks `typeof` first. */
const GLOBALS = [
  ...['Map', 'Set', 'WeakMap', 'WeakSet', 'Symbol', 'Promise', 'Proxy', 'Reflect', 'BigInt', 'DataView'],
  ...['TextEncoder', 'TextDecoder', 'setImmediate', 'queueMicrotask', 'structuredClone'],
];

const STATICS = [
  ...['Object.freeze', 'Object.seal', 'Object.assign', 'Object.entries', 'Object.values', 'Array.from', 'Array.of', 'Uint8Array.from'],
  ...['Math.imul', 'Math.clz32', 'Math.trunc', 'Math.log2', 'Math.hypot', 'Math.fround', 'Math.sign'],
  ...['Number.isInteger', 'Number.isSafeInteger', 'Number.isNaN', 'Number.isFinite', 'ArrayBuffer.isView', 'String.fromCodePoint'],
];

const METHODS = [
  ...['startsWith', 'endsWith', 'includes', 'padStart', 'padEnd', 'codePointAt', 'replaceAll', 'localeCompare', 'repeat', 'substr'],
  ...['fill', 'copyWithin', 'findIndex', 'findLast', 'flat', 'flatMap', 'at'],
];

/** The problems of a built bundle; in a file of parts each is named by its number before them. */
export function gateBundle(bundle: string): string[] {
  const source = readFileSync(distPath(bundle), 'utf8');
  if (!isParts(bundle)) return gate(source);
  return unpack(source).flatMap(({ code }, i) => gate(code).map((problem) => `part ${i}: ${problem}`));
}

/** The rules of the target (DESIGN, section 4) that a syntax tree shows. */
export function gate(source: string): string[] {
  const problems: string[] = [];
  let program: Node;
  try {
    program = parseEs5(source);
  } catch (error) {
    return ['not ES5: ' + (error as Error).message];
  }
  const report = (node: Node, text: string) => problems.push(`${node.loc.start.line}:${node.loc.start.column + 1} ${text}`);
  const tested = new Set<string>();
  walk(program, (node) => {
    if (node.type === 'UnaryExpression' && node.operator === 'typeof' && node.argument.type === 'Identifier')
      tested.add(node.argument.name);
  });
  walk(program, (node, parent) => {
    const wrong = complaint(node, parent, tested);
    if (wrong) report(node, wrong);
  });
  checkCatchNames(program, report);
  checkOrder(program, report);
  return problems;
}

type Report = (node: Node, text: string) => void;

/** What is wrong with this node alone. */
function complaint(node: Node, parent: Node | undefined, tested: Set<string>): string | false {
  switch (node.type) {
    case 'LabeledStatement':
      return `label ${node.label.name}: Espruino has none`;
    case 'WithStatement':
      return 'with';
    case 'BinaryExpression':
      return node.operator === 'in' && '`in` operator: a syntax error in a for-init on Espruino';
    case 'SwitchStatement':
      return node.cases.some((c: Node, i: number) => !c.test && i < node.cases.length - 1) && 'switch with default not last';
    case 'ForStatement':
      return leftmost(node.init)?.type === 'FunctionExpression' && 'function at the start of a for: a declaration for Espruino';
    case 'ExpressionStatement':
      return isBody(node, parent) && !!leftmost(node)?.regex && 'regular expression at the start of a body: a division for MicroQuickJS';
    case 'ArrayExpression':
      return node.elements.includes(null) && 'array hole: MicroQuickJS throws';
    case 'AssignmentExpression':
      return node.left.type === 'MemberExpression' && propertyName(node.left) === 'length' && 'assignment to length';
    case 'Literal':
      return !!node.regex && /\{\d|\(\?[=!<]/.test(node.regex.pattern) && 'regular expression Espruino gets wrong';
    case 'Identifier':
      return GLOBALS.includes(node.name) && !tested.has(node.name) && isReference(node, parent) && node.name + ' without typeof';
    case 'MemberExpression': {
      const name = node.object.name + '.' + propertyName(node);
      return node.object.type === 'Identifier' && STATICS.includes(name) && name + ' is not on every engine';
    }
    case 'CallExpression': {
      const name = node.callee.type === 'MemberExpression' ? propertyName(node.callee) : '';
      return METHODS.includes(name) && `.${name}() is not on every engine`;
    }
    default:
      return false;
  }
}

/** With what the text of an expression, or of a statement that is one, begins. */
function leftmost(node: Node): Node | undefined {
  const first =
    node &&
    (node.expressions?.[0] ??
      node.expression ??
      node.callee ??
      node.object ??
      node.left ??
      (node.prefix ? null : node.argument) ??
      node.test);
  return first ? leftmost(first) : node;
}

/** Whether it stands behind `)`, or behind `do`. */
function isBody(node: Node, parent: Node | undefined): boolean {
  return !!parent && (parent.body === node || parent.consequent === node) && parent.type !== 'LabeledStatement';
}

function propertyName(node: Node): string {
  return node.computed ? (typeof node.property.value === 'string' ? node.property.value : '') : node.property.name;
}

function isReference(node: Node, parent: Node | undefined): boolean {
  if (!parent) return true;
  if (parent.type === 'MemberExpression') return parent.object === node || parent.computed;
  return !(parent.type === 'Property' && parent.key === node);
}

/** MicroQuickJS: "catch variable already exists". */
function checkCatchNames(program: Node, report: Report): void {
  const visit = (owner: Node) => {
    const names = new Set<string>((owner.params ?? []).map((p: Node) => p.name));
    const catches: Node[] = [];
    const inside = (node: Node) => {
      if (node.type === 'FunctionDeclaration') names.add(node.id.name);
      if (isFunction(node)) {
        visit(node);
        return;
      }
      if (node.type === 'VariableDeclarator') names.add(node.id.name);
      if (node.type === 'CatchClause') catches.push(node);
      children(node).forEach(inside);
    };
    children(owner.type === 'Program' ? owner : owner.body).forEach(inside);
    for (const clause of catches) {
      if (names.has(clause.param.name)) report(clause, `catch name ${clause.param.name} is taken in its function`);
      names.add(clause.param.name);
    }
  };
  visit(program);
}

/** Checks every minified bundle that was built. */
function main(): void {
  let failed = false;
  for (const bundle of [...bundles, ...furtherBundles]) {
    if (!existsSync(distPath(bundle))) continue;
    for (const problem of gateBundle(bundle)) {
      failed = true;
      console.error(`dist/${bundle}:${problem}`);
    }
  }
  if (failed) process.exitCode = 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
