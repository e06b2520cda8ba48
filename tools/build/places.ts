/** Where in the tree of an ES5 script its variables are written, and what is around each place. */
import { types as t } from '@babel/core';
import { type Variable, variablesOf } from './variables';

/** A node, and what it is of the node that it lies in. */
export interface Place {
  node: t.Node;
  key: string;
  /** In a list of nodes; -1 elsewhere. */
  index: number;
  outer: Place | undefined;
}

export interface Places {
  /** The script's own variables, by name. */
  outermost: Map<string, Variable>;
  placeOf(identifier: t.Identifier): Place;
  /** What an identifier stands for; nothing where the script does not declare it. */
  variableOf(identifier: t.Identifier): Variable | undefined;
}

export function placesOf(file: t.File): Places {
  const { outermost, inner } = variablesOf(file);
  const variables = new Map<t.Identifier, Variable>();
  for (const variable of [...outermost.values(), ...inner]) for (const one of variable) variables.set(one, variable);
  const places = new Map<t.Node, Place>();
  const walk = (place: Place): void => {
    const { node } = place;
    if (node.type === 'Identifier') {
      if (variables.has(node)) places.set(node, place);
      return;
    }
    for (const key of t.VISITOR_KEYS[node.type]) {
      const below = (node as unknown as Record<string, t.Node | (t.Node | null)[] | null | undefined>)[key];
      if (Array.isArray(below)) for (const [index, one] of below.entries()) walkInto(one, key, index, place);
      else walkInto(below, key, -1, place);
    }
  };
  const walkInto = (node: t.Node | null | undefined, key: string, index: number, outer: Place): void => {
    if (node) walk({ node, key, index, outer });
  };
  walk({ node: file.program, key: '', index: -1, outer: undefined });
  return {
    outermost,
    placeOf: (identifier) => places.get(identifier) as Place,
    variableOf: (identifier) => variables.get(identifier),
  };
}

/** Whether what stands at a place is called there. */
export const isCalled = ({ node, outer }: Place): boolean => t.isCallExpression(outer?.node) && outer.node.callee === node;

/** The function around a place. */
export function functionAt({ outer }: Place): Place | undefined {
  return !outer || t.isFunction(outer.node) ? outer : functionAt(outer);
}

/** Whether a variable is declared there: by `var`, as a function, a parameter, or what is caught. */
export function isDeclaration({ node, key, outer }: Place): boolean {
  const around = outer?.node;
  if (t.isVariableDeclarator(around)) return key === 'id';
  return t.isCatchClause(around) ? key === 'param' : t.isFunction(around) && around.body !== node;
}

/** Whether a variable is set there, after it was declared. */
export function isSet({ key, outer }: Place): boolean {
  const around = outer?.node;
  return (
    t.isUpdateExpression(around) || (t.isAssignmentExpression(around) && key === 'left') || (t.isForXStatement(around) && key === 'left')
  );
}
