/**
 * Puts a function that is called in one place there, as statements. A minifier can only put it there as a function, which on Espruino is
 * made, and read twice, at each call; and it takes five variables and its parameters, where it stays a function.
 */
import { types as t } from '@babel/core';
import { LINK } from './link';
import { isCalled, isDeclaration, isSet, type Place, type Places, placesOf } from './places';
import { type Variable, variablesOf } from './variables';

/** A function that is called and nothing else, and its calls. */
interface Called {
  made: t.FunctionDeclaration;
  calls: Place[];
  /** Parts use it too. */
  isShared: boolean;
}

/** What is called in several places, or by parts too, is copied to its calls if the copies have no more nodes than this together. */
const COPIED = 45;

/** Changes a script in ES5 whose functions and calls are as they were written. Variables of functions get names that nothing else has. */
export function inlineCalls(file: t.File): void {
  t.traverseFast(file, (node) => {
    if (!t.isIfStatement(node)) return;
    node.consequent = blockOf(node.consequent);
    if (node.alternate) node.alternate = blockOf(node.alternate);
  });
  const places = placesOf(file);
  variablesOf(file).inner.forEach((variable, i) => {
    for (const one of variable) one.name += '$' + i;
  });
  const all = [...places.outermost.values()].flatMap((variable) => calledOnly(variable.map(places.placeOf)) ?? []);
  const { body } = file.program;
  const gone = new Set<t.Node>();
  const done = new Set<Called>();
  const settled = (node: t.Identifier) => isNeverSet(places.variableOf(node), places);
  const putAll = (some: Called[]) => {
    for (const one of some) {
      if (done.has(one)) continue;
      done.add(one);
      const { made, calls, isShared } = one;
      // What is called in it first, and in what it is given: these are elsewhere then.
      const around = [made, ...calls.map(({ node }) => node)];
      putAll(all.filter((other) => other.calls.some((call) => around.some((node) => isWithin(call, node)))));
      const isCopied = isShared || calls.length > 1;
      if (isCopied && sizeOf(made) * calls.length > COPIED) continue;
      const targets = calls.map((call) => ({ call, target: targetOf(made, call) }));
      // What is one expression the minifier can put there.
      const isExpression = made.body.body.length === 1 && t.isReturnStatement(made.body.body[0]);
      if (targets.some(({ target }) => !target && !(isCopied && isExpression))) continue;
      const isSettled = made.params.map((parameter) => settled(parameter as t.Identifier));
      targets.forEach(({ call, target }, i) => {
        const copy = isCopied ? copyOf(made, i) : made;
        if (target) put(copy, target, (value, k) => isSettled[k] && settled(value));
        else {
          copy.id = t.identifier(`${made.id?.name}$copy${i}`);
          (call.node as t.CallExpression).callee = t.cloneNode(copy.id);
          body.push(copy);
        }
      });
      if (!isShared) gone.add(made);
    }
  };
  putAll(all);
  file.program.body = body.filter((one) => !gone.has(one));
}

function calledOnly(at: Place[]): Called | undefined {
  const uses = at.filter((one) => !isDeclaration(one) && !isLinked(one));
  const [declared, ...others] = at.filter(isDeclaration);
  const made = declared?.outer?.node;
  if (!uses.length || others.length || declared.key !== 'id' || !t.isFunctionDeclaration(made)) return undefined;
  const isPlain = (use: Place): boolean => {
    const { arguments: given } = (isCalled(use) && (use.outer?.node as t.CallExpression)) || {};
    if (!given || isRefused(use) || isWithin(use, made)) return false;
    return given.length <= made.params.length && given.every((one) => t.isExpression(one));
  };
  if (!uses.every(isPlain) || knowsItsCall(made)) return undefined;
  return { made, calls: uses.map(({ outer }) => outer as Place), isShared: uses.length + 1 < at.length };
}

/** Whether a comment before a call says that it is to stay one. It is put to the largest of what begins there. */
function isRefused({ node, outer }: Place): boolean {
  if (node.leadingComments?.some(({ value }) => value.includes('__NOINLINE__'))) return true;
  return !!outer && outer.node.start === node.start && isRefused(outer);
}

