/** What all parts of the torture share: a round is a piece of work of a second or so that its seed determines. */
import { VfsLfs2 } from '../../modules/littlefs2';
import type { Taste } from './choose';
import { choose } from './choose';
import type { Flash } from './flash';
import { pick, type Random } from './random';
import { applicable, formatted, type Session, type Setup, type Step, startSession } from './session';
import type { Shrunk } from './shrink';

/** Counts by name, summed over all rounds. */
export type Tally = Record<string, number>;

export interface Campaign {
  name: string;
  about: string;
  /** Of the time of a run of all campaigns, in proportion. */
  share: number;
  /** How much of what is enough, for a run that has no end in time. */
  goal?: [counted: string, many: number];
  /** Throws if something is wrong. */
  round(seed: number, tally: Tally): void;
}

export function count(tally: Tally, name: string, by = 1): void {
  tally[name] = (tally[name] ?? 0) + by;
}

/** The largest of something seen so far. */
export function atMost(tally: Tally, name: string, value: number): void {
  const key = `largest ${name}`;
  if (!(tally[key] >= value)) tally[key] = value;
}

/** A failure that can be had again, with the list of steps, made smaller, that leads to it. */
export class Failure extends Error {
  data: unknown;
  constructor(message: string, data: unknown) {
    super(message);
    this.data = data;
  }
}

/** A failure of a list of steps that was made smaller; `more` is what else it takes to have it again. */
export function shrunkFailure(error: unknown, setup: unknown, small: Shrunk<unknown>, more: object): Failure {
  return new Failure(
    `${(error as Error).message}\n${JSON.stringify(setup)}\nsmallest list: ${JSON.stringify(small.steps)}\n${small.message}`,
    { setup, steps: small.steps, ...more },
  );
}

const SHAPES: [blockSize: number, progSizes: number[], counts: number[]][] = [
  [128, [1, 4, 16, 128], [2, 4, 6, 9, 16, 40, 90]],
  [256, [4, 16, 256], [4, 8, 20, 60]],
  [512, [1, 4, 16, 256, 512], [3, 6, 10, 30, 64]],
  [4096, [1, 16, 256, 4096], [2, 5, 9, 20]],
  [32768, [16, 256, 32768], [4, 7]],
];

/** A random geometry; small ones are likelier, and `least` blocks are there. */
export function randomSetup(random: Random, least = 2, most = 32768): Setup {
  const fits = SHAPES.filter(([size, , counts]) => size <= most && counts[counts.length - 1] >= least);
  const [blockSize, progSizes, counts] = fits[Math.min(random(fits.length), random(fits.length))];
  const progSize = pick(random, progSizes);
  const blockCount = pick(
    random,
    counts.filter((each) => each >= least),
  );
  const readsize = pick(
    random,
    [1, 16, 32].filter((each) => each <= blockSize && each <= Math.max(progSize, 16)),
  );
  const unit = pick(
    random,
    [undefined, 1, 4, 8, 16, 32].filter((each) => !each || progSize % each === 0),
  );
  return {
    blockSize,
    blockCount,
    progSize,
    ...(unit ? { unit } : {}),
    medium: random(12) ? 'nor' : pick(random, ['zero', 'keep'] as const),
    cached: random(5) === 0,
    mapped: random(6) === 0,
    options: {
      readsize,
      progsize: progSize,
      mtime: false,
      blockCycles: pick(random, [1, 1, 5, 5, 20, 100, 0]),
      ...(random(4) ? {} : { tables: pick(random, [0, 256]) }),
      ...(random(4) ? {} : { lookahead: 8 }),
      ...(random(8) ? {} : { diskVersion: 0x20000 }),
    },
  };
}

/** Kinds of workloads, by what they are mostly made of. */
export const TASTES: Record<string, Taste['weights']> = {
  files: { write: 5, append: 5, overwrite: 5, truncate: 5, remove: 1, log: 2, gc: 1, mount: 1 },
  directories: { mkdir: 6, rmdir: 3, write: 4, remove: 2, rename: 1 },
  renames: { mkdir: 4, write: 4, rename: 12, rmdir: 1, remove: 1, setattr: 1 },
  attributes: { mkdir: 1, write: 2, setattr: 6, removeattr: 3, rename: 2, remove: 1 },
  open: { write: 1, mkdir: 2, rename: 3, remove: 1, setattr: 1, open: 4, put: 8, cut: 2, sync: 5, close: 3, mount: 1 },
  logs: { log: 8, append: 4, mkdir: 1, overwrite: 1, gc: 1 },
  crowded: { write: 8, append: 4, mkdir: 3, setattr: 2, rename: 1, remove: 1, rmdir: 1 },
  mixed: {
    mkdir: 4,
    rmdir: 2,
    remove: 2,
    write: 5,
    append: 3,
    log: 2,
    overwrite: 2,
    truncate: 2,
    rename: 6,
    setattr: 3,
    removeattr: 1,
    open: 2,
    put: 3,
    cut: 1,
    sync: 2,
    close: 1,
    gc: 1,
    mount: 1,
  },
};

/** A random workload, by kind; sizes fit the geometry, so that volumes get full now and then. */
export function randomTaste(random: Random, setup: Setup): Taste {
  const kind = pick(random, Object.keys(TASTES));
  return tasteOf(kind, setup, pick(random, [2, 5, 12]), 3 + random(30));
}

/** @param share the largest file takes one part in so many of the volume */
export function tasteOf(kind: string, setup: Setup, share: number, entries: number): Taste {
  const room = setup.blockSize * Math.max(1, setup.blockCount - 2);
  return { largest: Math.max(40, Math.floor(room / share)), entries: kind === 'crowded' ? 1000 : entries, weights: TASTES[kind] };
}

/** Makes a list of steps by doing them, up to `steps`. What goes wrong here goes wrong in the round as well. */
export function randomSteps(
  setup: Setup,
  taste: Taste,
  random: Random,
  steps: number,
  attempt: (session: Session, step: Step, what: string) => void,
  list: Step[],
): Flash {
  const flash = formatted(setup);
  const session = startSession(setup, flash, {});
  for (let i = 0; i < steps; i++) {
    const step = choose(session, taste, random);
    if (!step || !applicable(session, step)) continue;
    list.push(step);
    attempt(session, step, `step ${list.length - 1} ${JSON.stringify(step)}`);
  }
  return flash;
}

export function mountedReadOnly(setup: Setup, flash: Flash): VfsLfs2 {
  const fs = new VfsLfs2(flash, setup.options);
  fs.mount(true, false);
  return fs;
}

/** What `work` throws says, if it throws. */
export function failureOf(work: () => void): string | undefined {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

/** What came of a call on a damaged image: its result, or the code of its error. @throws for an error without one */
export function outcome(what: string, work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string' || !(error instanceof Error)) throw new Error(`${what}: ${(error as Error).stack ?? error}`);
    return code;
  }
}
