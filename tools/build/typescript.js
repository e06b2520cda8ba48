/** TypeScript's transformers and scopes for one script. */
import ts from 'typescript';

const FILE = 'chunk.js';

/**
 * @param {string} source
 * @param {ts.ScriptTarget} target
 * @param {(checker: ts.TypeChecker) => ts.TransformerFactory<ts.SourceFile>[]} transformers
 * @returns {{ code: string, map: string }}
 */
export function emit(source, target, transformers) {
  const options = {
    target,
    module: ts.ModuleKind.ESNext,
    ignoreDeprecations: '6.0',
    allowJs: true,
    noLib: true,
    noResolve: true,
    noEmitHelpers: true,
    alwaysStrict: false,
    sourceMap: true,
    outDir: 'out',
    types: [],
  };
  const { program, file } = programOf(source, options);
  let code = '';
  let map = '';
  const written = (name, text) => {
    if (name.endsWith('.map')) map = text;
    else code = text.replace(/\n\/\/# sourceMappingURL=.*/, '').replace(/^export \{\};\n?/m, '');
  };
  program.emit(file, written, undefined, false, { before: transformers(program.getTypeChecker()) });
  return { code, map };
}

function programOf(source, options) {
  const file = ts.createSourceFile(FILE, source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const host = {
    ...ts.createCompilerHost(options),
    getSourceFile: (name) => (name === FILE ? file : undefined),
    fileExists: (name) => name === FILE,
    readFile: () => undefined,
  };
  return { program: ts.createProgram([FILE], options, host), file };
}

/**
 * The names of the script's outermost scope with how often each is written, and the names that it takes from outside.
 * @returns {{ own: Map<string, number>, foreign: Set<string> }}
 */
export function outerNames(source) {
  const { program, file } = programOf(source, { allowJs: true, noLib: true, noResolve: true, types: [] });
  const checker = program.getTypeChecker();
  const uses = new Map([...(file.locals ?? [])].map(([, symbol]) => [symbol, 0]));
  const foreign = new Set();
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (uses.has(symbol)) uses.set(symbol, uses.get(symbol) + 1);
      // Names of properties are among these; it does no harm.
      else if (!symbol?.declarations) foreign.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { own: new Map([...uses].map(([symbol, n]) => [symbol.name, n])), foreign };
}
