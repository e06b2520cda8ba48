/**
 * `npm run bench`: counted device I/O of the standard workloads, ours beside the C library's (bench/baseline.json).
 * `*` marks a figure that is more than C's. Exits 1 if one of the MP setting's bytes read, bytes programmed or blocks
 * erased is, or a sequential megabyte on FAT takes more calls than FatFs.
 */
import { readFileSync } from 'node:fs';
import { printFat } from './fat';
import { printGrowth } from './growth';
import { type Cost, runWorkloads, SETTINGS, worse } from './workloads';

type Baseline = Record<keyof typeof SETTINGS, Record<string, Omit<Cost, 'micros'> & { what: string }>>;
const baseline: Baseline = JSON.parse(readFileSync(new URL('./baseline.json', import.meta.url), 'utf8'));

const FIGURES: [keyof Omit<Cost, 'micros'>, string][] = [
  ['reads', 'read calls'],
  ['readBytes', 'bytes read'],
  ['programs', 'prog calls'],
  ['programBytes', 'bytes progr.'],
  ['erases', 'erases'],
];

function column(ours: number, theirs: number): string {
  const ratio = theirs ? (ours / theirs).toFixed(2) : ours ? 'inf' : '-';
  return `${String(ours).padStart(9)} ${String(theirs).padStart(8)} ${ratio.padStart(5)}${ours > theirs ? '*' : ' '}`;
}

let failed = false;
for (const name of Object.keys(SETTINGS) as (keyof typeof SETTINGS)[]) {
  const { costs } = runWorkloads(SETTINGS[name]);
  console.log(`\n${name}: ours, C littlefs v2, ratio`);
  console.log('workload'.padEnd(35) + FIGURES.map(([, title]) => title.padStart(25)).join('') + 'ms'.padStart(8));
  for (const [key, theirs] of Object.entries(baseline[name])) {
    const ours = costs[key];
    const row = FIGURES.map(([figure]) => column(ours[figure], theirs[figure])).join('');
    console.log(`${key.padEnd(4)}${theirs.what.padEnd(31)}${row}${(ours.micros / 1000).toFixed(1).padStart(8)}`);
  }
  const more = worse(costs, baseline[name]);
  if (more.length) console.log(`more than C: ${more.join('; ')}`);
  if (more.length && name === 'MP') failed = true;
}
printGrowth();
const fewer = await printFat();
if (failed) {
  console.log('\nThe MP setting must cost no more than the C library.');
  process.exit(1);
}
if (!fewer) {
  console.log('\nA sequential megabyte on FAT must take no more device calls than FatFs needs.');
  process.exit(1);
}
