/** Comparing trees: sha256, diff, sync. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type PlaceOptions, withPlaces } from '../places/open';
import type { Report } from '../places/report';
import { type Entry, joined, makeDirectories, PlaceError, placeText, removeAll, type Tree, walk } from '../places/tree';
import { UsageError } from '../usage';
import { expand } from './glob';

/** The sum of a file. */
export interface Sum {
  /** Of a file in a directory its path from there, else the place as it was given. */
  path: string;
  sha256: string;
}

async function hashOf(tree: Tree, path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of tree.read(path)) hash.update(piece);
  return hash.digest('hex');
}

/**
 * The SHA-256 of files, and of all files below directories: what is in an image and in the folder that it was made of gives the same list.
 * @throws PlaceError for what is not there
 */
export function sha256(places: string[], options?: PlaceOptions): Promise<Sum[]> {
  return withPlaces(options, async (open) => {
    const sums: Sum[] = [];
    for (const text of places) {
      for (const { tree, path, entry } of await expand(open, [text], open.bareOf(text))) {
        if (entry.kind !== 'directory') sums.push({ path: placeText(tree, path), sha256: await hashOf(tree, path) });
        else
          for await (const step of walk(tree, path))
            if (step.entry.kind === 'file') sums.push({ path: step.relative, sha256: await hashOf(tree, step.path) });
      }
    }
    return sums;
  });
}

/** What came of a check: `missing` where there is no such file. */
export interface Checked {
  path: string;
  state: 'ok' | 'differs' | 'missing';
}

/**
 * Checks a list of sums, as `sha256` and the program `sha256sum` print it.
 * @param list a file of the host
 * @param place the directory that its paths are relative to; by default they are places
 * @throws UsageError if it is no such list
 */
export function checkSums(list: string, place: string | undefined, options?: PlaceOptions): Promise<Checked[]> {
  return withPlaces(options, async (open) => {
    const checked: Checked[] = [];
    let lines: string[];
    try {
      lines = readFileSync(list, 'utf8').split(/\r?\n/);
    } catch (error) {
      throw new UsageError(`cannot read ${list}: ${(error as Error).message}`);
    }
    for (const [index, line] of lines.entries()) {
      if (!line) continue;
      const match = /^([0-9a-f]{64}) [ *](.+)$/i.exec(line);
      if (!match) throw new UsageError(`${list}, line ${index + 1}: no sum and path`);
      const base = place === undefined ? undefined : open.open(place, 'volume');
      const { tree, path } = base ? { tree: base.tree, path: joined(base.path, match[2]) } : open.open(match[2], 'file');
      const there = await tree.stat(path);
      const state = there?.kind !== 'file' ? 'missing' : (await hashOf(tree, path)) === match[1].toLowerCase() ? 'ok' : 'differs';
      checked.push({ path: match[2], state });
    }
    return checked;
  });
}

/** In what two trees differ. */
export interface Difference {
  path: string;
  /** `first` and `second`: it is there alone. `kind`: a file here, a directory there. */
  what: 'first' | 'second' | 'kind' | 'content';
}

/**
 * Compares two files, or all that is in two directories: images, folders, or one of each.
 * @returns what differs, empty if nothing does
 * @throws PlaceError for what is not there
 */
export function diff(first: string, second: string, options?: PlaceOptions): Promise<Difference[]> {
  return withPlaces(options, async (open) => {
    const [a, b] = [await look(first), await look(second)];
    async function look(text: string): Promise<{ tree: Tree; path: string; entry: Entry }> {
      const { tree, path } = open.open(text, open.bareOf(text));
      const entry = await tree.stat(path);
      if (!entry) throw new PlaceError('ENOENT', placeText(tree, path), 'no such file or directory');
      return { tree, path, entry };
    }
    if (a.entry.kind !== b.entry.kind) return [{ path: '', what: 'kind' }];
    if (a.entry.kind === 'file')
      return (await isEqual(a.tree, a.path, a.entry, b.tree, b.path, b.entry)) ? [] : [{ path: '', what: 'content' }];
    const differences: Difference[] = [];
    await compare(a.tree, a.path, b.tree, b.path, '', differences);
    return differences;
  });
}