const isWithin = ({ outer }: Place, node: t.Node): boolean => !!outer && (outer.node === node || isWithin(outer, node));

/** Whether something is in the list of what parts use. */
function isLinked({ outer }: Place): boolean {
  const call = outer?.outer?.outer?.node;
  return t.isObjectProperty(outer?.node) && t.isCallExpression(call) && t.isIdentifier(call.callee, { name: LINK });
}

/** With other names for its variables: two may come into one function. */
function copyOf(made: t.FunctionDeclaration, i: number): t.FunctionDeclaration {
  const copy = t.cloneNode(made, true);
  for (const variable of variablesOf(t.program([copy])).inner) for (const one of variable) one.name += `$${i}`;
  return copy;
}

function sizeOf(node: t.Node): number {
  let size = 0;
  t.traverseFast(node, () => {
    size++;
  });
  return size;
}

/** Whether a function knows of its call more than its parameters. */
function knowsItsCall({ body }: t.FunctionDeclaration): boolean {
  let knows = false;
  t.traverseFast(body, (node) => {
    knows ||= t.isThisExpression(node) || t.isIdentifier(node, { name: 'arguments' });
  });
  return knows;
}

const isNeverSet = (variable: Variable | undefined, places: Places): boolean =>
  !!variable && !variable.map(places.placeOf).some((one) => isSet(one) || t.isVariableDeclarator(one.outer?.node));

/** Where the statements of a function can go. */
interface Target {
  call: Place;
  statement: Place;
  /** The call is what a function returns, and its value is wanted. */
  isTail: boolean;
  isDropped: boolean;
}

/** Where a function can go instead of a call, if it can. */
function targetOf(made: t.FunctionDeclaration, call: Place): Target | undefined {
  const statement = firstIn(call);
  const around = statement?.outer?.node;
  if (!statement || !t.isBlockStatement(around)) return undefined;
  const isTail = t.isReturnStatement(statement.node) && statement.node.argument === call.node;
  const isDropped = t.isExpressionStatement(statement.node) && statement.node.expression === call.node;
  if (!isInFunction(statement, isTail)) return undefined;
  // A function and the variables around it would know each other, which only Espruino's garbage collector takes apart.
  const { arguments: given } = call.node as t.CallExpression;
  if ([...given, ...(isTail ? [] : made.body.body)].some(hasFunction)) return undefined;
  const body = made.body.body;
  if (!isTail) joinReturns(body);
  const returns = returnsIn(made.body);
  const isOnlyLast = returns.length === 1 && returns[0] === body[body.length - 1] && !!returns[0].argument;
  return isTail || (isDropped && !returns.length) || isOnlyLast ? { call, statement, isTail, isDropped } : undefined;
}

/** @param stands whether something can stand for a parameter, by its place */
function put(
  made: t.FunctionDeclaration,
  { call, statement, isTail, isDropped }: Target,
  stands: (value: t.Identifier, i: number) => boolean,
): void {
  const around = statement.outer?.node;
  const body = made.body.body;
  const last = body[body.length - 1];
  const first = parametersOf(made, (call.node as t.CallExpression).arguments as t.Expression[], stands);
  const statements: t.Statement[] = first.length ? [t.variableDeclaration('var', first), ...body] : [...body];
  if (isTail) {
    if (!t.isReturnStatement(last) && !t.isThrowStatement(last)) statements.push(t.returnStatement());
  } else if (t.isReturnStatement(last)) {
    statements.pop();
    set(call, last.argument as t.Expression);
    statements.push(statement.node as t.Statement);
  } else if (!isDropped) throw new Error('a call without a value');
  const list = (around as t.BlockStatement).body;
  const at = list.indexOf(statement.node as t.Statement);
  if (at < 0) throw new Error('a statement that is elsewhere');
  list.splice(at, 1, ...statements);
}

const blockOf = (node: t.Statement) => (t.isBlockStatement(node) ? node : t.blockStatement([node]));

