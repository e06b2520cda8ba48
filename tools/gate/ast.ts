import { parse } from 'acorn';

/** Any node of acorn's tree (ESTree); fields are looked at by `type`. */
// biome-ignore lint/suspicious/noExplicitAny: the gate reads nodes of every kind
export type Node = any;

export function parseEs5(source: string): Node {
  return parse(source, { ecmaVersion: 5, sourceType: 'script', locations: true, allowReturnOutsideFunction: true });
}

export function isFunction(node: Node): boolean {
  return node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression';
}

/** Of nodes that were asked for them: every rule walks the same tree, and functions are followed from each call. */
const KNOWN = Symbol('children');

/** The child nodes in the order of the source. */
export function children(node: Node): Node[] {
  if (node[KNOWN]) return node[KNOWN];
  const found: Node[] = [];
  for (const key of Object.keys(node)) {
    const value = node[key];
    if (Array.isArray(value)) found.push(...value.filter((item) => item && typeof item.type === 'string'));
    else if (value && typeof value.type === 'string') found.push(value);
  }
  found.sort((a, b) => a.start - b.start);
  node[KNOWN] = found;
  return found;
}

export function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  visit(node, parent);
  for (const child of children(node)) walk(child, visit, node);
}
