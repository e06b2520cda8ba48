/**
 * Makes the modules of a device, which were compressed each by itself, one: on the device all parts have the variables of the main
 * module. Functions of parts are called by number and name.
 */
import { type NodePath, types as t, traverse } from '@babel/core';
import { LEAVE, LINK, nameIn, STAY } from './link';
import { renameOutermost, SHARED } from './names';

/** Before the names of a part's outermost variables, which tells them apart in one module. */
const OF_PART = '$part';

/** Whether a variable is a part's. */
export const isOfPart = (name: string): boolean => name.startsWith(OF_PART);

/**
 * Puts what the parts declare into the main module, and takes the list of what they use out of it.
 * @param files compressed, the main one first
 * @returns the variable that each function of a part is, by `nameIn`
 */
export function join([main, ...parts]: t.File[]): Map<string, string> {
  const functions = new Map<string, string>();
  const same = shareVariables(main);
  parts.forEach((part, i) => {
    traverse(part, {
      Program(program) {
        const { scope, node } = program;
        const apart = (name: string) => `${OF_PART}${i}_${name}`;
        program.traverse({
          AssignmentExpression({ node: { left, right } }) {
            if (!t.isMemberExpression(left) || !t.isIdentifier(left.object, { name: 'exports' }) || !t.isIdentifier(left.property)) return;
            functions.set(nameIn(i, left.property.name), apart(t.isIdentifier(right) ? right.name : declare(program, right)));
          },
          Identifier({ node: one }) {
            one.name = same.get(one.name) ?? one.name;
          },
        });
        scope.crawl();
        renameOutermost(program, new Map(Object.keys(scope.bindings).map((name) => [name, apart(name)])));
        main.program.body.push(...node.body.filter((one) => !t.isExpressionStatement(one)));
        program.skip();
      },
    });
  });
  return functions;
}

/** Gives the variables that parts use the names that they have there. @returns of several names of one variable the one that it has */
function shareVariables(main: t.File): Map<string, string> {
  const same = new Map<string, string>();
  traverse(main, {
    Program(program) {
      const { scope } = program;
      const names = new Map<string, string>();
      program.traverse({
        CallExpression(path) {
          if (!t.isIdentifier(path.node.callee, { name: LINK })) return;
          const [given] = path.node.arguments;
          if (!t.isObjectExpression(given)) throw path.buildCodeFrameError('no list that is known');
          for (const one of given.properties) {
            if (!t.isObjectProperty(one) || !t.isIdentifier(one.key) || !t.isExpression(one.value))
              throw path.buildCodeFrameError('odd list');
            names.set(one.key.name, t.isIdentifier(one.value) ? one.value.name : declare(program, one.value));
          }
          path.remove();
        },
      });
      scope.crawl();
      const renamed = new Map<string, string>();
      for (const [name, variable] of names) {
        const before = renamed.get(variable);
        if (before) same.set(SHARED + name, before);
        else renamed.set(variable, SHARED + name);
      }
      renameOutermost(program, renamed);
      program.skip();
    },
  });
  return same;
}

/** A variable for a function that the minifier has put where it was used; with its own name, by which it may call itself. */
function declare({ node, scope }: NodePath<t.Program>, value: t.Expression): string {
  if (t.isFunctionExpression(value) && value.id) {
    node.body.push(t.functionDeclaration(value.id, value.params, value.body));
    return value.id.name;
  }
  const id = scope.generateUidIdentifier('function');
  node.body.push(t.variableDeclaration('var', [t.variableDeclarator(id, value)]));
  return id.name;
}

/** What is loaded when one of its functions is called: a function of a part, or all of a part that stays. */
export interface Unit {
  /** The number of the part. */
  part: number;
  /** By `nameIn`. */
  functions: string[];
}

/**
 * Numbers what is called, instead of parts, in all calls.
 * @param functions by `nameIn`
 */
export function numberUnits(file: t.File, functions: Map<string, string>): Unit[] {
  const together = new Map([...functions.keys()].map((name) => [name, [name]]));
  const partOf = (name: string) => parseInt(name, 10);
  const unite = (names: string[]) => {
    const all = [...new Set(names.flatMap((name) => together.get(name) ?? missing(name)))];
    for (const name of all) together.set(name, all);
  };
  const calls: { number: t.NumericLiteral; name: () => string }[] = [];
  t.traverseFast(file, (node) => {
    if (!t.isCallExpression(node)) return;
    const [number, named] = node.arguments;
    if (!t.isNumericLiteral(number) || !t.isIdentifier(node.callee)) return;
    const names = namesIn(named).map((one) => one.value);
    if (names.length) {
      // Where the minifier has joined two calls, there is one number.
      unite(names);
      calls.push({ number, name: () => names[0] });
    } else if ([SHARED + STAY, SHARED + LEAVE].includes(node.callee.name)) {
      const all = [...functions.keys()].filter((name) => partOf(name) === number.value);
      unite(all);
      calls.push({ number, name: () => all[0] });
    }
  });
  const groups = [...new Set(together.values())];
  for (const { number, name } of calls) number.value = groups.indexOf(together.get(name()) as string[]);
  return groups.map((names) => ({ part: partOf(names[0]), functions: names }));
}

function missing(name: string): never {
  throw new Error(`a call of ${name}, which no part has`);
}

/**
 * Makes of the names by which functions of parts are called those that they have.
 * @param functions by the names in the calls
 * @param final the names of outermost variables at last, by those before
 */
export function nameCalls(file: t.File, functions: Map<string, string>, final: (name: string) => string): void {
  t.traverseFast(file, (node) => {
    if (!t.isCallExpression(node) || !t.isNumericLiteral(node.arguments[0])) return;
    for (const one of namesIn(node.arguments[1])) one.value = final(functions.get(one.value) ?? missing(one.value));
  });
}

/** The strings like `3 mount` that an expression may be: terser makes `f(x ? 'a' : 'b')` of two calls. */
function namesIn(node: t.Node | undefined): t.StringLiteral[] {
  if (t.isStringLiteral(node)) return /^\d+ /.test(node.value) ? [node] : [];
  return t.isConditionalExpression(node) ? [...namesIn(node.consequent), ...namesIn(node.alternate)] : [];
}
