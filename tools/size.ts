import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { budgets } from './bundles';
import { distPath, packagePath } from './dist';
import { isFunction, parseEs5, walk } from './gate/ast';

/** Bytes, and for the minified bundle functions, that one part of the source makes. */
interface Part {
  raw: number;
  minified: number;
  functions: number;
}

/** `modules/vfs/mount.ts` belongs to `modules/vfs`, `modules/contract/errno.ts` to itself. */
function partOf(source: string): string {
  return source.split('/').slice(0, 2).join('/');
}

/** Which part each place of a built file comes from; what the build has added counts to what is before it. */
function partFinder(file: string): (line: number, column: number) => string {
  const map = new SourceMap(JSON.parse(readFileSync(file + '.map', 'utf8')));
  let last = '(build)';
  return (line, column) => {
    const entry = map.findEntry(line, column);
    if ('originalSource' in entry && entry.originalSource)
      last = partOf(relative(packagePath('.'), resolve(dirname(file), entry.originalSource)));
    return last;
  };
}

function eachByte(file: string, found: (part: string, bytes: number) => void): void {
  const partAt = partFinder(file);
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((text, line) => {
      for (let column = 0; column < text.length; column++) found(partAt(line, column), Buffer.byteLength(text[column]));
      found(partAt(line, text.length), 1);
    });
}

function measure(bundle: string): Map<string, Part> {
  const parts = new Map<string, Part>();
  const part = (name: string): Part => {
    if (!parts.has(name)) parts.set(name, { raw: 0, minified: 0, functions: 0 });
    return parts.get(name) as Part;
  };
  const minified = distPath(bundle);
  eachByte(minified.replace(/\.min\.js$/, '.js'), (name, bytes) => {
    part(name).raw += bytes;
  });
  eachByte(minified, (name, bytes) => {
    part(name).minified += bytes;
  });
  const partAt = partFinder(minified);
  walk(parseEs5(readFileSync(minified, 'utf8')), (node) => {
    if (isFunction(node)) part(partAt(node.loc.start.line - 1, node.loc.start.column)).functions++;
  });
  return parts;
}

function row(name: string, raw: number | string, minified: number | string, functions: number | string): string {
  return '  ' + name.padEnd(24) + String(raw).padStart(10) + String(minified).padStart(10) + String(functions).padStart(11);
}

let over = false;
const all = { minified: 0, functions: 0 };
for (const [bundle, budget] of Object.entries(budgets)) {
  const parts = measure(bundle);
  const total: Part = { raw: 0, minified: readFileSync(distPath(bundle)).length, functions: 0 };
  console.log(`dist/${bundle}`);
  console.log(row('part', 'raw', 'minified', 'functions'));
  for (const [name, part] of [...parts].sort((a, b) => b[1].minified - a[1].minified)) {
    console.log(row(name, part.raw, part.minified, part.functions));
    total.raw += part.raw;
    total.functions += part.functions;
  }
  console.log(row('total', total.raw, total.minified, total.functions));
  console.log(row('budget', '', budget.bytes, budget.functions));
  all.minified += total.minified;
  all.functions += total.functions;
  if (total.minified > budget.bytes || total.functions > budget.functions) {
    over = true;
    console.log('  ABOVE BUDGET');
  }
}
console.log(row('all bundles', '', all.minified, all.functions));
if (over) process.exitCode = 1;
