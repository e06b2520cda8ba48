/**
 * The power goes at every program and every erase of a workload, in every way that flash knows. After each cut the
 * volume must mount and hold what was synced, the rest whole or absent; the next write must leave nothing half-done,
 * also if the power goes again meanwhile; and the workload must be able to go on.
 */
import { fsckLfs2 } from '../../modules/littlefs2/check/fsck';
import { checkLfs2, type Lfs2Check } from '../independent/lfs2-reader';
import { difference, type Snapshot, sameTree, snapshot, snapshotOf } from '../support/lfs2';
import { type Cut, Flash, type FlashChange } from './flash';
import { generator, mixSeed, type Random } from './random';
import { applicable, perform, type Session, type Setup, type Step, startSession } from './session';

export interface Counts {
  /** Programs and erases at which the power was cut. */
  cuts: number;
  /** Images that cuts left, each mounted, judged, repaired. */
  images: number;
  operations: number;
}

export const noCounts = (): Counts => ({ cuts: 0, images: 0, operations: 0 });

export interface Explorer {
  seed: number;
  counts: Counts;
  /** Of so many images one is looked into more deeply: cut again while it is repaired, and worked on. */
  deepEvery: number;
  /** Levels of further cuts below the first. */
  depth: number;
  /** Steps that go on after a cut. */
  goOn: number;
  /** Cut at each of so many programs in succession in one block, and then at one of sixteen. */
  dense: number;
  /** Steps are no longer done once so many cuts were made; what lies deeper gets a few times as many. */
  most: number;
}

/** A cut, by what it left. */
export interface Left {
  image: Uint8Array;
  allowed: Snapshot[];
  what: string;
  seed: number;
  /** Bits within a program unit, or units of one program, were programmed out of order. */
  wild: boolean;
}

const BUDGET = 400000;

/** Runs `steps` and looks at each cut. Throws an error that says what went wrong, after which step and cut. */
export function explore(setup: Setup, start: Uint8Array, steps: readonly Step[], explorer: Explorer): void {
  const flash = new Flash(setup, start);
  const session = startSession(setup, flash, {});
  steps.forEach((step, i) => {
    if (explorer.counts.cuts >= explorer.most || !applicable(session, step)) return;
    const what = `step ${i} ${JSON.stringify(step)}`;
    const left = watched(session, step, what, mixSeed(explorer.seed, i), explorer);
    for (const each of left) {
      const deep = each.seed % explorer.deepEvery === 0 && explorer.counts.cuts < 4 * explorer.most;
      examine(setup, each, deep ? explorer.depth : 0, deep ? steps.slice(i + 1, i + 1 + explorer.goOn) : [], explorer);
    }
  });
  const check = judge(setup, flash, 'at the end', true);
  matches(snapshotOf(check), session.tree, 'at the end, by the judge');
}

/** Does a step; a full volume is no failure, if nothing has changed. */
export function attempt(session: Session, step: Step, what: string): void {
  session.flash.budget = BUDGET;
  try {
    perform(session, step);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== 'ENOSPC') throw new Error(`${what}: ${(error as Error).stack}`);
    matches(snapshot(session.fs), session.tree, `${what}, ${code}`);
  }
}

/** Does a step and gives what cuts in it leave. */
function watched(session: Session, step: Step, what: string, seed: number, explorer: Explorer): Left[] {
  const left: Left[] = [];
  const { flash } = session;
  const random = generator(seed);
  let n = 0;
  const add = (change: FlashChange | undefined, cut: Cut): void => {
    const at = mixSeed(seed, n, left.length);
    const where = change ? `${change.kind} of ${change.data.length} at ${change.addr}` : 'after it';
    left.push({
      image: flash.cutImage(change, cut, at),
      allowed: session.allowed,
      what: `${what}, cut ${n} (${cut}, ${where})`,
      seed: at,
      wild: flash.lenient || cut === 'bits',
    });
  };
  let block = -1;
  let row = 0;
  flash.before = (change) => {
    n++;
    const here = Math.floor(change.addr / session.setup.blockSize);
    row = here === block ? row + 1 : 0;
    block = here;
    if (row > explorer.dense && random(16)) return undefined;
    explorer.counts.cuts++;
    // The operation done is the next one not done.
    add(change, 'not');
    for (const cut of variants(change, random)) add(change, cut);
    if (session.setup.cached) for (let k = 0; k < 2; k++) add(change, 'reordered');
    return undefined;
  };
  attempt(session, step, what);
  flash.before = undefined;
  if (n) add(undefined, session.setup.cached ? 'reordered' : 'not');
  explorer.counts.operations++;
  return left;
}

function variants(change: FlashChange, random: Random): Cut[] {
  if (change.kind === 'erase') return random(4) ? ['torn'] : ['torn', 'bits'];
  return random(4) ? ['torn', 'bits'] : ['torn', 'bits', 'bits'];
}

