/** The power fails at every sector of a step, with what lies between two syncs in any order, and torn. */
import { count, Failure, type Tally } from './campaign';
import { groupsOf, type SectorDevice } from './fat-device';
import {
  after,
  type Driver,
  type FatStep,
  NAMES,
  nextSteps,
  on,
  perform,
  randomStep,
  repaired,
  type Tree,
  treeOf,
  wrongAfterCut,
  wrongAfterwards,
} from './fat-model';
import { generator, pick, type Random } from './random';

/** Every how manieth image the judge looks at after our repair. */
const JUDGED = 150;

export interface Kind {
  name: string;
  sectors: number;
  size: number;
}

/** A format whose volumes are cut off. */
export interface Family<K extends Kind> {
  name: string;
  driver: Driver;
  /** The last one is large: it comes seldom. */
  kinds: K[];
  volume(kind: K): SectorDevice;
  /** What a judge outside the project says of an image; undefined if there is none. */
  judge(image: Uint8Array): { exit: number; lines: string[] } | undefined;
  /** Names beside the usual ones. */
  names: string[];
  /** Whether what a torn sector leaves is looked at. */
  torn: boolean;
}

/** Media that a cut may leave: each write missing, each order of few writes, and some of many. */
function* cutsOf(start: SectorDevice, log: SectorDevice['log'], random: Random, torn: boolean): Generator<SectorDevice> {
  for (const { before, writes } of groupsOf(start, log ?? [])) {
    const at = before.clone();
    for (const { block, data } of writes) {
      if (torn) {
        const half = at.clone();
        const mixed = at.sector(block).slice();
        const tear = random(3) ? random(data.length) : 32 * random(data.length / 32) + pick(random, [0, 1, 11, 13, 20, 21, 26, 27, 28, 29]);
        mixed.set(data.subarray(0, tear));
        half.changes.set(block, mixed);
        yield half;
      } else yield at.clone();
      at.changes.set(block, data);
    }
    if (torn || writes.length < 2) continue;
    // Any of them, those of one sector in their order.
    for (let n = Math.min(8, 2 ** writes.length); n--; ) {
      const some = before.clone();
      const missing = new Set<number>();
      for (const { block, data } of writes) {
        if (random(2)) missing.add(block);
        if (!missing.has(block)) some.changes.set(block, data);
      }
      yield some;
    }
  }
}

let images = 0;

/** Whether an earlier cut may have left several names of one chain, of which a repair takes all but one. */
type Names = 'one' | 'several';

/** What a repair has taken, and is there by another name. */
function lost(then: Tree, before: Tree): [string, string][] {
  const contents = [...then.values()];
  return [...before].filter(([path, content]) => !then.has(path) && content !== 'dir' && contents.includes(content));
}

/** Looks at a medium after a cut in a step: as it is, after a repair, and after what somebody does next. Gives what is there. */
function inspect(family: Family<Kind>, cut: SectorDevice, before: Tree, step: FatStep, torn: boolean, random: Random, names: Names): Tree {
  const { driver } = family;
  const found = on(driver, cut.clone(), (fs) => treeOf(fs));
  const check = (what: string, wrong: string): void => {
    if (wrong) throw new Error(`${what}: ${wrong}`);
  };
  check('as it is', wrongAfterCut(found, before, step, torn));
  const mended = cut.clone();
  repaired(driver, mended);
  const then = on(driver, mended, (fs) => treeOf(fs));
  check('after a repair', wrongAfterCut(names === 'several' ? new Map([...lost(then, before), ...then]) : then, before, step, torn));
  if (images++ % JUDGED === 0 && mended.base.length < 1e7) {
    const said = family.judge(mended.image());
    if (said && (said.exit || said.lines.length)) throw new Error(`after a repair the judge says: ${said.lines.join('; ')}`);
  }
  const next = nextSteps(found, step, random);
  for (let n = 0; n < 2; n++) {
    const device = cut.clone();
    let wanted = found;
    const done: FatStep[] = [];
    for (let k = 1 + random(3); k--; ) {
      const one = pick(random, next);
      // Names that have gone cannot be worked on again.
      if (done.some((each) => each.path === one.path || each.to === one.path || each.path === one.to || each.to === one.to)) continue;
      done.push(one);
    }
    const failed = on(driver, device, (fs) => {
      for (const one of done) {
        try {
          perform(fs, one);
        } catch (error) {
          const code = (error as { code?: string }).code;
          if (!code) throw error;
          // Of two names of one directory the old one goes.
          if (torn || code === 'ENOSPC' || (code === 'ENOENT' && found.get(step.path) === 'dir')) return true;
          throw new Error(`after ${JSON.stringify(done)}: ${(error as Error).message}`);
        }
        wanted = after(wanted, one);
      }
      return false;
    });
    if (failed) {
      if (!torn) continue;
      wanted = found;
    }
    const now = on(driver, device, (fs) => treeOf(fs));
    const what = `after ${JSON.stringify(done)}`;
    if (torn) {
      // What the cut or these steps wrote may be anything.
      const named = [step, ...done].flatMap((each) => (each.to ? [each.path, each.to] : [each.path]));
      const untouched = new Map([...before].filter(([path]) => !named.some((each) => path === each || path.startsWith(each + '/'))));
      for (const [path, content] of untouched)
        if (!path.endsWith('~vfs.tmp') && now.get(path) !== content)
          check(what, `${path} is ${now.get(path)?.length} bytes, was ${content.length}`);
    } else check(what, wrongAfterwards(now, found, wanted, step));
    if (random(3) === 0) {
      repaired(driver, device);
      const last = on(driver, device, (fs) => treeOf(fs));
      if (!torn) check(`${what}, and a repair`, wrongAfterRepair(last, now, step.to !== undefined || names === 'several'));
    }
  }
  return found;
}

