/** FAT: power cuts in seeded workloads of every kind, and damaged images. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rounds } from './support/rounds';
import type { Tally } from './torture/campaign';
import { fuzzFat } from './torture/campaign-fat-fuzz';
import { cutFat } from './torture/campaign-fat-powercut';
import { mixSeed } from './torture/random';

const tally: Tally = {};

test('whatever a power cut leaves, the old or the new content is there, and what is done next does no harm', () => {
  for (let n = 0; (tally['FAT cuts'] ?? 0) < rounds(700); n++) cutFat(mixSeed(n, 9), tally, 300);
});

test('damaged images: coded errors or the same answer twice, in bounded operations and memory', () => {
  for (let n = 0; n < rounds(2); n++) fuzzFat(mixSeed(n, 10), tally, 60);
});

test('hundreds of cuts and images were tried', () => {
  console.log(
    `NOTE: ${Object.keys(tally)
      .map((key) => `${key} ${tally[key]}`)
      .join(', ')}`,
  );
  assert.ok(tally['FAT cuts'] >= rounds(700) && tally['FAT cuts, torn'] > rounds(170) && tally['damaged FAT images'] > rounds(100));
});

test.run();
