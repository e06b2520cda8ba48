/**
 * Makes the modules of a device, which were compressed each by itself, one: on the device all parts have the variables of the main
 * module. Functions of parts are called by number and name.
 */
import { types as t } from '@babel/core';
import { LEAVE, LINK, nameIn, STAY } from './link';
import { SHARED } from './names';
import { newNames, renameOutermost, variablesOf } from './variables';

/** Before the names of a part's outermost variables, which tells them apart in one module. */
const OF_PART = '$part';

/** Whether a variable is a part's. */
export const isOfPart = (name: string): boolean => name.startsWith(OF_PART);

/**
 * Puts what the parts declare into the main module, and takes the list of what they use out of it.
 * @param files compressed, the main one first
 * @param marks of the parts, by which their functions are called
 * @returns the variable that each function of a part is, by `nameIn`
 */
export function join([main, ...parts]: t.File[], marks: number[]): Map<string, string> {
  const functions = new Map<string, string>();
  const same = shareVariables(main);
  parts.forEach((part, i) => {
    const apart = (name: string) => `${OF_PART}${i}_${name}`;
    const declare = declarer(part);
    t.traverseFast(part, (node) => {
      if (t.isIdentifier(node)) node.name = same.get(node.name) ?? node.name;
      if (!t.isAssignmentExpression(node)) return;
      const { left, right } = node;
      if (t.isMemberExpression(left) && t.isIdentifier(left.object, { name: 'exports' }) && t.isIdentifier(left.property))
        functions.set(nameIn(marks[i], left.property.name), apart(t.isIdentifier(right) ? right.name : declare(right)));
    });
    part.program.body = part.program.body.filter((one) => !t.isExpressionStatement(one));
    const variables = variablesOf(part);
    renameOutermost(variables, new Map([...variables.outermost.keys()].map((name) => [name, apart(name)])));
    main.program.body.push(...part.program.body);
  });
  return functions;
}

/** Gives the variables that parts use the names that they have there. @returns of several names of one variable the one that it has */
function shareVariables(main: t.File): Map<string, string> {
  const same = new Map<string, string>();
  const names = new Map<string, string>();
  const declare = declarer(main);
  for (const given of takeLists(main))
    for (const one of given.properties) {
      if (!t.isObjectProperty(one) || !t.isIdentifier(one.key) || !t.isExpression(one.value)) throw new Error('odd list');
      names.set(one.key.name, t.isIdentifier(one.value) ? one.value.name : declare(one.value));
    }
  const renamed = new Map<string, string>();
  for (const [name, variable] of names) {
    const before = renamed.get(variable);
    if (before) same.set(SHARED + name, before);
    else renamed.set(variable, SHARED + name);
  }
  renameOutermost(variablesOf(main), renamed);
  return same;
}

/** Takes the calls of what is nowhere out of the statements, and out of those that the minifier has joined. @returns what they give */
function takeLists({ program }: t.File): t.ObjectExpression[] {
  const lists: t.ObjectExpression[] = [];
  const isRest = (one: t.Expression) => {
    if (!t.isCallExpression(one) || !t.isIdentifier(one.callee, { name: LINK })) return true;
    const [given] = one.arguments;
    if (!t.isObjectExpression(given)) throw new Error('no list that is known');
    lists.push(given);
    return false;
  };
  program.body = program.body.filter((statement) => {
    if (!t.isExpressionStatement(statement)) return true;
    const { expression } = statement;
    const all = t.isSequenceExpression(expression) ? expression.expressions : [expression];
    const rest = all.filter(isRest);
    if (rest.length < all.length && rest.length) statement.expression = rest.length > 1 ? t.sequenceExpression(rest) : rest[0];
    return rest.length > 0;
  });
  return lists;
}

/** Declares a variable for a function that the minifier has put where it was used; with its own name, by which it may call itself. */
function declarer(file: t.File): (value: t.Expression) => string {
  let newName: ReturnType<typeof newNames>;
  return (value) => {
    const { body } = file.program;
    if (t.isFunctionExpression(value) && value.id) {
      body.push(t.functionDeclaration(value.id, value.params, value.body));
      return value.id.name;
    }
    newName ??= newNames(variablesOf(file));
    const name = newName('function');
    body.push(t.variableDeclaration('var', [t.variableDeclarator(t.identifier(name), value)]));
    return name;
  };
}

/** What is loaded when one of its functions is called: a function of a part, or all of a part that stays. */
export interface Unit {
  /** The mark of the part. */
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
