/** What walks through the tree of directories, or is asked seldom. */
import { ENOTDIR } from '../contract/errno';
import { type DirEntry, type Stat, type StatVfs, TYPE_DIR } from '../contract/filesystem';
import { invoke, refuse } from './call';
import { ilistdir, iterator } from './listing';
import { locate, mounts, perform, working } from './mounts';

/** What `walk` gives: an iterator object, also for for-of where the engine has it. */
export type Steps = { next(): { done: boolean; value?: WalkStep } } & Iterable<WalkStep>;

/** One directory of a walk: its path, the names of the directories in it, and those of everything else. */
export type WalkStep = [dir: string, dirs: string[], files: string[]];

/**
 * Walks a tree from the top down, mounts in it included: an iterator object (also for for-of where the engine has it) of
 * `[dir, dirs, files]`, `dir` an absolute path. Names taken out of `dirs` before the next step are not walked into.
 * @throws while iterating: ENOENT, ENOTDIR, EIO, ECORRUPT.
 * Source: CPython `os.walk`. Differs: errors are thrown, paths are absolute.
 */
export function walk(top: string): Steps {
  const todo = [locate(top, 'walk')._path];
  let last: WalkStep = ['', [], []];
  return iterator(function (): { done: boolean; value?: WalkStep } {
    for (let i = last[1].length; i--; ) todo.push(last[0] + '/' + last[1][i]);
    last = ['', [], []];
    if (!todo.length) return { done: true, value: undefined };
    last[0] = locate(todo.pop() as string, 'walk')._path;
    const listing = ilistdir(last[0]);
    for (let step = listing.next(); !step.done; step = listing.next()) {
      const entry = step.value as DirEntry;
      last[entry[1] === TYPE_DIR ? 1 : 2].push(entry[0]);
    }
    return { done: false, value: last };
  }) as Steps;
}

/**
 * Changes the working directory, against which relative paths are resolved.
 * @throws ENOENT, ENOTDIR, ENODEV; it then stays as it was.
 * Source: MicroPython `os.chdir`. Differs: there is one, kept here and not by each file system.
 */
export function chdir(path: string): void {
  const place = locate(path, 'chdir');
  place._slash = false;
  if (!place._pinned && ((perform(place, 0, 0, 'stat') as Stat)[0] & 0xf000) !== TYPE_DIR) refuse(place, ENOTDIR);
  working._path = place._path;
}

/**
 * `[bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax]` of the file system that holds the path;
 * bsize in bytes, blocks in units of frsize. Zeros and a namemax of 255 for a directory that only leads to mounts.
 * @throws ENODEV where nothing is mounted.
 * Source: MicroPython `os.statvfs`.
 */
export function statvfs(path: string): StatVfs {
  const place = locate(path, 'statvfs');
  return !place._mount && place._pinned ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 255] : (perform(place) as StatVfs);
}

/**
 * Makes everything written so far, on every mount, survive a power cut. All mounts are tried.
 * @throws the first error met.
 * Source: MicroPython `os.sync` (not on every port).
 */
export function sync(): void {
  const failures: unknown[] = [];
  for (let i = 0; i < mounts.length; i++) {
    const mount = mounts[i];
    mount._operation = 'sync';
    try {
      for (let k = 0; k < mount._files.length; k++) mount._files[k].flush();
      if (mount._fs.sync) invoke(mount._fs, 'sync', mount);
    } catch (error) {
      failures.push(error);
    }
  }
  // Whatever was thrown: it may be nothing.
  if (failures.length) throw failures[0];
}
