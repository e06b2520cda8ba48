/** Bytes, functions and parameters of each bundle that is there, by rooms or by parts, and of each format, beside the budgets. */
import { existsSync, readFileSync } from 'node:fs';
import { budgets, formatBudgets, type Size } from './bundles';
import { distPath, isParts } from './dist';
import { at, byPart, byRoom, roomOf } from './room-sizes';
import { storedBundles } from './stored';

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
