/** Full volumes: what there is no room for leaves everything as it was, at each number of blocks left; and deleting works. */

import type { Snapshot } from '../support/lfs2';
import { snapshotOf } from '../support/lfs2';
import { type Campaign, count, Failure, randomSetup, randomSteps, randomTaste } from './campaign';
import { choose, type Taste } from './choose';
import { Flash } from './flash';
import { attempt, judge, matches, settled } from './powercut';
import { generator, pick } from './random';
import { applicable, mountOn, perform, type Session, type Setup, type Step, startSession } from './session';

/** Fills the volume with files of one block each, the last ones smaller. */
function fill(session: Session): void {
  const { blockSize } = session.setup;
  let n = 0;
  for (const size of [blockSize - 8, 1]) {
    for (let failed = 0; failed < 2 && n < 400; n++) {
      const before = Object.keys(session.tree).length;
      attempt(session, ['write', `/~${n}`, size, n], `filling ${n}`);
      const body = session.tree[`/~${n}`];
      if (Object.keys(session.tree).length === before || !body) failed++;
    }
  }
}

/** A path that can go: no directory with something in it. */
const leaves = (tree: Snapshot): string[] => {
  const paths = Object.keys(tree);
  return paths.filter((path) => !paths.some((each) => each.startsWith(path + '/')));
};

function removal(tree: Snapshot, path: string): Step {
  return [tree[path].startsWith('dir') ? 'rmdir' : 'remove', path];
}

export function fullVolume(setup: Setup, image: Uint8Array, taste: Taste, seed: number, done: (what: string) => void): void {
  const random = generator(seed);
  const flash = new Flash(setup, image);
  const start = startSession(setup, flash, snapshotOf(judge(setup, flash, 'before', true)));
  fill(start);
  done('filled');
  for (let room = 0; room < 5; room++) {
    const full = flash.image.slice();
    for (let i = 0; i < 12; i++) {
      const copy = new Flash(setup, full);
      const session = startSession(setup, copy, start.tree);
      const step = choose(session, taste, random);
      if (!step || !applicable(session, step)) continue;
      const what = `with ${room} fillers gone, ${JSON.stringify(step)}`;
      attempt(session, step, what);
      done('step');
      for (const handle of session.handles) if (handle) attempt(session, ['mount'], what);
      const check = judge(setup, copy, what, false);
      matches(snapshotOf(check), session.tree, what);
      settled(session, check, what);
    }
    const filler = leaves(start.tree).find((path) => path.startsWith('/~'));
    if (!filler) break;
    remove(start, filler, `the filler ${room}`);
  }
  // Everything can go, in any order.
  const copy = new Flash(setup, flash.image);
  const session = startSession(setup, copy, start.tree);
  for (let left = leaves(session.tree); left.length; left = leaves(session.tree)) {
    remove(session, pick(random, left), 'emptying');
    done('removal');
    if (random(10) === 0) session.fs = mountOn(setup, copy);
  }
  const check = judge(setup, copy, 'emptied', true);
  matches(snapshotOf(check), {}, 'emptied');
  settled(session, check, 'emptied');
}

function remove(session: Session, path: string, what: string): void {
  const step = removal(session.tree, path);
  try {
    session.flash.budget = 400000;
    perform(session, step);
  } catch (error) {
    throw new Error(`${what}: ${step}: ${(error as Error).stack}`);
  }
}

export const full: Campaign = {
  name: 'full',
  share: 0.5,
  about: 'operations on full volumes, with no to a few blocks left; emptying them',
  round(seed, tally) {
    const random = generator(seed);
    const setup: Setup = { ...randomSetup(random, 2, 4096), cached: false };
    const taste = randomTaste(random, setup);
    const steps: Step[] = [];
    const image = randomSteps(setup, taste, random, random(50), attempt, steps).image;
    try {
      fullVolume(setup, image, taste, seed, (what) => count(tally, what === 'filled' ? 'volumes filled' : `${what}s on full volumes`));
    } catch (error) {
      throw new Failure(`${(error as Error).message}\n${JSON.stringify(setup)}`, { setup, steps, taste, seed });
    }
  },
};
