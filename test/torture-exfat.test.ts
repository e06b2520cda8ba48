/** exFAT: power cuts in seeded workloads of every kind, and damaged images. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Tally } from './torture/campaign';
import { fuzzExFat } from './torture/campaign-exfat-fuzz';
import { cutExFat } from './torture/campaign-exfat-powercut';
import { mixSeed } from './torture/random';

const tally: Tally = {};

test('whatever a power cut leaves, the old or the new content is there, and what is done next does no harm', () => {
  for (let n = 0; (tally['exFAT cuts'] ?? 0) < 1000; n++) cutExFat(mixSeed(n, 11), tally, 300);
});

test('damaged images: coded errors or the same answer twice, in bounded operations and memory', () => {
  for (let n = 0; n < 8; n++) fuzzExFat(mixSeed(n, 12), tally, 60);
});

test('1,000 cuts and hundreds of images were tried', () => {
  console.log(
    `NOTE: ${Object.keys(tally)
      .map((key) => `${key} ${tally[key]}`)
      .join(', ')}`,
  );
  assert.ok(tally['exFAT cuts'] >= 1000 && tally['damaged exFAT images'] > 400 && tally['damaged exFAT images repaired'] > 50);
});

test.run();
