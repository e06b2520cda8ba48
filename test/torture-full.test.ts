/** Full volumes: ENOSPC leaves everything as it was, at every number of blocks left, and deleting works. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rounds } from './support/rounds';
import type { Tally } from './torture/campaign';
import { full } from './torture/campaign-full';
import { mixSeed } from './torture/random';

const tally: Tally = {};
const ROUNDS = rounds(8);

for (let n = 0; n < ROUNDS; n++) {
  test(`a full volume, round ${n}`, () => full.round(mixSeed(n, 5), tally));
}

test('a directory for which there is no room any more when its pair is on the thread already is taken off again', () =>
  full.round(223895876, {}));

test('volumes were filled', () => {
  console.log(
    `NOTE: ${Object.keys(tally)
      .map((key) => `${key} ${tally[key]}`)
      .join(', ')}`,
  );
  assert.is(tally['volumes filled'], ROUNDS);
});

test.run();
