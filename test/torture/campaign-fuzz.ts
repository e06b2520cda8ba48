/** Damaged images: each answer is the same the second time or a coded error, within bounded device operations and the volume. */
import type { VfsLfs2 } from '../../modules/littlefs2';
import { type FsckResult, fsckLfs2 } from '../../modules/littlefs2/check/fsck';
import { checkLfs2 } from '../independent/lfs2-reader';
import { pattern } from '../support/lfs2';
import { change, ENTRIES, linesOf, look } from './answers';
import { type Campaign, count, Failure, mountedReadOnly, randomSetup, randomSteps, randomTaste, type Tally } from './campaign';
import { damage } from './damage';
import { Flash } from './flash';
import { attempt } from './powercut';
import { generator, mixSeed, pick } from './random';
import { mountOn, type Setup, type Step } from './session';

/** Where names are out of order, a search finds one or not, depending on where it begins. */
const DISORDER = /not in order|two of the same name|unknown tag/;
/** What the judge minds in a new image but every reader puts up with. */
const HARMLESS = /FCRC|multiple of the program size/;

/** No call may need more device operations: this many passes over all pairs for each pair. */
function budgetOf(setup: Setup): number {
  const window = Math.max(4 * Math.max(setup.options.readsize ?? 32, setup.progSize), 64);
  const reads = Math.ceil(setup.blockSize / Math.min(window, setup.blockSize)) + 4;
  return 3000 + 30 * setup.blockCount * setup.blockCount * reads;
}

/** Looks at everything that is there, then changes it. Throws on whatever damage must not do. */
export function exercise(setup: Setup, image: Uint8Array, seed: number, tally: Tally): void {
  const flash = new Flash({ ...setup, cached: false }, image);
  const budget = budgetOf(setup);
  flash.lenient = true;
  const line = linesOf(flash, budget, tally, 'a damaged image');
  const lookAt = (found: string[]): string[] =>
    look(fs, found, line, ENTRIES * 5, (path, size) => {
      if (!(size >= 0 && size <= 0x7fffffff) || size % 1) throw new Error(`${path}: size ${size}`);
      return [line(`attrs of ${path}`, () => fs.listattr(path).map((each) => fs.getattr(path, each)?.length))];
    });
  let fs = undefined as unknown as VfsLfs2;
  flash.budget = 4 * budget;
  const verdict: FsckResult = fsckLfs2(flash, setup.options);
  if (flash.programs + flash.erases) throw new Error('fsck wrote something');
  const problems = checkLfs2(image, setup.blockSize, undefined, { progSize: setup.progSize }).problems.filter(
    (each) => !HARMLESS.test(each),
  );
  const ordered = !problems.some((each) => DISORDER.test(each));
  if (problems.length && verdict.sound) throw new Error(`fsck finds nothing, the judge: ${problems.join('; ')}`);
  /** Only a mounted volume knows where it ends. */
  const mount = (work: () => VfsLfs2): void => {
    flash.limit = setup.blockCount;
    line('mount', () => {
      fs = work();
    });
    line('statvfs', () => {
      flash.limit = (fs.statvfs('/') as number[])[2];
    });
  };
  const mounted = line('mount', () => {
    fs = mountedReadOnly(setup, flash);
  });
  if (!mounted.endsWith('undefined')) {
    count(tally, 'images refused');
    return;
  }
  mount(() => fs);
  const paths: string[] = [];
  const first = lookAt(paths);
  if (seed % 4 === 0 && ordered) {
    const again = lookAt([]);
    if (first.join('\n') !== again.join('\n')) throw new Error(`not the same twice: ${differs(first, again)}`);
  }
  mount(() => mountedReadOnly(setup, flash));
  const fresh = lookAt([]);
  if (ordered && first.join('\n') !== fresh.join('\n')) throw new Error(`not the same after another mount: ${differs(first, fresh)}`);
  if (flash.programs + flash.erases) throw new Error('reading wrote something');
  const random = generator(seed);
  mount(() => mountOn(setup, flash));
  for (let i = 0; i < 8; i++) {
    const path = paths.length ? pick(random, paths) : '/x';
    const fresh = `${path.slice(0, path.lastIndexOf('/'))}/${'xyz'[random(3)]}${random(9)}`;
    const kind = random(9);
    if (kind < 8) change(fs, path, fresh, kind, line);
    else line(`setattr ${path}`, () => fs.setattr(path, 3, pattern(8, 2)));
  }
  line('sync', () => fs.sync());
  line('statvfs', () => fs.statvfs('/'));
}

const differs = (a: string[], b: string[]): string => {
  const at = a.findIndex((each, i) => each !== b[i]);
  return `${a[at]} and ${b[at]}`;
};

export const fuzz: Campaign = {
  name: 'fuzz',
  share: 5,
  about: 'damaged images, by bytes and by structure',
  round(seed, tally) {
    const random = generator(seed);
    const setup: Setup = { ...randomSetup(random, 2, 4096), cached: false, medium: 'nor' };
    const base = randomSteps(setup, randomTaste(random, setup), random, 10 + random(60), attempt, [] as Step[]).image;
    const images = Math.max(20, Math.min(200, Math.floor(1000000 / base.length)));
    for (let i = 0; i < images; i++) {
      const image = base.slice();
      const own = mixSeed(seed, i);
      const done = damage(image, setup, generator(own));
      try {
        exercise(setup, image, own, tally);
      } catch (error) {
        throw new Failure(`image ${i}: ${done}\n${JSON.stringify(setup)}\n${(error as Error).message}`, {
          setup,
          seed: own,
          image: Buffer.from(image).toString('base64'),
          problems: checkLfs2(image, setup.blockSize).problems,
        });
      } finally {
        count(tally, 'damaged images');
      }
    }
  },
};
