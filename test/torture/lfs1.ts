/** littlefs 1 under torture: random steps that make sense, a model of what they leave, power cuts at each program and erase. */
import { type Lfs1Options, VfsLfs1 } from '../../modules/littlefs1';
import { fsckLfs1 } from '../../modules/littlefs1/check/fsck';
import { checkLfs1, type Lfs1Check } from '../independent/lfs1-reader';
import { difference, mount1, type Snapshot, sameTree, snapshot1, snapshotOf1 } from '../support/lfs1';
import { expected, type Operation, perform } from '../support/script';
import { type Cut, Flash, type FlashChange, type FlashShape } from './flash';
import { type Counts, type Left, matches } from './powercut';
import { generator, mixSeed, pick, type Random } from './random';
import { applicable } from './session';

export interface Setup1 extends FlashShape {
  options: Lfs1Options;
  /** Blocks that cannot be erased or programmed. */
  bad?: number[];
}

const BUDGET = 400000;

/** A chip with the bad blocks of the setup. */
function chipOf(setup: Setup1, image?: Uint8Array): Flash {
  const flash = new Flash(setup, image);
  flash.before = (change) => refusal(setup, change);
  return flash;
}

const refusal = (setup: Setup1, change: FlashChange): number | undefined =>
  setup.bad?.includes(Math.floor(change.addr / setup.blockSize)) ? -5 : undefined;

export function formatted1(setup: Setup1): Flash {
  const flash = chipOf(setup);
  VfsLfs1.mkfs(flash, setup.options);
  return flash;
}

export function randomSetup1(random: Random): Setup1 {
  const [blockSize, progSizes, counts] = pick(random, [
    [128, [1, 4, 16, 128], [9, 16, 40, 90]],
    [128, [16, 32], [12, 24, 60]],
    [256, [4, 16, 256], [8, 20, 60]],
    [512, [1, 16, 256, 512], [7, 10, 30]],
    [4096, [1, 16, 256, 4096], [8, 14]],
  ] as [number, number[], number[]][]);
  const progSize = pick(random, progSizes);
  const blockCount = pick(random, counts);
  const unit = pick(
    random,
    [undefined, 1, 4, 8, 16, 32].filter((each) => !each || progSize % each === 0),
  );
  return {
    blockSize,
    blockCount,
    // The smallest has four places for its root: with three it can be made.
    ...(random(3) ? {} : { bad: Array.from({ length: 1 + random(4) }, () => 2 + random(blockCount - 2)).slice(0, 3) }),
    progSize,
    ...(unit ? { unit } : {}),
    medium: random(12) ? 'nor' : pick(random, ['zero', 'keep'] as const),
    cached: random(5) === 0,
    mapped: random(6) === 0,
    options: {
      readsize: pick(
        random,
        [1, 16].filter((each) => each <= progSize || each % progSize === 0),
      ),
      progsize: progSize,
    },
  };
}

const isDir = (tree: Snapshot, path: string): boolean => path === '' || tree[path] === 'dir';
/** Whether the step can be done in this tree. */
export function applicable1(tree: Snapshot, step: Operation): boolean {
  return applicable({ tree, handles: [] }, step);
}