/** A repair takes one of two names of a chain. */
function wrongAfterRepair(last: Tree, now: Tree, several: boolean): string {
  for (const [path, content] of now) {
    if (last.get(path) === content || path.endsWith('~vfs.tmp')) continue;
    const others = !several ? [] : [...last].filter(([, each]) => each === content || content === 'dir');
    if (last.has(path) || !others.length) return `${path} is ${last.get(path)?.length} bytes, was ${content.length}`;
  }
  return '';
}

/** @param most cuts that are made at most */
export function cutVolume<K extends Kind>(family: Family<K>, seed: number, tally: Tally, most: number): void {
  const random = generator(seed);
  const { driver, kinds } = family;
  const kind = random(16) ? kinds[random(kinds.length - 1)] : kinds[kinds.length - 1];
  const device = family.volume(kind);
  const names = [...NAMES, ...family.names];
  // A check goes through the whole FAT.
  most = Math.min(most, kind.sectors > 9999 ? 8 : 1000);
  const largest = Math.min(8000, (kind.sectors * kind.size) / 20);
  const steps: FatStep[] = [];
  let tree: Tree = new Map();
  let step: FatStep | undefined;
  let cuts = 0;
  let owners: Names = 'one';
  try {
    on(driver, device, (fs) => {
      for (let i = 0; i < 25; i++) {
        step = randomStep(tree, random, largest, names);
        perform(fs, step);
        steps.push(step);
        tree = after(tree, step);
      }
    });
    for (let i = 0; i < 12 && cuts < most; i++) {
      step = randomStep(tree, random, largest, names);
      steps.push(step);
      const start = device.clone();
      device.log = [];
      const one = step;
      const full = on(driver, device, (fs) => {
        try {
          perform(fs, one);
        } catch (error) {
          if ((error as { code?: string }).code === 'ENOSPC') return true;
          throw error;
        }
        return false;
      });
      const log = device.log;
      device.log = undefined;
      count(tally, `${family.name} steps`);
      if (full) {
        tree = on(driver, device, (fs) => treeOf(fs));
        continue;
      }
      const left: [SectorDevice, Tree][] = [];
      for (const torn of family.torn ? [false, true] : [false]) {
        for (const cut of cutsOf(start, log, random, torn)) {
          if (cuts >= most) break;
          const found = inspect(family as unknown as Family<Kind>, cut, tree, step, torn, random, owners);
          cuts++;
          count(tally, torn ? `${family.name} cuts, torn` : `${family.name} cuts`);
          if (!torn && random(20) === 0) left.push([cut, found]);
        }
      }
      // Now and then it goes on from what a cut has left.
      if (left.length && random(4) === 0) {
        const [cut, found] = pick(random, left);
        device.changes = new Map(cut.changes);
        owners = 'several';
        tree = found;
        // Two names of one directory are no tree.
        if (step.kind === 'rename' && found.get(step.path) === 'dir' && found.get(step.to as string) === 'dir') repaired(driver, device);
        tree = on(driver, device, (fs) => treeOf(fs));
      } else tree = after(tree, step);
      for (const path of [...tree.keys()])
        if (path.endsWith('~vfs.tmp') && !on(driver, device, (fs) => treeOf(fs)).has(path)) tree.delete(path);
    }
  } catch (error) {
    throw new Failure(`${kind.name}: ${JSON.stringify(step)}: ${(error as Error).stack}`, { kind, seed, steps });
  }
}
