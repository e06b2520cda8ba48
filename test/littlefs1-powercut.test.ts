/** littlefs 1: power is cut at every program and every erase; whatever was completed is there, the rest whole or absent, and the next change mends the rest. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { oneIn, rounds } from './support/rounds';
import type { Operation } from './support/script';
import { explore1, randomSteps1, type Setup1 } from './torture/lfs1';
import { generator, mixSeed } from './torture/random';

const setup = (blockSize: number, blockCount: number, progSize: number, more: Partial<Setup1> = {}): Setup1 => ({
  blockSize,
  blockCount,
  progSize,
  ...more,
  options: { readsize: Math.min(16, progSize), progsize: progSize },
});

const GEOMETRIES: Setup1[] = [
  setup(128, 60, 16),
  setup(128, 60, 4, { cached: true }),
  setup(128, 60, 128, { unit: 128 }),
  setup(256, 40, 16, { unit: 8 }),
  setup(512, 30, 16, { mapped: true }),
  setup(512, 30, 512, { medium: 'zero', cached: true }),
  setup(4096, 14, 256, { unit: 1 }),
  setup(4096, 14, 16, { medium: 'keep' }),
];

const SCRIPT: Operation[] = [
  ['mkdir', '/d'],
  ['write', '/a', 30, 1],
  ['write', '/d/b', 500, 2],
  ['append', '/a', 25, 3],
  ['mkdir', '/d/e'],
  ['write', '/d/e/c', 10, 4],
  ['rename', '/a', '/d/a'],
  ['overwrite', '/d/b', 300, 40, 6],
  ['mkdir', '/m'],
  ['write', '/m/f', 0, 7],
  ['write', '/none', 0, 7],
  ['log', '/log', 32, 32, 8],
  ['rename', '/m/f', '/d/f'],
  ['rename', '/d/e/c', '/m/c'],
  ['truncate', '/d/b', 200],
  ['rmdir', '/d/e'],
  ['rename', '/m', '/d/m'],
  ['log', '/log', 200, 32, 9],
  ['write', '/x', 300, 10],
  ['rename', '/x', '/d/b'],
  ['write', '/d/m/c', 45, 11],
  ['remove', '/d/a'],
  ['rename', '/d/b', '/d/z'],
  ['mkdir', '/d2'],
  ['mkdir', '/d2/in'],
  ['mkdir', '/empty'],
  ['rename', '/d2', '/empty'],
  ['rename', '/d', '/empty/in'],
  ['truncate', '/log', 20],
  ['remove', '/empty/in/z'],
];

const counts = { cuts: 0, images: 0, operations: 0 };

GEOMETRIES.forEach((g, i) => {
  const name = `${g.blockSize} x ${g.blockCount}, program ${g.progSize}${g.cached ? ', cached' : ''}${g.medium ? `, erased bytes: ${g.medium}` : ''}`;
  test(`${name}: cuts in a script of every operation`, () =>
    explore1(g, SCRIPT, mixSeed(i, 1), counts, 10000, oneIn(3) * (i % 4 ? 4 : 1), 200));

  test(`${name}: cuts in a random workload`, () => {
    const seed = mixSeed(i, 2026);
    explore1(g, randomSteps1(g, generator(seed), 120), seed, counts, rounds(50), 3, 100);
  });
});

// In 20 a pair moves while what an earlier cut left is mended.
for (const n of [0, 1, 20])
  test(`cuts while pairs and data move away from bad blocks, ${n}`, () => {
    const random = generator(mixSeed(n, 5));
    const g = setup(256, 60, 16, { bad: Array.from({ length: 12 }, () => 2 + random(58)) });
    explore1(g, randomSteps1(g, random, 80), mixSeed(n, 6), counts, rounds(100), 3, 60);
  });

test('thousands of cut points were explored', () => {
  console.log(`NOTE: ${counts.cuts} cut points, ${counts.operations} operations`);
  assert.ok(counts.cuts >= rounds(1700), `${counts.cuts}`);
});

test.run();
