/** exFAT: power cuts in seeded workloads of every kind, and damaged images. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rounds } from './support/rounds';
import type { Tally } from './torture/campaign';
import { fuzzExFat } from './torture/campaign-exfat-fuzz';
import { cutExFat } from './torture/campaign-exfat-powercut';
import { mixSeed } from './torture/random';

const tally: Tally = {};

test('whatever a power cut leaves, the old or the new content is there, and what is done next does no harm', () => {
  for (let n = 0; (tally['exFAT cuts'] ?? 0) < rounds(400); n++) cutExFat(mixSeed(n, 11), tally, 300);
});

test('damaged images: coded errors or the same answer twice, in bounded operations and memory', () => {
  for (let n = 0; n < rounds(3); n++) fuzzExFat(mixSeed(n, 12), tally, 60);
});

test('hundreds of cuts and images were tried', () => {
  console.log(
    `NOTE: ${Object.keys(tally)
      .map((key) => `${key} ${tally[key]}`)
      .join(', ')}`,
  );
  assert.ok(
    tally['exFAT cuts'] >= rounds(400) &&
      tally['damaged exFAT images'] > rounds(150) &&
      tally['damaged exFAT images repaired'] > rounds(17),
  );
});

test.run();
