/** The simulated Storage against the real one: what the same operations leave in the flash, byte by byte. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { norImage, simChip } from '../boards/sim';
import { SimStorage } from '../boards/sim/storage';
import { Espruino, told } from './support/espruino';

const START = 0x10000000;
const LENGTH = 256 * 1024;

function linux(): { storage: SimStorage; image(): Uint8Array } {
  // The build for Linux: pages of 1 kB, Storage is all of it.
  const chip = simChip({ base: START, sectors: [[1024, 256]], word: 4, free: [] });
  return { storage: new SimStorage(chip.flash, { addr: START, length: LENGTH }), image: () => norImage(chip.nor) };
}

type Operation = [name: string, ...values: (string | number)[]];

/** What somebody does to Storage in a busy life, the same for each seed. */
function operations(seed: number, count: number): Operation[] {
  let state = seed;
  const random = (n: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor(state / 65536) % n;
  };
  const list: Operation[] = [];
  for (let i = 0; i < count; i++) {
    const name = 'f' + random(9);
    const kind = random(10);
    if (kind < 5) list.push(['write', name, String.fromCharCode(97 + random(26)).repeat(1 + random(random(4) ? 3000 : 30000))]);
    else if (kind < 6) list.push(['sized', 's' + random(3), 1 + random(20000), 500 + random(5000)]);
    else if (kind < 8) list.push(['erase', random(4) ? name : 's' + random(3)]);
    else if (kind < 9) list.push(['append', 'log' + random(2), 'line '.repeat(1 + random(400))]);
    else list.push([random(3) ? 'compact' : 'drop', 'log' + random(2)]);
  }
  return list;
}

/** Runs on the device and here: the same source. */
const RUN = `function run(storage, list) {
  var told = [];
  for (var i = 0; i < list.length; i++) {
    var one = list[i], said = '';
    try {
      if (one[0] === 'write') storage.write(one[1], one[2]);
      if (one[0] === 'sized') storage.write(one[1], 'x', 0, one[2] + one[3]);
      if (one[0] === 'erase') storage.erase(one[1]);
      if (one[0] === 'append') storage.open(one[1], 'a').write(one[2]);
      if (one[0] === 'drop') storage.open(one[1], 'w');
      if (one[0] === 'compact') storage.compact();
    } catch (e) { said = 'failed '; }
    var s = storage.getStats();
    told.push(i + ' ' + one[0] + ' ' + said + [s.freeBytes, s.fileBytes, s.fileCount, s.trashBytes, s.trashCount].join());
  }
  told.push(storage.list().join().replace(/\\x01/g, '#'));
  told.push(storage.list(undefined, { sf: true }).join());
  told.push(storage.list(/^f/, { sf: false }).join());
  return told;
}`;

async function onEspruino(program: string, source: string): Promise<{ lines: string[]; image: Uint8Array }> {
  const board = new Espruino(program);
  try {
    const lines = told(await board.run(source));
    return { lines, image: readFileSync(join(board.folder, 'espruino.flash')) };
  } finally {
    board.close();
  }
}

const run = new Function(`${RUN}\nreturn run`)() as (storage: SimStorage, list: Operation[]) => string[];

const espruino = process.env.ESPRUINO;
if (!espruino) console.log('SKIP: the real Storage: set ESPRUINO to its program');
else
  for (const seed of [1, 2, 3, 4])
    test(`what the real Storage does in 150 operations leaves the same flash as the simulated one, seed ${seed}`, async () => {
      const list = operations(seed, 150);
      const { storage, image } = linux();
      const here = run(storage, list);
      const real = await onEspruino(
        espruino,
        `${RUN}\nvar told=run(require('Storage'),${JSON.stringify(list)});\nfor(var i=0;i<told.length;i++)print('@'+told[i]);\n`,
      );
      assert.equal(real.lines, here);
      assert.equal(Buffer.compare(real.image, image()), 0);
      assert.ok(storage.compactions > 2, `${storage.compactions} compactions`);
    });

test('a compaction begins at the last page before the first erased file that begins with a header', () => {
  const chip = simChip({ base: START, sectors: [[4096, 32]], word: 4, free: [] });
  const storage = new SimStorage(chip.flash, { addr: START, length: 32 * 4096 });
  storage.write('first', 'x', 0, 4 * 4096 - 32);
  storage.write('second', 'x', 0, 3000);
  storage.write('third', 'x', 0, 3000);
  storage.erase('second');
  chip.nor.resetCounters();
  storage.compact();
  assert.equal(Object.keys(chip.nor.counters.wear).map(Number)[0], 4);
  assert.equal(storage.list(), ['first', 'third']);
});

test.run();