/** A random step; most lead to renames and directories, where the format is delicate. */
export function choose1(tree: Snapshot, largest: number, entries: number, random: Random): Operation {
  const paths = Object.keys(tree);
  const dirs = paths.filter((path) => isDir(tree, path));
  const files = paths.filter((path) => !isDir(tree, path));
  const parent = dirs.length && random(3) ? pick(random, dirs) : '';
  const name = 'abcdefgh'[random(8)].repeat(1 + random(random(4) ? 3 : 24)) + random(20);
  const fresh = `${parent.split('/').length > 4 ? '' : parent}/${name}`;
  const file = files.length ? pick(random, files) : fresh;
  const dir = dirs.length ? pick(random, dirs) : fresh;
  const size = random(4) ? random(3) * random(60) : random(largest);
  const old = (tree[file] ?? '').length / 2;
  const seed = random(256);
  const full = paths.length >= entries;
  switch (random(16)) {
    case 0:
    case 1:
      return full ? ['rmdir', dir] : ['mkdir', fresh];
    case 2:
      return ['rmdir', dir];
    case 3:
      return ['remove', file];
    case 4:
    case 5:
      return full ? ['remove', file] : ['write', random(3) ? fresh : file, size, seed];
    case 6:
      return ['append', file, size, seed];
    case 7:
      return ['log', file, random(40), random(40), seed];
    case 8:
      return ['overwrite', file, random(old + 40), size, seed];
    case 9:
      return ['truncate', file, random(old + 40)];
    default:
      return ['rename', random(3) ? file : dir, random(2) ? fresh : random(2) ? file : dir];
  }
}

/** What cuts of one call leave: before each program and erase, in the midst of it, and after the last. */
function watched(setup: Setup1, flash: Flash, seed: number, what: string, work: () => void): Left[] {
  const left: Left[] = [];
  const random = generator(seed);
  let n = 0;
  const add = (change: FlashChange | undefined, cut: Cut): void => {
    const own = mixSeed(seed, left.length);
    const where = change ? `${change.kind} of ${change.data.length} at ${change.addr}` : 'after it';
    const wild = flash.lenient || cut === 'bits';
    left.push({ image: flash.cutImage(change, cut, own), allowed: [], what: `${what}, cut ${n} (${cut}, ${where})`, seed: own, wild });
  };
  flash.before = (change) => {
    const refused = refusal(setup, change);
    if (refused) return refused;
    n++;
    // Long writes have many programs of one kind.
    if (n > 40 && random(8)) return undefined;
    add(change, 'not');
    add(change, 'torn');
    if (!random(3)) add(change, 'bits');
    if (setup.cached) add(change, 'reordered');
    return undefined;
  };
  flash.budget = BUDGET;
  try {
    work();
  } finally {
    flash.before = (change) => refusal(setup, change);
  }
  if (n) add(undefined, setup.cached ? 'reordered' : 'not');
  return left;
}

export function judge1(setup: Setup1, image: Uint8Array, what: string, strict: boolean): Lfs1Check {
  const check = checkLfs1(image, setup.blockSize);
  const wrong = strict ? check.problems.concat(check.half) : check.problems;
  if (wrong.length) throw new Error(`${what}: ${wrong.join('; ')}`);
  return check;
}

/** A step, or ENOSPC and nothing changed; gives the tree after it. `trees` gets what it passes through. */
function attempt1(fs: VfsLfs1, tree: Snapshot, step: Operation, what: string, trees: Snapshot[]): Snapshot {
  const steps = expected(tree, step);
  trees.push(tree, ...steps);
  try {
    perform(fs, step);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOSPC') throw new Error(`${what}: ${(error as Error).stack}`);
    const now = snapshot1(fs);
    // An empty new file may be there already, or a first part that was synced.
    if (!trees.some((each) => sameTree(each, now)))
      throw new Error(`${what}, ENOSPC: ${trees.map((each) => difference(now, each)).join(' | ')}`);
    return now;
  }
  return steps[steps.length - 1];
}

/**
 * Does steps on a volume, of one in `every` looks at each cut until there were `most`, and mends what it left: cut again meanwhile
 * for one in `deepEvery`.
 */
