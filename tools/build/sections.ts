/**
 * Takes the parts out of the module that they were compressed in. Functions that only parts use are no part of the resident
 * module either: they go into the part that alone needs them, or into a section that several parts share.
 */
import { types as t } from '@babel/core';
import { functionAt, isCalled, isDeclaration, isSet, type Place, type Places, placesOf } from './places';
import type { Variable } from './variables';

/** What is loaded and dropped together. */
export interface Section {
  /** In reports. */
  name: string;
  /** The sections that it needs, by number. */
  needs: number[];
  statements: t.Statement[];
}

/** What is declared in the outermost scope. */
interface Declared {
  /** The statement, or the one variable of it. */
  node: t.FunctionDeclaration | t.VariableDeclarator;
  /** Whether it need not be there from the start. */
  movable: boolean;
  /** What it uses; and of that what it uses in functions within, which may be called when the part has gone. */
  uses: Set<string>;
  late: Set<string>;
  /** Whether it is used as a value, and may be called when its part has gone. */
  escapes: boolean;
}

/**
 * Takes the sections out of the module.
 * @param units the name of each, and the variables of its functions. They are the first sections
 * @param isOfPart whether a variable was declared in a part: it is no state
 */
export function takeSections(
  main: t.File,
  units: { name: string; functions: string[] }[],
  isOfPart: (variable: string) => boolean,
): Section[] {
  const { declared, used } = look(main, isOfPart);
  const entries = units.map(({ functions }) => functions);
  const { needed, resident } = divide(declared, used, entries);
  const users = new Map<string, number[]>();
  needed.forEach((names, part) => {
    for (const name of names) if (!resident.has(name)) users.set(name, [...(users.get(name) ?? []), part]);
  });
  const sections: Section[] = units.map(({ name }) => ({ name, needs: [], statements: [] }));
  const groups = merge(
    groupsOf(users),
    units.map(({ functions }) => (functions.length > 1 ? STAYING : 1)),
  );
  const numbers = new Map<Group, number>();
  const place = (name: string): Section => {
    const group = groups.find(({ members }) => members.includes(name)) as Group;
    if (group.users.length === 1) return sections[group.users[0]];
    let number = numbers.get(group);
    if (number === undefined) {
      const names = [...new Set(group.users.map((unit) => units[unit].name))];
      number = sections.push({ name: names.length > 1 ? `shared by ${names.join(', ')}` : names[0], needs: [], statements: [] }) - 1;
      numbers.set(group, number);
    }
    return sections[number];
  };
  // Values last, which may need functions when they are made.
  for (const values of [false, true])
    for (const [name] of [...users].sort((a, b) => startOf(declared, a[0]) - startOf(declared, b[0]))) {
      const { node } = declared.get(name) as Declared;
      const isValue = t.isVariableDeclarator(node) && !t.isFunctionExpression(node.init);
      if (isValue === values) place(name).statements.push(t.isVariableDeclarator(node) ? t.variableDeclaration('var', [node]) : node);
    }
  link(sections, numbers);
  const moved = new Set([...users.keys()].map((name) => declared.get(name)?.node as t.Node));
  main.program.body = main.program.body.filter((statement) => {
    if (t.isVariableDeclaration(statement)) statement.declarations = statement.declarations.filter((one) => !moved.has(one));
    return t.isVariableDeclaration(statement) ? statement.declarations.length > 0 : !moved.has(statement);
  });
  return sections;
}

/** What the same units need, and so is loaded together. */
interface Group {
  users: number[];
  members: string[];
}

/** A section takes as much work to load as this many functions. */
const SECTION = 1.5;
/** Loading a function in vain counts so many times: it takes work, and RAM while more is loaded above it. */
const VAIN = 2;

/** What a part that stays takes counts so many times: it is there for long. */
const STAYING = 20;

