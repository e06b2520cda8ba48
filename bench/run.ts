/**
 * `npm run bench`: counted device I/O of the standard workloads, ours beside the C library's (bench/baseline.json), on a
 * device that states that it programs single bytes, on one that states nothing, and through the devices of the boards.
 * `*` marks a figure that is more than C's. Exits 1 if one of the MP setting's bytes read, bytes programmed or blocks erased
 * is, if appends cost more erases than they have to, or a sequential megabyte on FAT takes more calls than FatFs.
 */
import { readFileSync } from 'node:fs';
import { mostErases, RECORDS, runAppends } from './append';
import { boardDevices } from './devices';
import { printFat } from './fat';
import { printGrowth } from './growth';
import { type Cost, Meter } from './meter';
import { CountingDevice, runWorkloads, SETTINGS, TIMED, withClock, worse } from './workloads';

type Baseline = Record<keyof typeof SETTINGS | 'MICROPYTHON', Record<string, Omit<Cost, 'micros'> & { what: string }>>;
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

const failures: string[] = [];

/** All figures beside those of `against`; whether none that is judged is more. */
function compare(title: string, costs: Record<string, Cost>, against: Baseline['MP']): boolean {
  console.log(`\n${title}`);
  console.log('workload'.padEnd(35) + FIGURES.map(([, name]) => name.padStart(25)).join('') + 'ms'.padStart(8));
  for (const [key, theirs] of Object.entries(against)) {
    const ours = costs[key];
    const row = FIGURES.map(([figure]) => column(ours[figure], theirs[figure])).join('');
    console.log(`${key.padEnd(4)}${theirs.what.padEnd(31)}${row}${(ours.micros / 1000).toFixed(1).padStart(8)}`);
  }
  const more = worse(costs, against);
  if (more.length) console.log(`more: ${more.join('; ')}`);
  return !more.length;
}

for (const name of Object.keys(SETTINGS) as (keyof typeof SETTINGS)[])
  for (const progsize of [1, undefined]) {
    const { blockSize, blockCount, options } = SETTINGS[name];
    const costs = runWorkloads(new CountingDevice(blockSize, blockCount, progsize), options);
    const what = progsize ? 'a device that programs single bytes' : 'a device that states nothing';
    if (!compare(`${name}, ${what}: ours, C littlefs v2, ratio`, costs, baseline[name]) && name === 'MP')
      failures.push('The MP setting must cost no more than the C library.');
  }
const { blockSize, blockCount, options } = TIMED;
const timed = withClock(0, () => runWorkloads(new CountingDevice(blockSize, blockCount), options));
if (!compare('MP and times within one second, a device that states nothing: ours, MicroPython, ratio', timed, baseline.MICROPYTHON))
  failures.push('With times of modification nothing must cost more than MicroPython.');
console.log(`more than C, which writes no times: ${worse(timed, baseline.MP).join('; ') || 'nothing'}`);

console.log('\nThrough the devices of the boards (MP): bytes programmed / blocks erased; C littlefs v2 with units of 32 bytes');
const ROWS = Object.keys(baseline.MP).filter((key) => baseline.MP[key].programs);
console.log('device'.padEnd(18) + 'unit' + ROWS.map((key) => key.padStart(14)).join(''));
const cells = (costs: Record<string, Omit<Cost, 'micros'>>): string =>
  ROWS.map((key) => `${costs[key].programBytes} / ${costs[key].erases}`.padStart(14)).join('');
console.log('C library'.padEnd(18) + '  32' + cells(baseline.MP));
for (const board of boardDevices) {
  // The workloads need 200 blocks.
  if (board.blockSize > 4096) continue;
  const costs = runWorkloads(new Meter(board.open().device), SETTINGS.MP.options);
  console.log(board.name.padEnd(18) + String(board.unit).padStart(4) + cells(costs));
  const more = board.blockSize === 4096 ? worse(costs, baseline.MP) : [];
  if (more.length) failures.push(`${board.name}: more than C: ${more.join('; ')}`);
}

console.log('\n500 synced appends, each in another second: blocks erased (at most) / bytes programmed');
console.log(
  'device'.padEnd(18) +
    'unit   block' +
    Object.keys(RECORDS)
      .map((name) => name.padStart(26))
      .join(''),
);
for (const board of boardDevices) {
  let line = board.name.padEnd(18) + String(board.unit).padStart(4) + String(board.blockSize).padStart(8);
  for (const lengths of Object.values(RECORDS)) {
    const cost = withClock(1000, () => runAppends(new Meter(board.open().device), TIMED.options, lengths));
    const most = mostErases(lengths, board.blockSize, board.unit);
    line += `${cost.erases} (${most}) / ${cost.programBytes}`.padStart(26);
    if (cost.erases > most) failures.push(`${board.name}: ${cost.erases} erases for 500 appends, ${most} are enough.`);
  }
  console.log(line);
}

printGrowth();
if (!(await printFat())) failures.push('A sequential megabyte on FAT must take no more device calls than FatFs needs.');
if (failures.length) {
  console.log('\n' + failures.join('\n'));
  process.exit(1);
}
