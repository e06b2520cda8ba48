/** Thousands of damaged littlefs 1 images: consistent answers or coded errors, within bounded device operations and the volume. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Tally } from './torture/campaign';
import { lfs1Fuzz } from './torture/campaign-lfs1-fuzz';
import { mixSeed } from './torture/random';

const tally: Tally = {};

for (let n = 0; n < 20; n++) test(`damaged littlefs 1 images, round ${n}`, () => lfs1Fuzz.round(mixSeed(n, 5), tally));

test('thousands of images were tried', () => {
  console.log(
    `NOTE: ${Object.keys(tally)
      .map((key) => `${key} ${tally[key]}`)
      .join(', ')}`,
  );
  assert.ok(tally['damaged littlefs 1 images'] > 2000);
});

test.run();
