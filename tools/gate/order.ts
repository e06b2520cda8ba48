import { children, isFunction, type Node } from './ast';

type Report = (node: Node, text: string) => void;

/**
 * Espruino hoists nothing: a function exists from its declaration on, a `var` from where it runs, and until then the
 * name means whatever an outer scope has, or a new global. So, in every function and at load time, each use of a
 * name must have its definition before it on every way that leads there.
 */
export function checkOrder(owner: Node, report: Report): void {
  const body = owner.type === 'Program' ? owner : owner.body;
  const scope = scopeOf(owner);
  follow(body, { ...scope, defined: new Set<string>(), report, entered: new Set() });
  const nested = (node: Node) => (isFunction(node) ? checkOrder(node, report) : children(node).forEach(nested));
  children(body).forEach(nested);
}

interface Scope {
  /** What `var` and function declarations of this scope make. */
  names: Set<string>;
  functions: Map<string, Node>;
}

interface State extends Scope {
  defined: Set<string>;
  report: Report;
  /** Functions being followed because they are called. */
  entered: Set<Node>;
}

function scopeOf(owner: Node): Scope {
  const names = new Set<string>();
  const functions = new Map<string, Node>();
  const collect = (node: Node) => {
    if (node.type === 'FunctionDeclaration') {
      names.add(node.id.name);
      functions.set(node.id.name, node);
    }
    if (node.type === 'VariableDeclarator') {
      names.add(node.id.name);
      if (node.init?.type === 'FunctionExpression') functions.set(node.id.name, node.init);
    }
    if (!isFunction(node)) children(node).forEach(collect);
  };
  children(owner.type === 'Program' ? owner : owner.body).forEach(collect);
  for (const param of owner.params ?? []) names.delete(param.name);
  return { names, functions };
}

const branch = (node: Node, state: State): Set<string> => {
  const defined = new Set(state.defined);
  if (node) follow(node, { ...state, defined });
  return defined;
};

function leaves(node: Node): boolean {
  if (!node) return false;
  if (node.type === 'BlockStatement') return leaves(node.body[node.body.length - 1]);
  return ['ReturnStatement', 'ThrowStatement', 'BreakStatement', 'ContinueStatement'].includes(node.type);
}

function follow(node: Node, state: State): void {
  const all = (...nodes: Node[]) => {
    for (const one of nodes) if (one) follow(one, state);
  };
  switch (node.type) {
    case 'FunctionDeclaration':
      state.defined.add(node.id.name);
      break;
    case 'FunctionExpression':
      break;
    case 'VariableDeclarator':
      state.defined.add(node.id.name);
      all(node.init);
      break;
    case 'IfStatement': {
      all(node.test);
      const yes = branch(node.consequent, state);
      const no = branch(node.alternate, state);
      for (const name of leaves(node.consequent) ? no : yes)
        if (leaves(node.consequent) || leaves(node.alternate) || no.has(name)) state.defined.add(name);
      break;
    }
    case 'ForStatement': {
      all(node.init, node.test);
      const inLoop = branch(node.body, state);
      if (node.update) follow(node.update, { ...state, defined: inLoop });
      break;
    }
    case 'ForInStatement':
      all(node.right, node.left);
      branch(node.body, state);
      break;
    case 'WhileStatement':
      all(node.test);
      branch(node.body, state);
      break;
    case 'SwitchStatement':
      all(node.discriminant);
      for (const one of node.cases) branch(one, state);
      break;
    case 'TryStatement':
      all(node.block);
      if (node.handler) branch(node.handler.body, state);
      all(node.finalizer);
      break;
    case 'MemberExpression':
      all(node.object, node.computed && node.property);
      break;
    case 'Property':
      all(node.value);
      break;
    case 'CallExpression':
    case 'NewExpression':
      all(...node.arguments, node.callee);
      call(node.callee, state);
      break;
    case 'Identifier':
      if (state.names.has(node.name) && !state.defined.has(node.name))
        state.report(node, `${node.name} is used before its definition has run`);
      break;
    default:
      all(...children(node));
      break;
  }
}

/** What a function that is called here needs must exist here. */
function call(callee: Node, state: State): void {
  const target = callee.type === 'MemberExpression' && ['call', 'apply'].includes(callee.property.name) ? callee.object : callee;
  const called =
    target.type === 'Identifier' ? state.functions.get(target.name) : target.type === 'FunctionExpression' ? target : undefined;
  if (!called || state.entered.has(called)) return;
  const own = scopeOf(called);
  const hidden = new Set([...own.names, ...called.params.map((p: Node) => p.name)]);
  const names = new Set([...state.names].filter((name) => !hidden.has(name)));
  const functions = new Map([...state.functions].filter(([name]) => names.has(name)));
  follow(called.body, { ...state, names, functions, entered: new Set(state.entered).add(called) });
}
