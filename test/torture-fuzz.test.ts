/** Thousands of damaged images: consistent answers or coded errors, within bounded device operations and the volume. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rounds } from './support/rounds';
import type { Tally } from './torture/campaign';
import { fuzz } from './torture/campaign-fuzz';
import { mixSeed } from './torture/random';

const tally: Tally = {};

for (let n = 0; n < rounds(3); n++) {
  test(`damaged images, round ${n}`, () => fuzz.round(mixSeed(n, 4), tally));
}

test('pairs out of order are damage in each directory that leads to them, also with empty ones between', () => fuzz.round(417603554, {}));

test('hundreds of images were tried', () => {
  console.log(
    `NOTE: ${Object.keys(tally)
      .map((key) => `${key} ${tally[key]}`)
      .join(', ')}`,
  );
  assert.ok(tally['damaged images'] > rounds(350));
});

test.run();
