/** littlefs 1: random workloads on random geometries, each cut short at every program and erase. */
import type { Operation } from '../support/script';
import { type Campaign, count, failureOf, shrunkFailure } from './campaign';
import { explore1, randomSetup1, randomSteps1 } from './lfs1';
import { type Counts, noCounts } from './powercut';
import { generator } from './random';
import { shrink } from './shrink';

export const lfs1Powercut: Campaign = {
  name: 'lfs1-powercut',
  share: 1,
  about: 'littlefs 1: a power cut at every program and erase, two further levels deep while it is repaired',
  round(seed, tally) {
    const random = generator(seed);
    const setup = randomSetup1(random);
    const steps = randomSteps1(setup, random, 30 + random(120));
    const counts = noCounts();
    const run = (list: readonly Operation[], into: Counts): void => explore1(setup, list, seed, into, 400, 4);
    try {
      run(steps, counts);
    } catch (error) {
      const small = shrink(steps, (list) => failureOf(() => run(list, noCounts())), 20000);
      throw shrunkFailure(error, setup, small, { seed });
    } finally {
      count(tally, 'littlefs 1 cut points', counts.cuts);
      count(tally, 'littlefs 1 images after cuts', counts.images);
      count(tally, 'littlefs 1 operations', counts.operations);
    }
  },
};
