/** Damaged images: each answer is the same the second time or a coded error, within bounded device operations and the volume. */
import type { RawFile } from '../../modules/contract/filesystem';
import type { VfsLfs2 } from '../../modules/littlefs2';
import { type FsckResult, fsckLfs2 } from '../../modules/littlefs2/check/fsck';
import { checkLfs2 } from '../independent/lfs2-reader';
import { pattern } from '../support/lfs2';
import {
  atMost,
  type Campaign,
  count,
  Failure,
  mountedReadOnly,
  outcome,
  randomSetup,
  randomSteps,
  randomTaste,
  type Tally,
} from './campaign';
import { damage } from './damage';
import { Flash } from './flash';
import { attempt } from './powercut';
import { generator, mixSeed, pick } from './random';
import { mountOn, type Setup, type Step } from './session';

const ENTRIES = 150;
const DEPTH = 6;
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
  /** What came out, as a line: the same call has the same one again. */
  const line = (what: string, work: () => unknown): string => {
    flash.budget = budget;
    const result = outcome(what, work);
    atMost(tally, 'device operations of one call on a damaged image', budget - flash.budget);
    return `${what}: ${result instanceof Uint8Array ? Buffer.from(result).toString('hex') : JSON.stringify(result)}`;
  };
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
  const first = look(fs, paths, line);
  if (seed % 4 === 0 && ordered) {
    const again = look(fs, [], line);
    if (first.join('\n') !== again.join('\n')) throw new Error(`not the same twice: ${differs(first, again)}`);
  }
  mount(() => mountedReadOnly(setup, flash));
  const fresh = look(fs, [], line);
  if (ordered && first.join('\n') !== fresh.join('\n')) throw new Error(`not the same after another mount: ${differs(first, fresh)}`);
  if (flash.programs + flash.erases) throw new Error('reading wrote something');
  const random = generator(seed);
  mount(() => mountOn(setup, flash));
  for (let i = 0; i < 8; i++) {
    const path = paths.length ? pick(random, paths) : '/x';
    const fresh = `${path.slice(0, path.lastIndexOf('/'))}/${'xyz'[random(3)]}${random(9)}`;
    change(fs, path, fresh, random(9), line);
  }
  line('sync', () => fs.sync());
  line('statvfs', () => fs.statvfs('/'));
}

const differs = (a: string[], b: string[]): string => {
  const at = a.findIndex((each, i) => each !== b[i]);
  return `${a[at]} and ${b[at]}`;
};

function look(fs: VfsLfs2, paths: string[], line: (what: string, work: () => unknown) => string): string[] {
  const lines: string[] = [];
  const queue: [string, number][] = [['', 0]];
  for (let next = queue.shift(); next && lines.length < ENTRIES * 5; next = queue.shift()) {
    const [dir, depth] = next;
    const found: [string, number, number, number][] = [];
    lines.push(
      line(`list ${dir}`, () => {
        const entries = fs.ilistdir(dir || '/');
        for (let step = entries.next(); !step.done && found.length < ENTRIES; step = entries.next())
          found.push(step.value as [string, number, number, number]);
        return found.length;
      }),
    );
    for (const [name, type, , size] of found) {
      const path = `${dir}/${name}`;
      // What a VFS would not let through.
      if (!name || name.includes('/')) continue;
      if (!(size >= 0 && size <= 0x7fffffff) || size % 1) throw new Error(`${path}: size ${size}`);
      paths.push(path);
      lines.push(line(`stat ${path}`, () => fs.stat(path)));
      lines.push(line(`attrs of ${path}`, () => fs.listattr(path).map((each) => fs.getattr(path, each)?.length)));
      if (type === 0x4000) {
        if (depth < DEPTH) queue.push([path, depth + 1]);
      } else {
        lines.push(
          line(`read ${path}`, () => {
            const file = fs.open(path, 'r') as RawFile;
            try {
              const piece = new Uint8Array(Math.min(size, 3000));
              const parts = [0, Math.floor(size / 2), Math.max(0, size - 40)].map((pos) => file.readAt(pos, piece));
              return [...parts, Buffer.from(piece).toString('base64')];
            } finally {
              file.close();
            }
          }),
        );
      }
    }
  }
  return lines;
}

function change(fs: VfsLfs2, path: string, fresh: string, kind: number, line: (what: string, work: () => unknown) => string): void {
  const write = (mode: string, pos: number, length: number): void => {
    const file = fs.open(path, mode) as RawFile;
    try {
      if (length < 0) file.truncate(pos);
      else file.writeAt(pos < 0 ? file.size() : pos, pattern(length, 1));
    } finally {
      file.close();
    }
  };
  if (kind === 0) line(`mkdir ${fresh}`, () => fs.mkdir(fresh));
  else if (kind === 1) line(`rmdir ${path}`, () => fs.rmdir(path));
  else if (kind === 2) line(`remove ${path}`, () => fs.remove(path));
  else if (kind === 3) line(`rename ${path} ${fresh}`, () => fs.rename(path, fresh));
  else if (kind === 4) line(`write ${path}`, () => write('w', 0, 200));
  // The end of a file whose size is wrong may be far away.
  else if (kind === 5) line(`append to ${path}`, () => (fs.stat(path)[6] < 100000 ? write('a', -1, 30) : 0));
  else if (kind === 6) line(`overwrite ${path}`, () => (fs.stat(path)[6] < 100000 ? write('r+', 10, 30) : 0));
  else if (kind === 7) line(`truncate ${path}`, () => write('r+', 5, -1));
  else line(`setattr ${path}`, () => fs.setattr(path, 3, pattern(8, 2)));
}

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
