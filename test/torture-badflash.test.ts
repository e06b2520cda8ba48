/** Bad blocks, failing reads, worn-out flash: what was synced stays, and the end is ENOSPC. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rounds } from './support/rounds';
import type { Tally } from './torture/campaign';
import { badflash, wearOut } from './torture/campaign-badflash';
import { mixSeed } from './torture/random';

const tally: Tally = {};

for (let n = 0; n < rounds(10); n++) {
  test(`bad flash, round ${n}`, () => badflash.round(mixSeed(n, 6), tally));
}

for (const [title, seed] of [
  ['blocks that a search finds free while a change is made for the second time do not come free once more', 330310297],
  ['a block that goes bad while it is written is not taken while it is copied', 1450072425],
  ['what the tree leads to counts as used where a move that was cut has not reached the thread', 3749073750],
  ['a pair written to a bad block all the same is not taken for newer than where it moved', 512924828],
] as const)
  test(title, () => badflash.round(seed, {}));

for (const [blockSize, blockCount, blockCycles] of [
  [512, 24, 1],
  [512, 24, 5],
  [4096, 12, 10],
]) {
  test(`${blockSize} x ${blockCount}, blockCycles ${blockCycles}: used until it is worn out, it ends with ENOSPC, and wear is spread`, () => {
    const options = { readsize: 16, progsize: 16, mtime: false, blockCycles };
    const result = wearOut({ blockSize, blockCount, progSize: 16, options }, 100, blockSize + blockCycles);
    console.log(
      `NOTE: ${blockSize} x ${blockCount}, blockCycles ${blockCycles}: ${result.operations} operations, ${result.erases} erases, ` +
        `most ${result.most}, mean ${result.mean.toFixed(1)}, ended with ${result.endedWith}`,
    );
    assert.is(result.endedWith, 'ENOSPC');
    assert.ok(result.most < 3 * result.mean, `wear: most ${result.most}, mean ${result.mean}`);
  });
}

test('failures were told', () => {
  console.log(
    `NOTE: ${Object.keys(tally)
      .map((key) => `${key} ${tally[key]}`)
      .join(', ')}`,
  );
});

test.run();