async function compare(a: Tree, left: string, b: Tree, right: string, relative: string, into: Difference[]): Promise<void> {
  const here = await a.list(left);
  const there = new Map((await b.list(right)).map((entry) => [entry.name, entry]));
  for (const entry of here) {
    const path = relative + entry.name;
    const other = there.get(entry.name);
    there.delete(entry.name);
    const [one, two] = [joined(left, entry.name), joined(right, entry.name)];
    if (!other) into.push({ path, what: 'first' });
    else if (other.kind !== entry.kind) into.push({ path, what: 'kind' });
    else if (entry.kind === 'directory') await compare(a, one, b, two, path + '/', into);
    else if (!(await isEqual(a, one, entry, b, two, other))) into.push({ path, what: 'content' });
  }
  for (const name of there.keys()) into.push({ path: relative + name, what: 'second' });
}

async function isEqual(a: Tree, left: string, one: Entry, b: Tree, right: string, two: Entry): Promise<boolean> {
  if (one.size !== two.size) return false;
  // A board makes the sums itself.
  if (b.holds) return b.holds(right, a.read(left));
  if (a.holds) return a.holds(left, b.read(right));
  return (await hashOf(a, left)) === (await hashOf(b, right));
}

export interface SyncOptions extends PlaceOptions {
  /** Removes what is not in the folder. Default false. */
  delete?: boolean;
  /** Only tells what would be done. Default false. */
  dryRun?: boolean;
}

/** What was done, or would be. */
export interface Action {
  path: string;
  what: 'new' | 'changed' | 'removed' | 'directory';
}

/**
 * Makes a place hold what a folder does, writing only what has changed: files of the same size and time are taken for the same where both
 * keep times, else their contents are compared.
 * @param from a folder, or a place in an image
 * @throws UsageError if it is no directory; PlaceError; nothing is changed in images then
 */
export function sync(from: string, to: string, options: SyncOptions = {}, report: Report = {}): Promise<Action[]> {
  return withPlaces(options, async (open) => {
    const source = open.open(from, 'volume');
    const target = open.open(to, 'volume');
    if ((await source.tree.stat(source.path))?.kind !== 'directory') throw new UsageError(`${from} is no directory: sync takes one`);
    const actions: Action[] = [];
    const total = await totalOf(source.tree, source.path, report);
    let done = 0;
    /** Only told. */
    const act = async (path: string, what: Action['what'], work: () => Promise<void>): Promise<void> => {
      actions.push({ path, what });
      if (!options.dryRun) await work();
    };
    const inner = async (left: string, right: string, relative: string, exists: boolean): Promise<void> => {
      const old = new Map((exists ? await target.tree.list(right, true) : []).map((entry) => [entry.name, entry]));
      const entries = await source.tree.list(left, true);
      if (options.delete) {
        const wanted = new Set(entries.map(({ name }) => name));
        // First, as it may be what makes room.
        for (const [name, entry] of old)
          if (!wanted.has(name)) await act(relative + name, 'removed', () => removeAll(target.tree, joined(right, name), entry));
      }
      for (const entry of entries) {
        if (entry.kind === 'other') continue;
        const path = relative + entry.name;
        const [one, two] = [joined(left, entry.name), joined(right, entry.name)];
        let there = old.get(entry.name);
        if (there && there.kind !== entry.kind) {
          const wrong = there;
          if (!options.delete) throw new PlaceError('EEXIST', placeText(target.tree, two), `it is a ${wrong.kind}; --delete removes it`);
          await act(path, 'removed', () => removeAll(target.tree, two, wrong));
          there = undefined;
        }
        if (entry.kind === 'directory') {
          if (!there) await act(path, 'directory', () => target.tree.mkdir(two, entry.mtime));
          await inner(one, two, path + '/', !!there);
        } else {
          if (!there || !(await isSame(source.tree, one, entry, target.tree, two, there)))
            await act(path, there ? 'changed' : 'new', () => target.tree.write(two, source.tree.read(one), entry.mtime));
          done += entry.size;
          report.progress?.(done, total, path);
        }
      }
    };
    const exists = (await target.tree.stat(target.path))?.kind === 'directory';
    if (!exists && !options.dryRun) await makeDirectories(target.tree, target.path);
    await inner(source.path, target.path, '', exists);
    return actions;
  });
}

async function totalOf(tree: Tree, path: string, report: Report): Promise<number> {
  let total = 0;
  if (report.progress) for await (const { entry } of walk(tree, path)) total += entry.size;
  return total;
}

async function isSame(a: Tree, left: string, one: Entry, b: Tree, right: string, two: Entry): Promise<boolean> {
  if (one.size !== two.size) return false;
  const step = Math.max(a.times, b.times);
  const timed = a.times && b.times && one.mtime !== undefined && two.mtime !== undefined;
  return (timed && Math.abs((one.mtime as number) - (two.mtime as number)) < step) || isEqual(a, left, one, b, right, two);
}
