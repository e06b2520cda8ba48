/** Bytes, functions and parameters of each bundle that is there, by rooms or by parts, and of each format, beside the budgets. */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { unpack } from './build/parts';
import { budgets, formatBudgets, type Size } from './bundles';
import { distPath, isParts, packagePath, storedBundles } from './dist';
import { isFunction, parseEs5, walk } from './gate/ast';

/** `modules/vfs/mount.ts` belongs to `modules/vfs`, `modules/index.ts` to itself. */
function roomOf(source: string): string {
  return source.split('/').slice(0, 2).join('/');
}

/** Which room each place of a built file comes from; what the build has added counts to what is before it. */
function roomFinder(file: string): (line: number, column: number) => string {
  const map = new SourceMap(JSON.parse(readFileSync(file + '.map', 'utf8')));
  let last = '(build)';
  return (line, column) => {
    const entry = map.findEntry(line, column);
    if ('originalSource' in entry && entry.originalSource)
      last = roomOf(relative(packagePath('.'), resolve(dirname(file), entry.originalSource)));
    return last;
  };
}

type Sizes = Map<string, Size>;

function at(sizes: Sizes, name: string): Size {
  const size = sizes.get(name) ?? { bytes: 0, functions: 0, parameters: 0 };
  sizes.set(name, size);
  return size;
}

function countFunctions(code: string, sizeAt: (line: number, column: number) => Size): void {
  walk(parseEs5(code), (node) => {
    if (!isFunction(node)) return;
    const size = sizeAt(node.loc.start.line - 1, node.loc.start.column);
    size.functions++;
    size.parameters += node.params.length;
  });
}

function byRoom(file: string): Sizes {
  const sizes: Sizes = new Map();
  const code = readFileSync(file, 'utf8');
  // A bundle with everything has no map: its rooms are seen in its parts.
  const roomAt = existsSync(file + '.map') ? roomFinder(file) : () => 'everything';
  code.split('\n').forEach((text, line) => {
    for (let column = 0; column < text.length; column++) at(sizes, roomAt(line, column)).bytes += Buffer.byteLength(text[column]);
  });
  countFunctions(code, (line, column) => at(sizes, roomAt(line, column)));
  return sizes;
}

function byPart(file: string): Sizes {
  const sizes: Sizes = new Map();
  const names: string[] = JSON.parse(readFileSync(file + '.map', 'utf8')).x_parts;
  unpack(readFileSync(file, 'utf8')).forEach(({ code }, i) => {
    const size = at(sizes, names[i]);
    size.bytes += Buffer.byteLength(code);
    countFunctions(code, () => size);
  });
  return sizes;
}

function row(name: string, size: Size): string {
  return '  ' + name.padEnd(32) + [size.bytes, size.functions, size.parameters].map((value) => String(value).padStart(11)).join('');
}

let over = false;
for (const [bundle, budget] of Object.entries(budgets)) {
  const file = distPath(bundle);
  // Some are made only when they are asked for.
  if (!existsSync(file)) continue;
  const sizes = isParts(bundle) ? byPart(file) : byRoom(file);
  const total: Size = { bytes: readFileSync(file).length, functions: 0, parameters: 0 };
  console.log(`dist/${bundle}`.padEnd(34) + '      bytes  functions parameters');
  for (const [name, size] of [...sizes].sort((a, b) => b[1].bytes - a[1].bytes)) {
    console.log(row(name, size));
    total.functions += size.functions;
    total.parameters += size.parameters;
  }
  console.log(row('total', total));
  console.log(row('budget', budget));
  if (total.bytes > budget.bytes || total.functions > budget.functions || total.parameters > budget.parameters) {
    over = true;
    console.log('  ABOVE BUDGET');
  }
}

/** What each format takes in the bundle that has all of them, resident and in parts. */
const [all, allParts] = Object.values(storedBundles('esp32', '-all')).map(distPath);
if (existsSync(all) && existsSync(allParts)) {
  const rooms = byRoom(all);
  for (const [part, { bytes, functions, parameters }] of byPart(allParts)) {
    const size = at(rooms, roomOf(part));
    size.bytes += bytes;
    size.functions += functions;
    size.parameters += parameters;
  }
  console.log('formats, in dist/esp32/vfs-*-all'.padEnd(34) + '      bytes  functions parameters     budget');
  for (const [room, most] of Object.entries(formatBudgets)) {
    const size = at(rooms, `modules/${room}`);
    console.log(row(`modules/${room}`, size) + String(most).padStart(11) + (size.bytes > most ? '  ABOVE BUDGET' : ''));
    if (size.bytes > most) over = true;
  }
} else console.log('The sizes of formats are those in dist/esp32/vfs-*-all: npm run build -- esp32-all');
if (over) process.exitCode = 1;
