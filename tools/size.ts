/** Bytes, functions and parameters of each bundle that is there, by rooms or by parts, and of each format, beside the budgets. */
import { existsSync, statSync } from 'node:fs';
import { budgets, formatBudgets, type Size } from './bundles';
import { distPath, isParts } from './dist';
import { at, byPart, byRoom, isAbove, roomOf } from './room-sizes';
import { storedBundles } from './stored';

function row(name: string, size: Size): string {
  return '  ' + name.padEnd(32) + [size.bytes, size.functions, size.parameters].map((value) => String(value).padStart(11)).join('');
}

/** What takes more than its budget: told once more at the end, as the tables are long. */
const above: string[] = [];
for (const [bundle, budget] of Object.entries(budgets)) {
  const file = distPath(bundle);
  // Some are made only when they are asked for.
  if (!existsSync(file)) continue;
  const sizes = isParts(bundle) ? byPart(file) : byRoom(file);
  const total: Size = { bytes: statSync(file).size, functions: 0, parameters: 0 };
  console.log(`dist/${bundle}`.padEnd(34) + '      bytes  functions parameters');
  for (const [name, size] of [...sizes].sort((a, b) => b[1].bytes - a[1].bytes)) {
    console.log(row(name, size));
    total.functions += size.functions;
    total.parameters += size.parameters;
  }
  console.log(row('total', total));
  console.log(row('budget', budget));
  if (isAbove(total, budget)) {
    above.push(`dist/${bundle}`);
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
    if (size.bytes > most) above.push(`modules/${room}`);
  }
} else console.log('The sizes of formats are those in dist/esp32/vfs-*-all: npm run build -- esp32-all');
if (above.length) {
  console.log(`ABOVE BUDGET: ${above.join(', ')}`);
  process.exitCode = 1;
}