/** @param users the units that need a function */
function groupsOf(users: Map<string, number[]>): Group[] {
  const groups = new Map<string, Group>();
  for (const [name, by] of users) {
    const group = groups.get(by.join()) ?? { users: by, members: [] };
    group.members.push(name);
    groups.set(by.join(), group);
  }
  return [...groups.values()];
}

/**
 * Puts groups together, those that are shared, as long as loading what a unit does not need is less work than loading more sections.
 * @param weights how much each unit counts
 */
function merge(groups: Group[], weights: number[]): Group[] {
  const shared = groups.filter(({ users }) => users.length > 1);
  for (;;) {
    let best = { gain: 0, one: -1, other: -1 };
    for (let one = 0; one < shared.length; one++)
      for (let other = 0; other < one; other++) {
        const gain = gainOf(shared[one], shared[other], weights);
        if (gain > best.gain) best = { gain, one, other };
      }
    if (!best.gain) return [...groups.filter(({ users }) => users.length === 1), ...shared];
    const [taken] = shared.splice(best.one, 1);
    const { users, members } = shared[best.other];
    const all = [...new Set([...users, ...taken.users])].sort((a, b) => a - b);
    shared[best.other] = { users: all, members: [...members, ...taken.members] };
  }
}

/** How many functions less have to be loaded, over all units, if two groups are one. */
function gainOf(one: Group, other: Group, weights: number[]): number {
  let gain = 0;
  for (const unit of one.users) gain += other.users.includes(unit) ? SECTION * weights[unit] : -VAIN * other.members.length * weights[unit];
  for (const unit of other.users) if (!one.users.includes(unit)) gain -= VAIN * one.members.length * weights[unit];
  return gain;
}

/** What the units need, where one section that they need does not need another already. */
function link(sections: Section[], numbers: Map<Group, number>): void {
  const shared = [...numbers].map(([{ users }, number]) => ({ users, number }));
  const within = (few: number[], many: number[]) => few.length < many.length && few.every((unit) => many.includes(unit));
  for (const { users, number } of shared) {
    const wider = shared.filter((one) => within(users, one.users));
    sections[number].needs = wider.filter((one) => !wider.some((two) => within(two.users, one.users))).map((one) => one.number);
    for (const unit of users)
      if (!shared.some((one) => one.users.includes(unit) && within(one.users, users))) sections[unit].needs.push(number);
  }
}

const startOf = (declared: Map<string, Declared>, name: string) => declared.get(name)?.node.start ?? Infinity;

/** What is declared, and what is used outside of all that is movable. */
function look(main: t.File, isOfPart: (variable: string) => boolean): { declared: Map<string, Declared>; used: Set<string> } {
  const declared = new Map<string, Declared>();
  const used = new Set<string>();
  const places = placesOf(main);
  const all = [...places.outermost].map(([name, variable]) => ({ name, at: variable.map(places.placeOf) }));
  for (const { name, at } of all) {
    const [first, ...others] = at.filter(isDeclaration);
    const node = first.outer?.node as Declared['node'];
    const isFunction = t.isFunctionDeclaration(node) || (t.isFunctionExpression(node.init) && !node.init.id);
    const movable = isConstant(at, others) && (isFunction || (isOfPart(name) && !!(node as t.VariableDeclarator).init));
    declared.set(name, { node, movable, uses: new Set(), late: new Set(), escapes: false });
  }
  for (const { name, at } of all) for (const use of at) if (!isDeclaration(use)) noteUse(name, use);
  function noteUse(name: string, use: Place): void {
    const owner = ownerOf(use);
    const declaring = owner && declared.get(owner.name);
    if (!declaring?.movable) {
      used.add(name);
      return;
    }
    declaring.uses.add(name);
    const own = t.isFunctionDeclaration(declaring.node) ? declaring.node : declaring.node.init;
    if (functionAround(use, places)?.node !== own) declaring.late.add(name);
    if (!isCalled(use) && !isOnlyCalled(use, places)) (declared.get(name) as Declared).escapes = true;
  }
  return { declared, used };
}

