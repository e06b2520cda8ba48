/** The `.d.ts` files of the host's package. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'rollup';
import type ts from 'typescript';
import { typescript } from '../typescript';

/** Writes them beside the code, with the file extensions that Node's resolution wants in them. */
export function declarations(inputs: string[], outDir: string): Plugin {
  let program: ts.Program | undefined;
  return {
    name: 'declarations',
    buildEnd() {
      const ts = typescript();
      const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
      // Whether the types fit is what `npm run check` asks.
      const only = { declaration: true, emitDeclarationOnly: true, noEmit: false, noCheck: true };
      const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, ...only, outDir, rootDir: '.' }, '.');
      program = ts.createProgram(inputs, options);
      // They are made of files too that have nothing but types.
      for (const file of program.getSourceFiles()) if (!file.isDeclarationFile) this.addWatchFile(resolve(file.fileName));
    },
    writeBundle() {
      program?.emit(undefined, undefined, undefined, true, { afterDeclarations: [withExtensions] });
      // It is large, and this plugin lives as long as the build.
      program = undefined;
    },
  };
}

const withExtensions: ts.TransformerFactory<ts.SourceFile | ts.Bundle> = (context) => (root) => {
  const ts = typescript();
  if (!ts.isSourceFile(root)) return root;
  const folder = dirname(root.fileName);
  const visit = (node: ts.Node): ts.Node => {
    // The text of `import './a'`, `export * from './a'` or `import('./a').B`.
    if (ts.isStringLiteral(node) && node.text.startsWith('.'))
      return context.factory.createStringLiteral(extended(folder, node.text), true);
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isImportTypeNode(node))
      return ts.visitEachChild(node, visit, context);
    return ts.visitEachChild(node, inside, context);
  };
  const inside = (node: ts.Node): ts.Node =>
    ts.isImportTypeNode(node) ? ts.visitEachChild(node, visit, context) : ts.isStringLiteral(node) ? node : visit(node);
  return ts.visitEachChild(root, inside, context);
};

function extended(folder: string, specifier: string): string {
  const path = resolve(folder, specifier);
  return existsSync(path + '.ts') ? specifier + '.js' : existsSync(path) ? specifier + '/index.js' : specifier;
}
