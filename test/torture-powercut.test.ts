/** Power cuts at every program and erase of seeded workloads of each kind, on many geometries: nothing synced is lost. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rounds } from './support/rounds';
import { randomSteps, TASTES, tasteOf } from './torture/campaign';
import { check } from './torture/campaign-model';
import { attempt, explore } from './torture/powercut';
import { generator, mixSeed } from './torture/random';
import { REGRESSIONS } from './torture/regressions';
import { formatted, type Setup, type Step } from './torture/session';

const setup = (blockSize: number, blockCount: number, progSize: number, blockCycles: number, more: Partial<Setup> = {}): Setup => ({
  blockSize,
  blockCount,
  progSize,
  ...more,
  options: { readsize: Math.min(16, progSize), progsize: progSize, mtime: false, blockCycles },
});

const GEOMETRIES: Setup[] = [
  setup(128, 2, 16, 5),
  setup(128, 40, 4, 1),
  setup(128, 90, 16, 5, { cached: true }),
  setup(128, 24, 1, 5),
  setup(128, 40, 128, 1),
  setup(512, 8, 16, 1),
  setup(512, 30, 512, 5),
  setup(512, 20, 256, 1, { mapped: true }),
  setup(512, 20, 16, 5, { medium: 'zero' }),
  setup(256, 20, 16, 1, { medium: 'keep' }),
  setup(4096, 8, 16, 5),
  setup(4096, 6, 4096, 1),
  setup(32768, 5, 256, 1),
  setup(512, 30, 16, 5, { unit: 1 }),
  setup(256, 40, 32, 5, { unit: 8 }),
];

/** Cuts of one workload on one geometry; steps behind them are left. */
const MOST = rounds(3);
const counts = { cuts: 0, images: 0, operations: 0 };

const nameOf = (g: Setup): string =>
  `${g.blockSize} x ${g.blockCount}, program ${g.progSize}${g.unit ? ` in units of ${g.unit}` : ''}, blockCycles ${g.options.blockCycles}` +
  `${g.cached ? ', cached' : ''}${g.medium ? `, erased bytes: ${g.medium}` : ''}`;

GEOMETRIES.forEach((g, i) => {
  test(`${nameOf(g)}: cuts in workloads of every kind`, () => {
    Object.keys(TASTES).forEach((kind, k) => {
      const seed = mixSeed(i, k, 2026);
      const steps: Step[] = [];
      randomSteps(g, tasteOf(kind, g, 4, 12), generator(seed), 60, attempt, steps);
      const most = counts.cuts + MOST;
      explore(g, formatted(g).image, steps, { seed, counts, deepEvery: 60, depth: 2, goOn: 5, dense: 6, most });
    });
  });
});

test('thousands of cut points were explored', () => {
  console.log(`NOTE: ${counts.cuts} cut points, ${counts.images} images, ${counts.operations} operations`);
  assert.ok(counts.cuts >= rounds(1700), `${counts.cuts}`);
});

for (const each of REGRESSIONS) {
  test(each.title, () => {
    check(each.setup, each.steps, 1);
    explore(each.setup, formatted(each.setup).image, each.steps, {
      seed: 1,
      counts: { cuts: 0, images: 0, operations: 0 },
      deepEvery: 10,
      depth: 2,
      goOn: 5,
      dense: 24,
      most: 1000,
    });
  });
}

test.run();