/** Whether a variable is declared once, and never set again. */
const isConstant = (at: Place[], otherDeclarations: Place[]) => !otherDeclarations.length && !at.some(isSet);

/** The function that a place is in, but for those within that are called while it runs. */
function functionAround(use: Place, places: Places): Place | undefined {
  const around = functionAt(use);
  return around && (isCalled(around) || isOnlyCalled(around, places)) ? functionAround(around, places) : around;
}

/** Methods that call what they are given, and do not keep it. */
const WALKS = ['forEach', 'map', 'filter'];

/** Whether a value is given to a function that does nothing but call it. */
function isOnlyCalled({ key, index, outer }: Place, places: Places): boolean {
  const call = outer?.node;
  if (!t.isCallExpression(call) || key !== 'arguments') return false;
  const { callee } = call;
  if (t.isMemberExpression(callee)) return t.isIdentifier(callee.property) && WALKS.includes(callee.property.name);
  // A function of a part is called by its number and its name.
  const [first, second] = call.arguments;
  const byName = t.isNumericLiteral(first) && t.isStringLiteral(second);
  const variable = byName ? places.outermost.get(second.value) : t.isIdentifier(callee) ? places.variableOf(callee) : undefined;
  const made = byName || t.isIdentifier(callee) ? functionOf(variable, places) : callee;
  if (!t.isFunction(made)) return false;
  const parameter = made.params[index - (byName ? 2 : 0)];
  const given = t.isIdentifier(parameter) ? places.variableOf(parameter)?.map(places.placeOf) : undefined;
  return !given || given.every((one) => one.node === parameter || (!isSet(one) && !isDeclaration(one) && staysIn(one, made, places)));
}

/** Whether a parameter is called there while its function runs, or handed to what does so. */
const staysIn = (use: Place, made: t.Node, places: Places): boolean =>
  isCalled(use) ? functionAround(use, places)?.node === made : isOnlyCalled(use, places);

/** The function that a variable is declared with. */
function functionOf(variable: Variable | undefined, places: Places): t.Node | null | undefined {
  const declaring = variable?.map(places.placeOf).find(isDeclaration);
  const node = declaring?.outer?.node;
  if (t.isVariableDeclarator(node)) return node.init;
  return declaring?.key === 'id' ? node : undefined;
}

/** The outermost function or variable in whose declaration a place is. */
function ownerOf(use: Place): t.Identifier | undefined {
  let inner = use;
  while (inner.outer?.outer) {
    if (t.isVariableDeclarator(inner.node) && !inner.outer.outer.outer) return inner.node.id as t.Identifier;
    inner = inner.outer;
  }
  return t.isFunctionDeclaration(inner.node) ? (inner.node.id as t.Identifier) : undefined;
}

/** What has to stay, and what each part needs. What may be called when a part has gone must not miss what it uses. */
function divide(declared: Map<string, Declared>, used: Set<string>, entries: string[][]): { resident: Set<string>; needed: Set<string>[] } {
  const reach = (from: Iterable<string>, stop: Set<string>): Set<string> => {
    const found = new Set<string>();
    const todo = [...from];
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      if (found.has(name) || stop.has(name)) continue;
      found.add(name);
      todo.push(...(declared.get(name)?.uses ?? []));
    }
    return found;
  };
  const roots = new Set([...used, ...[...declared].filter(([, { movable }]) => !movable).map(([name]) => name)]);
  for (;;) {
    const resident = reach(roots, new Set());
    const needed = entries.map((names) => reach(names, resident));
    const before = roots.size;
    for (const names of needed)
      for (const name of names) {
        const { late, uses, escapes } = declared.get(name) as Declared;
        for (const one of escapes ? uses : late) if (!resident.has(one)) roots.add(one);
      }
    if (roots.size === before) return { resident, needed };
  }
}
