/** The small littlefs: power cuts at every program and erase of seeded workloads, on many geometries. Nothing synced is lost. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rounds } from './support/rounds';
import { randomSteps, TASTES, tasteOf } from './torture/campaign';
import { attempt, explore } from './torture/powercut';
import { generator, mixSeed } from './torture/random';
import { formatted, type Setup, type Step } from './torture/session';

const setup = (blockSize: number, blockCount: number, unit: number, more: Partial<Setup> = {}): Setup => ({
  blockSize,
  blockCount,
  progSize: 32,
  unit,
  lean: true,
  ...more,
  options: { progsize: 32, mtime: false },
});

const GEOMETRIES: Setup[] = [
  setup(256, 40, 4),
  setup(256, 12, 1, { cached: true }),
  setup(512, 30, 1),
  setup(512, 8, 16),
  setup(512, 20, 32),
  setup(4096, 4, 4),
  setup(4096, 8, 1),
  setup(16384, 3, 4),
];

/** Cuts of one workload on one geometry; steps behind them are left. */
const MOST = rounds(20);
const counts = { cuts: 0, images: 0, operations: 0 };
/** What the small littlefs can do of them. */
const LACKS = ['truncate', 'setattr', 'removeattr', 'gc', 'cut'];
const KINDS = Object.keys(TASTES).filter((kind) => kind !== 'attributes');

GEOMETRIES.forEach((g, i) => {
  test(`${g.blockSize} x ${g.blockCount}, units of ${g.unit}${g.cached ? ', cached' : ''}: cuts in workloads of every kind`, () => {
    KINDS.forEach((kind, k) => {
      const seed = mixSeed(i, k, 2026);
      const steps: Step[] = [];
      const taste = tasteOf(kind, g, 4, 12);
      const weights = Object.fromEntries(Object.entries(taste.weights).filter(([step]) => !LACKS.includes(step)));
      randomSteps(g, { ...taste, weights }, generator(seed), 60, attempt, steps);
      const most = counts.cuts + MOST;
      explore(g, formatted(g).image, steps, { seed, counts, deepEvery: 20, depth: 2, goOn: 5, dense: 6, most });
    });
  });
});

test('at least 1,000 cut points were explored', () => {
  console.log(`NOTE: ${counts.cuts} cut points, ${counts.images} images, ${counts.operations} operations`);
  assert.ok(counts.cuts >= rounds(1000), `${counts.cuts}`);
});

test.run();
