/** Bad flash: blocks that fail to erase or to program, say so or not, reads that fail, and flash that is used until it is worn out. */
import { EIO } from '../../modules/contract/errno';
import { difference, sameTree, snapshot, snapshotOf } from '../support/lfs2';
import { atMost, type Campaign, count, Failure, randomSetup, randomTaste, type Tally } from './campaign';
import { choose, type Taste } from './choose';
import type { Flash } from './flash';
import { judge, matches } from './powercut';
import { generator, mixSeed, pick, type Random } from './random';
import { applicable, compare, formatted, mountOn, perform, type Session, type Setup, type Step, startSession } from './session';

/** How a block fails: erases or programs report an error, do nothing silently, or leave bits that are stuck. */
export type Fault = 'erase error' | 'program error' | 'dead' | 'stuck';
const FAULTS: Fault[] = ['erase error', 'program error', 'dead', 'stuck'];

/** Makes the flash fail as `faultOf` says about each block when it is changed. */
export function spoil(flash: Flash, faultOf: (block: number) => Fault | undefined): void {
  let old: Uint8Array | undefined;
  flash.lenient = true;
  const fault = (addr: number): Fault | undefined => faultOf(Math.floor(addr / flash.shape.blockSize));
  flash.before = (change) => {
    const kind = fault(change.addr);
    old = kind === 'dead' ? flash.image.slice(change.addr, change.addr + change.data.length) : undefined;
    return kind === `${change.kind} error` ? -EIO : undefined;
  };
  flash.after = (change) => {
    if (old) flash.image.set(old, change.addr);
    if (fault(change.addr) !== 'stuck') return;
    // Some bytes have a bit that is stuck at 0 and one at 1.
    for (let at = change.addr; at < change.addr + change.data.length; at++) {
      const hash = mixSeed(at, 77);
      if (hash % 37 === 0) flash.image[at] &= ~(1 << ((hash >>> 8) % 8));
      else if (hash % 37 === 1) flash.image[at] |= 1 << ((hash >>> 8) % 8);
    }
  };
}

/** Does a step that may fail with one of `codes`, and then leaves what was synced. Whether it was done. */
function tryStep(session: Session, step: Step, codes: string[], what: string): boolean {
  session.flash.budget = 400000;
  try {
    perform(session, step);
    return true;
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (!codes.includes(code)) throw new Error(`${what}: ${(error as Error).stack}`);
    return false;
  }
}

/** After a failure the volume is mounted anew, as a careful user would, and holds what it held before, or what the call meant. */
function settle(session: Session, what: string): void {
  const allowed = session.allowed;
  session.handles = [];
  session.fs = mountOn(session.setup, session.flash);
  const now = snapshot(session.fs);
  if (!allowed.some((each) => sameTree(each, now)))
    throw new Error(`${what}: neither before nor after: ${allowed.map((each) => difference(now, each)).join(' | ')}`);
  session.tree = now;
  session.allowed = [now];
}

/** Blocks that are bad from the start, or get so. */
export function badBlocks(setup: Setup, taste: Taste, random: Random, steps: Step[], length: number): number {
  const flash = formatted(setup);
  const bad = new Map<number, Fault>();
  const spread = 3 + random(20);
  const withSuperblock = random(4) === 0;
  spoil(flash, (block) => bad.get(block));
  const session = startSession(setup, flash, {});
  let failed = 0;
  for (let i = 0; i < length; i++) {
    if (random(spread) === 0 && bad.size < setup.blockCount / 2) {
      const block = random(setup.blockCount);
      if (withSuperblock || block > 1) bad.set(block, pick(random, FAULTS));
    }
    const step = choose(session, taste, random);
    if (!step || !applicable(session, step)) continue;
    steps.push(step);
    const what = `step ${steps.length - 1} ${JSON.stringify(step)}, bad blocks ${[...bad].map(([block, fault]) => `${block} (${fault})`).join(', ')}`;
    const codes = bad.has(0) || bad.has(1) ? ['ENOSPC', 'EIO'] : ['ENOSPC'];
    if (!tryStep(session, step, codes, what)) {
      failed++;
      settle(session, what);
    }
    if (i % 8 === 0) {
      compare(session, what);
      matches(snapshotOf(judge(setup, flash, what, false)), session.tree, `${what}, by the judge`);
    }
  }
  return failed;
}