/** A failure, with the image from which it can be had again. */
export class Found extends Error {
  setup: Setup;
  left: Left;
  rest: readonly Step[];
  constructor(message: string, setup: Setup, left: Left, rest: readonly Step[]) {
    super(message);
    this.setup = setup;
    this.left = left;
    this.rest = rest;
  }
}

/** Mounts what a cut left and looks whether all is well, writes, and, `depth` levels deep, cuts again meanwhile. */
export function examine(setup: Setup, left: Left, depth: number, rest: readonly Step[], explorer: Explorer): void {
  try {
    lookInto(setup, left, depth, rest, explorer);
  } catch (error) {
    if (error instanceof Found) throw error;
    throw new Found((error as Error).message, setup, left, rest);
  }
}

function lookInto(setup: Setup, left: Left, depth: number, rest: readonly Step[], explorer: Explorer): void {
  const { what, image } = left;
  explorer.counts.images++;
  const flash = new Flash(setup, image);
  flash.lenient = left.wild;
  flash.budget = BUDGET;
  const check = judge(setup, flash, what, false);
  const tree = snapshotOf(check);
  if (!left.allowed.some((each) => sameTree(each, tree)))
    throw new Error(`${what}, by the judge: neither before nor after: ${left.allowed.map((each) => difference(tree, each)).join(' | ')}`);
  let session: Session;
  try {
    session = startSession(setup, flash, tree);
    matches(snapshot(session.fs), tree, what);
  } catch (error) {
    throw new Error(`${what}, mounting: ${(error as Error).stack}`);
  }
  if (flash.programs + flash.erases) throw new Error(`${what}: mounting and reading wrote something`);
  if (left.seed % 8 === 0) {
    const result = fsckLfs2(flash, setup.options);
    if (result.errors) throw new Error(`${what}: fsck finds ${JSON.stringify(result.findings)}`);
  }
  // A first write, which has to put things in order; where there is no room for it, a removal.
  const repair = ['mkdir', '/~'] as Step;
  const write: Step = left.seed % 3 === 0 ? ['write', '/~', 20, 1] : repair;
  const victims = Object.keys(tree).filter((path) => !Object.keys(tree).some((each) => each.startsWith(path + '/')));
  const removal = (path: string): Step => [tree[path].startsWith('dir') ? 'rmdir' : 'remove', path];
  const step: Step =
    '/~' in tree ? removal('/~') : victims.length && left.seed % 4 === 1 ? removal(victims[left.seed % victims.length]) : write;
  const says = `${what}, then ${step}`;
  let again: Left[] = [];
  if (depth) again = watched(session, step, says, left.seed, explorer);
  else attempt(session, step, says);
  let after = judge(setup, flash, says, false);
  matches(snapshotOf(after), session.tree, `${says}, by the judge`);
  settled(session, after, says);
  for (const each of again) {
    if (explorer.counts.cuts > 4 * explorer.most && each.seed % 16) continue;
    const deep = depth > 1 && each.seed % 3 === 0;
    examine(setup, each, deep ? depth - 1 : 0, [], explorer);
  }
  for (const each of rest) {
    if (!applicable(session, each)) continue;
    attempt(session, each, `${says}, and on: ${JSON.stringify(each)}`);
  }
  if (rest.length) {
    const end = `${says}, and on`;
    after = judge(setup, flash, end, false);
    matches(snapshotOf(after), session.tree, `${end}, by the judge`);
    settled(session, after, end);
  }
}

/** Nothing is half-done, and no block is lost. */
export function settled(session: Session, check: Lfs2Check, what: string): void {
  const result = check.used.size % 4 ? undefined : fsckLfs2(session.flash, session.setup.options);
  // Torn commits stay until their pair is written, and a flag without an orphan until the next change.
  const wrong = result?.findings.filter(
    (each) => each.level === 'error' || (each.level === 'warning' && !['commit', 'twin', 'state', 'orphan'].includes(each.code)),
  );
  if (wrong?.length) throw new Error(`${what}: fsck finds ${JSON.stringify(wrong)}`);
  if (check.pendingMove) throw new Error(`${what}: a move is still pending`);
  if (check.orphans.length) throw new Error(`${what}: still there: ${check.orphans.join('; ')}`);
  const figures = session.fs.statvfs('/');
  const open = session.handles.some((each) => each);
  if (!open && figures[2] - figures[3] !== check.used.size)
    throw new Error(`${what}: ${figures[2] - figures[3]} blocks used by statvfs, ${check.used.size} by the judge`);
}

export function judge(setup: Setup, flash: Flash, what: string, erased: boolean): Lfs2Check {
  const check = checkLfs2(flash.image, setup.blockSize, undefined, { progSize: setup.progSize, erased: erased && !setup.medium });
  // The padding of large program units is several commits, of which a cut may leave some.
  if (!erased) check.problems = check.problems.filter((each) => !each.includes('multiple of the program size'));
  if (check.problems.length) throw new Error(`${what}: ${check.problems.join('; ')}`);
  return check;
}

export function matches(got: Snapshot, wanted: Snapshot, what: string): void {
  if (!sameTree(got, wanted)) throw new Error(`${what}: ${difference(got, wanted)}`);
}
