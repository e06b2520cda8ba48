/** Thousands of random operations on random geometries against the in-memory model; millions: `npm run torture -- --only model`. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rounds } from './support/rounds';
import type { Tally } from './torture/campaign';
import { model } from './torture/campaign-model';
import { mixSeed } from './torture/random';

const tally: Tally = {};
const ROUNDS = rounds(8);

for (let n = 0; n < ROUNDS; n++) {
  test(`random operations, round ${n}`, () => model.round(mixSeed(n, 3), tally));
}

test('thousands of operations were done', () => {
  console.log(
    `NOTE: ${tally['operations against the model']} operations, at most ${tally['largest device operations of one step']} device operations in one`,
  );
  assert.ok(tally['operations against the model'] > 200 * ROUNDS);
});

test.run();