function hasFunction(node: t.Node): boolean {
  let has = false;
  t.traverseFast(node, (one) => {
    has ||= t.isFunction(one);
  });
  return has;
}

function set({ node: before, key, index, outer }: Place, node: t.Node): void {
  const fields = outer?.node as unknown as Record<string, t.Node | t.Node[]>;
  const list = fields[key];
  if ((Array.isArray(list) ? list[index] : list) !== before) throw new Error('an expression that is elsewhere');
  if (Array.isArray(list)) list[index] = node;
  else fields[key] = node;
}

/** The statement in which an expression is evaluated before all else. */
function firstIn(place: Place): Place | undefined {
  const { node, key, index, outer } = place;
  const around = outer?.node;
  if (!outer || !around) return undefined;
  if (t.isReturnStatement(around) || t.isExpressionStatement(around) || t.isThrowStatement(around)) return outer;
  if (t.isIfStatement(around)) return key === 'test' ? outer : undefined;
  if (t.isVariableDeclarator(around)) return outer.index === 0 ? outer.outer : undefined;
  const isFirst =
    t.isUnaryExpression(around) ||
    ((t.isBinaryExpression(around) || t.isLogicalExpression(around)) && around.left === node) ||
    (t.isConditionalExpression(around) && key === 'test') ||
    (t.isMemberExpression(around) && key === 'object') ||
    (t.isCallExpression(around) && key === 'arguments' && index === 0 && t.isIdentifier(around.callee)) ||
    (t.isAssignmentExpression(around, { operator: '=' }) && key === 'right' && isPlain(around.left));
  return isFirst ? firstIn(outer) : undefined;
}

/** Whether evaluating what is set comes to the same before and after something else. */
const isPlain = (node: t.Node): boolean =>
  t.isIdentifier(node) ||
  (t.isMemberExpression(node) && !node.computed && (t.isIdentifier(node.object) || t.isThisExpression(node.object)));

/** Whether it is in a function, and there in no loop, where variables would be left from before; a return ends one. */
function isInFunction({ outer }: Place, isTail: boolean): boolean {
  if (!outer) return false;
  if (t.isFunction(outer.node)) return true;
  return !(t.isLoop(outer.node) && !isTail) && isInFunction(outer, isTail);
}

/** `if (a) return b; return c;` at the end becomes one `return`. */
function joinReturns(body: t.Statement[]): void {
  for (;;) {
    const [before, last] = body.slice(-2);
    if (!last || !t.isIfStatement(before) || before.alternate || !t.isReturnStatement(last) || !last.argument) return;
    const { consequent } = before;
    const then = t.isBlockStatement(consequent) && consequent.body.length === 1 ? consequent.body[0] : consequent;
    if (!t.isReturnStatement(then) || !then.argument) return;
    body.splice(-2, 2, t.returnStatement(t.conditionalExpression(before.test, then.argument, last.argument)));
  }
}

/** But for those of functions within. */
function returnsIn(node: t.Node): t.ReturnStatement[] {
  if (t.isReturnStatement(node)) return [node];
  if (t.isFunction(node)) return [];
  return t.VISITOR_KEYS[node.type].flatMap((key) => {
    const below = (node as unknown as Record<string, t.Node | (t.Node | null)[] | null | undefined>)[key];
    return [below].flat().flatMap((one) => (one ? returnsIn(one) : []));
  });
}

/** Declares the parameters, but for those that can be what is given for them. */
function parametersOf(
  { params, body }: t.FunctionDeclaration,
  given: t.Expression[],
  stands: (value: t.Identifier, i: number) => boolean,
): t.VariableDeclarator[] {
  const declared: t.VariableDeclarator[] = [];
  params.forEach((one, i) => {
    const parameter = one as t.Identifier;
    const value = given[i];
    if (t.isIdentifier(value) && stands(value, i)) {
      t.traverseFast(body, (node) => {
        if (t.isIdentifier(node, { name: parameter.name })) node.name = value.name;
      });
    } else declared.push(t.variableDeclarator(parameter, value));
  });
  return declared;
}
