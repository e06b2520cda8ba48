/** Random workloads on random geometries, each cut short at every program and erase. */
import { type Campaign, count, failureOf, randomSetup, randomSteps, randomTaste, shrunkFailure } from './campaign';
import { attempt, type Counts, explore, Found, noCounts } from './powercut';
import { generator } from './random';
import { formatted, type Step } from './session';
import { shrink } from './shrink';

export const powercut: Campaign = {
  name: 'powercut',
  share: 3,
  about: 'a power cut at every program and erase, in every way, two further levels deep while it is repaired',
  round(seed, tally) {
    const random = generator(seed);
    const setup = randomSetup(random);
    const taste = randomTaste(random, setup);
    const steps: Step[] = [];
    const counts = noCounts();
    const bytes = setup.blockSize * setup.blockCount;
    const deepEvery = bytes > 20000 ? 40 : 15;
    const dense = bytes > 20000 || setup.progSize < 4 ? 8 : 24;
    const length = (setup.progSize < 4 ? 8 : 20) + random(bytes > 50000 ? 10 : 25);
    const run = (list: readonly Step[], into: Counts): void =>
      explore(setup, formatted(setup).image, list, { seed, counts: into, deepEvery, depth: 2, goOn: 6, dense, most: 1500 });
    try {
      randomSteps(setup, taste, random, length, attempt, steps);
      run(steps, counts);
    } catch (error) {
      const small = shrink(steps, (list) => failureOf(() => run(list, noCounts())), 30000);
      const image =
        error instanceof Found ? { ...error.left, image: Buffer.from(error.left.image).toString('base64'), rest: error.rest } : undefined;
      throw shrunkFailure(error, setup, small, { explorer: { seed, deepEvery, depth: 2, goOn: 6, dense, most: 1500 }, image });
    } finally {
      count(tally, 'cut points', counts.cuts);
      count(tally, 'images after cuts', counts.images);
      count(tally, 'operations', counts.operations);
    }
  },
};
