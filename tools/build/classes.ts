/** A class that inherits nothing is a function and one object literal: shorter than what translators make of it. */
import { type NodePath, type PluginObj, types as t } from '@babel/core';

/** A Babel plugin, to go before the one that translates classes; it leaves to that one what it does not know. */
export function plainClasses(): PluginObj {
  return {
    name: 'plain-classes',
    visitor: {
      // Before anything else sees the classes: what is done to the old ones would be done to the bodies that move.
      Program(program) {
        program.traverse({ ClassDeclaration: replaceClass });
        program.scope.crawl();
      },
    },
  };
}

function replaceClass(path: NodePath<t.ClassDeclaration>): void {
  const made = plainClass(path.node);
  if (!made) return;
  const [declaration, ...statements] = made;
  const outer = path.parentPath;
  if (outer.isExportNamedDeclaration()) outer.replaceWithMultiple([t.exportNamedDeclaration(declaration), ...statements]);
  else if (outer.isProgram() || outer.isBlockStatement()) path.replaceWithMultiple([declaration, ...statements]);
}

function plainClass(node: t.ClassDeclaration): [t.FunctionDeclaration, ...t.Statement[]] | undefined {
  if (node.superClass || !node.id) return undefined;
  const own = node.id;
  const methods: t.ObjectProperty[] = [];
  const statics: t.Statement[] = [];
  let maker: t.ClassMethod | undefined;
  for (const member of node.body.body) {
    if (!t.isClassMethod(member) || member.computed || !t.isIdentifier(member.key)) return undefined;
    if (member.kind === 'constructor') maker = member;
    else if (member.kind !== 'method' || member.async || member.generator) return undefined;
    else {
      const made = t.inherits(t.functionExpression(null, plainParameters(member), member.body), member);
      if (member.static) statics.push(assign(t.memberExpression(t.cloneNode(own), member.key), made));
      else methods.push(t.inherits(t.objectProperty(member.key, made), member));
    }
  }
  const body = maker?.body ?? t.blockStatement([]);
  const declaration = t.inherits(t.functionDeclaration(own, maker ? plainParameters(maker) : [], body), maker ?? node);
  const prototype = t.memberExpression(t.cloneNode(own), t.identifier('prototype'));
  return [declaration, ...(methods.length ? [assign(prototype, t.objectExpression(methods))] : []), ...statics];
}

/** Without types there are no parameters that are properties. */
function plainParameters(method: t.ClassMethod): t.FunctionParameter[] {
  return method.params.filter((one): one is t.FunctionParameter => !t.isTSParameterProperty(one));
}

function assign(target: t.MemberExpression, value: t.Expression): t.Statement {
  return t.expressionStatement(t.assignmentExpression('=', target, value));
}