export function explore1(
  setup: Setup1,
  steps: readonly Operation[],
  seed: number,
  counts: Counts,
  most: number,
  every = 1,
  deepEvery = 30,
): void {
  const flash = formatted1(setup);
  const fs = mount1(flash, setup.options);
  let tree: Snapshot = {};
  let cuts = 0;
  steps.forEach((step, i) => {
    if (!applicable1(tree, step)) return;
    const what = `step ${i} ${JSON.stringify(step)}`;
    const trees: Snapshot[] = [];
    if (cuts >= most || mixSeed(seed, i) % every) {
      tree = attempt1(fs, tree, step, what, trees);
      return;
    }
    const left = watched(setup, flash, mixSeed(seed, i), what, () => {
      tree = attempt1(fs, tree, step, what, trees);
    });
    counts.operations++;
    for (const each of left) {
      each.allowed = trees;
      counts.cuts++;
      cuts++;
      examine1(setup, each, each.seed % deepEvery === 0 ? 2 : 0, counts);
    }
    matches(snapshot1(fs), tree, what);
  });
  matches(snapshotOf1(judge1(setup, flash.image, 'at the end', true)), tree, 'at the end, by the judge');
}

function examine1(setup: Setup1, left: Left, depth: number, counts: Counts): void {
  const { what } = left;
  counts.images++;
  const flash = chipOf(setup, left.image);
  flash.lenient = left.wild;
  flash.budget = BUDGET;
  const judged = judge1(setup, flash.image, what, false);
  const { half } = judged;
  const tree = snapshotOf1(judged);
  if (!left.allowed.some((each) => sameTree(each, tree)))
    throw new Error(`${what}, by the judge: neither before nor after: ${left.allowed.map((each) => difference(tree, each)).join(' | ')}`);
  let fs: VfsLfs1;
  try {
    fs = mount1(flash, setup.options);
    matches(snapshot1(fs), tree, what);
  } catch (error) {
    throw new Error(`${what}, mounting: ${(error as Error).stack}`);
  }
  const found = fsckLfs1(flash, setup.options);
  if (found.errors) throw new Error(`${what}: fsck finds ${JSON.stringify(found.findings)}`);
  if (found.sound !== !half.length)
    throw new Error(`${what}: half-done by the judge ${half.join('; ')}, by fsck ${JSON.stringify(found.findings)}`);
  if (flash.programs + flash.erases) throw new Error(`${what}: mounting and reading wrote something`);
  const files = Object.keys(tree).filter((path) => tree[path] !== 'dir');
  const choices: Operation[] = [
    ['mkdir', '/~'],
    ['write', '/~', 20, 1],
    ...(files.length ? [['remove', files[left.seed % files.length]] as Operation, ['append', files[0], 9, 3] as Operation] : []),
  ];
  const step = choices[left.seed % choices.length];
  if (!applicable1(tree, step)) return;
  const says = `${what}, then ${JSON.stringify(step)}`;
  const trees: Snapshot[] = [];
  let after = tree;
  const again = watched(setup, flash, left.seed, says, () => {
    after = attempt1(fs, tree, step, says, trees);
  });
  const check = judge1(setup, flash.image, says, true);
  matches(snapshotOf1(check), after, `${says}, by the judge`);
  matches(snapshot1(fs), after, says);
  const figures = fs.statvfs('/');
  if (figures[2] - figures[3] !== check.used.size)
    throw new Error(`${says}: ${figures[2] - figures[3]} blocks used by statvfs, ${check.used.size} by the judge`);
  const verdict = fsckLfs1(flash, setup.options);
  if (!verdict.sound || verdict.used !== check.used.size)
    throw new Error(`${says}: fsck finds ${verdict.used} used, ${JSON.stringify(verdict.findings)}`);
  if (!depth) return;
  for (const each of again) {
    each.allowed = trees;
    counts.cuts++;
    examine1(setup, each, depth - 1, counts);
  }
}

/** A list of steps that make sense one after the other. */
export function randomSteps1(setup: Setup1, random: Random, length: number): Operation[] {
  const list: Operation[] = [];
  const largest = Math.max(40, Math.floor((setup.blockSize * setup.blockCount) / pick(random, [4, 8, 16])));
  const entries = 3 + random(25);
  let tree: Snapshot = {};
  for (let i = 0; i < length; i++) {
    const step = choose1(tree, largest, entries, random);
    if (!applicable1(tree, step)) continue;
    list.push(step);
    const steps = expected(tree, step);
    tree = steps[steps.length - 1];
  }
  return list;
}
