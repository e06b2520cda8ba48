import { EBUSY, EEXIST, EINVAL, type VfsError } from '../contract/errno';
import { type DirEntry, TYPE_DIR } from '../contract/filesystem';
import { refuse } from './call';
import { mkdir, replace, rmdir } from './changes';
import { exists } from './content';
import { open } from './file';
import { ilistdir, iterator } from './listing';
import { remove, stat } from './operations';
import { locate } from './table';

/** What `walk` gives: an iterator object, also for for-of where the engine has it. */
export type Steps = { next(): { done: boolean; value?: WalkStep } } & Iterable<WalkStep>;

/** One directory of a walk: its path, the names of the directories in it, and those of everything else. */
export type WalkStep = [dir: string, dirs: string[], files: string[]];

/**
 * Makes a directory and those above it that are missing. Nothing happens if it is there.
 * @throws EEXIST if a file has its name; ENOTDIR if one above is a file; EROFS, ENOSPC, ENODEV.
 * Source: CPython `os.makedirs(path, exist_ok=True)`.
 */
export function makedirs(path: string): void {
  const place = locate(path, 'makedirs');
  const key = place._key;
  for (let end = exists(key) ? 0 : 1; end; ) {
    end = key.indexOf('/', end) + 1;
    try {
      if (end) mkdir(key.substring(0, end));
    } catch (error) {
      if (!error || (error as VfsError).errno !== EEXIST) throw error;
    }
  }
  if (stat(place._path)[0] !== TYPE_DIR) refuse(place, EEXIST);
}

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
 * Removes a directory with everything in it.
 * @throws EBUSY before anything is removed if it is `/` or a mount point or leads to one; ENOENT; ENOTDIR for a file;
 *   EROFS; EBUSY at an open file, what came before it is gone then.
 * Source: CPython `shutil.rmtree`.
 */
export function rmtree(path: string): void {
  const steps = walk(locate(path, 'rmtree', EBUSY)._path);
  const dirs: string[] = [];
  for (let step = steps.next(); !step.done; step = steps.next()) {
    const found = step.value as WalkStep;
    dirs.push(found[0]);
    for (let i = 0; i < found[2].length; i++) remove(found[0] + '/' + found[2][i]);
  }
  while (dirs.length) rmdir(dirs.pop() as string);
}

/**
 * Copies a file, also to another mount. What has the new name is replaced in one step, as `writeFile` does.
 * @throws EISDIR for directories; EINVAL onto itself; ENOENT, ENOTDIR, EROFS, ENOSPC; EBUSY if the target is open.
 * Source: CPython `shutil.copyfile`. Differs: the target is the old or the new file at any moment.
 */
export function copy(from: string, to: string): void {
  const place = locate(from, 'copy');
  if (place._path === locate(to, 'copy')._path) refuse(place, EINVAL);
  const source = open(place._path, 'rb');
  try {
    replace(to, 'copy', '', source);
  } catch (error) {
    source.close();
    throw error;
  }
  source.close();
}
