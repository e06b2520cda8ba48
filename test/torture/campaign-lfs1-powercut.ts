/** littlefs 1: random workloads on random geometries, each cut short at every program and erase. */
import { type Campaign, count, Failure, failureOf } from './campaign';
import { type Counts1, explore1, randomSetup1, randomSteps1 } from './lfs1';
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
    const counts: Counts1 = { cuts: 0, images: 0, operations: 0 };
    try {
      explore1(setup, steps, seed, counts, 400, 4);
    } catch (error) {
      const small = shrink(
        steps,
        (list) => failureOf(() => explore1(setup, list, seed, { cuts: 0, images: 0, operations: 0 }, 400, 4)),
        20000,
      );
      throw new Failure(
        `${(error as Error).message}\n${JSON.stringify(setup)}\nsmallest list: ${JSON.stringify(small.steps)}\n${small.message}`,
        { setup, steps: small.steps, seed },
      );
    } finally {
      count(tally, 'littlefs 1 cut points', counts.cuts);
      count(tally, 'littlefs 1 images after cuts', counts.images);
      count(tally, 'littlefs 1 operations', counts.operations);
    }
  },
};
