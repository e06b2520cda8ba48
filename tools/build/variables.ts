/** Which variable each name in an ES5 script is, by one walk: Babel's scopes take ten times as long, for whatever JavaScript there is. */
import { types as t } from '@babel/core';

/** A variable, by all identifiers that stand for it: where it is declared, read and set. */
export type Variable = t.Identifier[];

export interface Variables {
  /** Those of the script itself, by name, in the order in which the names are first written. */
  outermost: Map<string, Variable>;
  /** Those of functions, and of `catch`. */
  inner: Variable[];
  /** What the script does not declare, by name. */
  free: Map<string, Variable>;
}

/** A function, what is caught, or the script. */
interface Scope {
  outer: Scope | undefined;
  /** Whether `var` declares here. */
  isFunction: boolean;
  declared: Set<string>;
  /** What is written here and further in, but for what is declared further in. */
  written: Map<string, Variable>;
}

export function variablesOf(file: t.File | t.Program): Variables {
  const inner: Variable[] = [];
  let scope = open(undefined, true);

  function walk(node: t.Node, parent: t.Node, key: string): void {
    switch (node.type) {
      case 'Identifier':
        if (isVariable(parent, key)) writtenIn(scope, node.name).push(node);
        return;
      case 'FunctionDeclaration':
        // Its name is written in what is around it.
        declare(functionOf(scope), node.id);
        if (node.id) walk(node.id, node, 'id');
        within(true, node.params, () => {
          for (const one of node.params) walk(one, node, 'params');
          walk(node.body, node, 'body');
        });
        return;
      case 'CatchClause':
        within(false, [node.param], () => walkAll(node));
        return;
      case 'FunctionExpression':
        within(true, [node.id, ...node.params], () => walkAll(node));
        return;
      case 'ObjectMethod':
        within(true, node.params, () => walkAll(node));
        return;
      case 'VariableDeclarator':
        declare(functionOf(scope), node.id);
        walkAll(node);
        return;
      default:
        walkAll(node);
    }
  }

  function walkAll(node: t.Node): void {
    for (const key of t.VISITOR_KEYS[node.type]) {
      const below = (node as unknown as Record<string, t.Node | (t.Node | null)[] | null | undefined>)[key];
      if (Array.isArray(below)) {
        for (const one of below) if (one) walk(one, node, key);
      } else if (below) walk(below, node, key);
    }
  }

  function within(isFunction: boolean, parameters: (t.Node | null | undefined)[], run: () => void): void {
    const outer = scope;
    scope = open(outer, isFunction);
    for (const one of parameters) declare(scope, one);
    run();
    for (const [name, places] of scope.written) {
      if (scope.declared.has(name)) inner.push(places);
      else writtenIn(outer, name).push(...places);
    }
    scope = outer;
  }

  walkAll(t.isFile(file) ? file.program : file);
  const split = (declared: boolean) => new Map([...scope.written].filter(([name]) => scope.declared.has(name) === declared));
  return { outermost: split(true), inner, free: split(false) };
}

const open = (outer: Scope | undefined, isFunction: boolean): Scope => ({ outer, isFunction, declared: new Set(), written: new Map() });

function functionOf(scope: Scope): Scope {
  return scope.isFunction || !scope.outer ? scope : functionOf(scope.outer);
}

function declare(scope: Scope, node: t.Node | null | undefined): void {
  if (t.isIdentifier(node)) scope.declared.add(node.name);
}

function writtenIn({ written }: Scope, name: string): Variable {
  const before = written.get(name);
  if (before) return before;
  const places: Variable = [];
  written.set(name, places);
  return places;
}

/** Not a property, nor a label. */
function isVariable(parent: t.Node, key: string): boolean {
  if (t.isMemberExpression(parent)) return key === 'object' || parent.computed;
  if (t.isObjectMember(parent)) return key !== 'key' || parent.computed;
  return key !== 'label';
}

/** Gives outermost variables other names, which nothing else in the script has. @param names by those that they have */
export function renameOutermost({ outermost }: Variables, names: Map<string, string>): void {
  for (const [before, after] of names) {
    const variable = outermost.get(before);
    if (!variable) throw new Error(`there is no variable ${before}`);
    for (const one of variable) one.name = after;
  }
}

/** Gives names that nothing in the script has: `_like`, or with a number. */
export function newNames({ outermost, inner, free }: Variables): (like: string) => string {
  const used = new Set([...outermost.keys(), ...inner.map(([{ name }]) => name), ...free.keys()]);
  return (like) => {
    let name = '_' + like;
    for (let i = 2; used.has(name); i++) name = '_' + like + i;
    used.add(name);
    return name;
  };
}
