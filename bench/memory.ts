/**
 * `npm run bench:memory [BOARD [SUFFIX]]`: RAM on Espruino, in variables. Wants `ESPRUINO_D14`, a build with 14-byte
 * variables: `docs/memory.md` says how it is made.
 */
import { APPENDING, Bench, READING } from './variables';

const [board = 'esp32', kind = ''] = process.argv.slice(2);
const program = process.env.ESPRUINO_D14;
if (!program) {
  console.error('set ESPRUINO_D14 to a build of Espruino with 14-byte variables');
  process.exit(2);
}

const bench = new Bench(program);
try {
  await bench.store(board, kind);
  const small = await bench.held(2);
  const large = await bench.held(100);
  console.log(`${board}${kind}, volume of 1 MB with`.padEnd(34) + '2 files        in all 100 files    in all');
  let sums = [0, 0];
  small.steps.forEach(({ name, variables }, i) => {
    const other = large.steps[i].variables;
    sums = [sums[0] + variables, sums[1] + other];
    console.log(name.padEnd(32) + [variables, sums[0], other, sums[1]].map((value) => String(value).padStart(10)).join(''));
  });
  console.log(`the interpreter itself takes ${small.start}`);
  for (const [what, script] of Object.entries({ reading: READING, appending: APPENDING }))
    for (const files of [2, 100]) {
      const least = await bench.peak(files, script, false);
      const calm = await bench.peak(files, script, true);
      console.log(`${what}, ${files} files: runs with ${least} free, without LOW_MEMORY with ${calm}`);
    }
} finally {
  bench.close();
}
