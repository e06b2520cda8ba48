/** Long random runs against the model, with the independent judge looking in now and then. */

import { snapshotOf } from '../support/lfs2';
import { atMost, type Campaign, count, failureOf, randomSetup, randomSteps, randomTaste, shrunkFailure } from './campaign';
import { attempt, judge, matches, settled } from './powercut';
import { generator } from './random';
import { applicable, compare, formatted, type Session, type Setup, type Step, startSession } from './session';
import { shrink } from './shrink';

/** Runs steps against the model; looks at everything after every `every`-th. */
export function check(setup: Setup, steps: readonly Step[], every: number): void {
  const session = startSession(setup, formatted(setup), {});
  steps.forEach((step, i) => {
    if (!applicable(session, step)) return;
    const what = `step ${i} ${JSON.stringify(step)}`;
    attempt(session, step, what);
    if (i % every === 0) inspect(session, what);
  });
  inspect(session, 'at the end');
}

function inspect(session: Session, what: string): void {
  compare(session, what);
  const found = judge(session.setup, session.flash, what, true);
  matches(snapshotOf(found), session.tree, `${what}, by the judge`);
  settled(session, found, what);
}

export const model: Campaign = {
  name: 'model',
  share: 0.7,
  about: 'random operations against an in-memory model',
  round(seed, tally) {
    const random = generator(seed);
    const setup = { ...randomSetup(random), cached: false };
    const taste = randomTaste(random, setup);
    const steps: Step[] = [];
    try {
      const flash = randomSteps(
        setup,
        taste,
        random,
        400,
        (session, step, what) => {
          attempt(session, step, what);
          atMost(tally, 'device operations of one step', 400000 - session.flash.budget);
          if (steps.length % 16 === 0) inspect(session, what);
        },
        steps,
      );
      judge(setup, flash, 'at the end', true);
    } catch (error) {
      const small = shrink(steps, (list) => failureOf(() => check(setup, list, 1)), 30000);
      throw shrunkFailure(error, setup, small, {});
    } finally {
      count(tally, 'operations against the model', steps.length);
    }
  },
};