/** Reads that fail now and then, or always in one block. */
export function badReads(setup: Setup, taste: Taste, random: Random, steps: Step[], length: number): number {
  const flash = formatted(setup);
  const session = startSession(setup, flash, {});
  let failed = 0;
  for (let i = 0; i < length; i++) {
    const step = choose(session, taste, random);
    if (!step || !applicable(session, step)) continue;
    steps.push(step);
    let left = random(3) ? Number.POSITIVE_INFINITY : random(40);
    const block = random(3) ? -1 : random(setup.blockCount);
    flash.afterRead = (addr) => (left-- === 0 || Math.floor(addr / setup.blockSize) === block ? -EIO : undefined);
    const what = `step ${steps.length - 1} ${JSON.stringify(step)}, read ${left} or block ${block} failing`;
    const done = tryStep(session, step, ['ENOSPC', 'EIO', 'ECORRUPT'], what);
    flash.afterRead = undefined;
    if (!done) {
      failed++;
      settle(session, what);
    }
    matches(snapshotOf(judge(setup, flash, what, false)), session.tree, `${what}, by the judge`);
  }
  return failed;
}

/** What a volume that was used until it was worn out has seen. */
export interface WornOut {
  operations: number;
  erases: number;
  /** Of the blocks but the first two: the most erases of one, and the mean. */
  most: number;
  mean: number;
  endedWith: string;
}

/** Rewrites some files until nothing can be written any more. */
export function wearOut(setup: Setup, endurance: number, seed: number): WornOut {
  const random = generator(seed);
  const flash = formatted(setup);
  const kinds = FAULTS.map(() => pick(random, FAULTS));
  const lives = Array.from({ length: setup.blockCount }, () => endurance + random(endurance));
  spoil(flash, (block) => (flash.wear[block] >= lives[block] ? kinds[block % kinds.length] : undefined));
  const session = startSession(setup, flash, {});
  let operations = 0;
  let code = '';
  for (let failures = 0; failures < 20 && operations < 30000; operations++) {
    const path = `/f${random(5)}`;
    const size = random(3) ? random(setup.blockSize >> 3) : random(setup.blockSize * 2);
    const step: Step = random(4) ? ['write', path, size, random(256)] : ['log', path, random(20), random(20), random(200)];
    // A log would grow for ever.
    const what = `operation ${operations} ${JSON.stringify(step)}`;
    const old = (session.tree[path] ?? '').split(' ')[0].length / 2;
    if (step[0] === 'log' && old > setup.blockSize) continue;
    session.flash.budget = 400000;
    try {
      perform(session, step);
      failures = 0;
    } catch (error) {
      code = (error as { code?: string }).code ?? '';
      if (code !== 'ENOSPC' && code !== 'EIO') throw new Error(`${what}: ${(error as Error).stack}`);
      failures++;
      settle(session, what);
    }
    if (operations % 100 === 0) compare(session, what);
  }
  settle(session, 'worn out');
  matches(snapshotOf(judge(setup, flash, 'worn out', false)), session.tree, 'worn out, by the judge');
  const wear = [...flash.wear.subarray(2)];
  return {
    operations,
    erases: flash.erases,
    most: Math.max(...wear),
    mean: wear.reduce((sum, each) => sum + each, 0) / wear.length,
    endedWith: code,
  };
}

export const badflash: Campaign = {
  name: 'badflash',
  share: 0.8,
  about: 'blocks that fail, reads that fail, flash that wears out',
  round(seed, tally) {
    const random = generator(seed);
    const setup: Setup = { ...randomSetup(random, 6, 4096), cached: false, medium: 'nor' };
    const taste = randomTaste(random, setup);
    const steps: Step[] = [];
    const kind = random(3);
    try {
      if (kind === 0) count(tally, 'failures of bad blocks told', badBlocks(setup, taste, random, steps, 150));
      else if (kind === 1) count(tally, 'failures of reads told', badReads(setup, taste, random, steps, 150));
      else wear(setup, seed, tally);
      count(tally, 'operations on bad flash', steps.length);
    } catch (error) {
      throw new Failure(`${['bad blocks', 'bad reads', 'wear'][kind]}: ${(error as Error).message}\n${JSON.stringify(setup)}`, {
        setup,
        seed,
        steps,
      });
    }
  },
};

function wear(setup: Setup, seed: number, tally: Tally): void {
  const small: Setup = { ...setup, blockCount: Math.min(setup.blockCount, 20) };
  const result = wearOut(small, 5 + (seed % 20), seed);
  count(tally, 'operations until worn out', result.operations);
  count(tally, `volumes that ended with ${result.endedWith || 'life left'}`);
  atMost(tally, 'wear over mean, in %', Math.round((result.most / result.mean) * 100));
}
