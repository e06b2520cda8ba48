/**
 * The rules for files `NAME.lazy.ts`, which devices load when a function of theirs is called and drop when it has returned.
 * They are imported as a namespace only, so that a call shows what it is; the faces of a room hand their functions on by name.
 * They export functions only, and keep no state.
 */
import { basename } from 'node:path';
import { type NodePath, type PluginObj, types as t } from '@babel/core';

/** How many arguments a call through the loader passes on. */
export const MOST_ARGUMENTS = 4;

/** Methods by which an array, a typed array or a table would be used to keep something. */
const CHANGING = ['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'set', 'copyWithin'];

const isLazyImport = (source: t.StringLiteral) => basename(source.value, '.ts').endsWith('.lazy');

/** A Babel plugin that throws where a rule is broken; the file has no types any more. */
export function lazyRules(): PluginObj {
  return {
    name: 'lazy-rules',
    visitor: {
      Program(program, { filename }) {
        for (const statement of program.get('body')) checkImport(statement);
        if (filename?.endsWith('.lazy.ts')) for (const statement of program.get('body')) checkOwn(statement);
      },
      Import(path) {
        const source = path.parentPath.isCallExpression() ? path.parentPath.node.arguments[0] : undefined;
        if (t.isStringLiteral(source) && isLazyImport(source))
          throw path.buildCodeFrameError(`${source.value} is loaded when it is called: import it with \`import * as name from\``);
      },
    },
  };
}

function checkImport(statement: NodePath<t.Statement>): void {
  if (statement.isExportAllDeclaration() || statement.isExportNamedDeclaration()) {
    const { source } = statement.node;
    const isAll = statement.isExportAllDeclaration() || statement.node.specifiers.some((one) => t.isExportNamespaceSpecifier(one));
    if (source && isAll && isLazyImport(source))
      throw statement.buildCodeFrameError(`of ${source.value} functions are exported one by one`);
  }
  if (!statement.isImportDeclaration() || !isLazyImport(statement.node.source)) return;
  const from = statement.node.source.value;
  const [specifier, ...others] = statement.node.specifiers;
  if (!specifier || others.length || !t.isImportNamespaceSpecifier(specifier))
    throw statement.buildCodeFrameError(`${from} is loaded when it is called: import it with \`import * as name from\``);
  const binding = statement.scope.getBinding(specifier.local.name);
  for (const use of binding?.referencePaths ?? []) {
    const member = use.parentPath;
    if (!member?.isMemberExpression() || member.node.object !== use.node || member.node.computed)
      throw use.buildCodeFrameError(
        `${specifier.local.name}, which is ${from}, stands only for its functions: \`${specifier.local.name}.f(...)\``,
      );
    const outer = member.parentPath;
    if (outer.isNewExpression() && outer.node.callee === member.node)
      throw use.buildCodeFrameError(`${from} has functions only, nothing for \`new\``);
    if (outer.isCallExpression() && outer.node.callee === member.node && outer.node.arguments.length > MOST_ARGUMENTS)
      throw use.buildCodeFrameError(`a function of ${from} is called with at most ${MOST_ARGUMENTS} arguments`);
  }
}

function checkOwn(statement: NodePath<t.Statement>): void {
  const problem = (text: string, at: NodePath = statement) => at.buildCodeFrameError(`${text} in a file that is loaded anew for each call`);
  if (statement.isImportDeclaration() || statement.isFunctionDeclaration()) return;
  if (statement.isVariableDeclaration()) {
    checkConstants(statement, problem);
    return;
  }
  if (!statement.isExportNamedDeclaration()) throw problem('only functions and constants can stand');
  if (statement.node.source) throw problem('only functions defined here can be exported, not those of others,');
  const declaration = statement.get('declaration');
  if (declaration.isFunctionDeclaration()) checkFunction(declaration, problem);
  else if (declaration.node) throw problem('only functions can be exported');
  for (const specifier of statement.get('specifiers')) {
    const local = specifier.isExportSpecifier() ? specifier.node.local.name : '';
    const binding = statement.scope.getBinding(local);
    if (!binding?.path.isFunctionDeclaration()) throw problem(`${local} is exported, but only functions can be`);
    checkFunction(binding.path, problem);
  }
}

type Problem = (text: string, at?: NodePath) => Error;

function checkFunction(path: NodePath<t.FunctionDeclaration>, problem: Problem): void {
  if (path.node.async || path.node.generator) throw problem(`${path.node.id?.name} cannot be async or a generator`);
  if (path.node.params.length > MOST_ARGUMENTS) throw problem(`${path.node.id?.name} cannot have more than ${MOST_ARGUMENTS} parameters`);
}

/** Tables are fine, as long as nobody writes into them. */
function checkConstants(statement: NodePath<t.VariableDeclaration>, problem: Problem): void {
  for (const declaration of statement.get('declarations')) {
    const id = declaration.node.id;
    const name = t.isIdentifier(id) ? id.name : '';
    const binding = statement.scope.getBinding(name);
    if (statement.node.kind !== 'const' || !binding?.constant) throw problem(`no variable (${name}) can be kept`);
    for (const use of binding.referencePaths) if (isWrittenInto(use)) throw problem(`nothing can be kept in ${name}`, use);
  }
}

function isWrittenInto(use: NodePath): boolean {
  const member = use.parentPath;
  if (!member?.isMemberExpression() || member.node.object !== use.node) return false;
  const outer = member.parentPath;
  if (outer.isAssignmentExpression()) return outer.node.left === member.node;
  if (outer.isUpdateExpression()) return true;
  if (outer.isUnaryExpression()) return outer.node.operator === 'delete';
  const { property, computed } = member.node;
  return (
    outer.isCallExpression() &&
    outer.node.callee === member.node &&
    !computed &&
    t.isIdentifier(property) &&
    CHANGING.includes(property.name)
  );
}
