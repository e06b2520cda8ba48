/** What changes the tree of directories, walks through it, or is asked seldom. */
import { EBUSY, EEXIST, EINVAL, ENOTDIR, EXDEV, type VfsError } from '../contract/errno';
import { type DirEntry, type Stat, type StatVfs, TYPE_DIR } from '../contract/filesystem';
import { invoke, refuse } from './call';
import { ilistdir, iterator } from './listing';
import { locate, mounts, perform, working } from './mounts';
import { exists, remove, stat } from './operations';

/** What `walk` gives: an iterator object, also for for-of where the engine has it. */
export type Steps = { next(): { done: boolean; value?: WalkStep } } & Iterable<WalkStep>;

/** One directory of a walk: its path, the names of the directories in it, and those of everything else. */
export type WalkStep = [dir: string, dirs: string[], files: string[]];

/**
 * Makes a directory. Its parent must be there, see `makedirs`.
 * @throws EEXIST, also at a mount point; ENOENT, ENOTDIR, EROFS, ENOSPC, ENAMETOOLONG.
 * Source: MicroPython `os.mkdir`.
 */
export function mkdir(path: string): void {
  const place = locate(path, 'mkdir');
  if (place._pinned && place._inner === '/') refuse(place, EEXIST);
  place._slash = false;
  perform(place, true);
}

/**
 * Removes an empty directory.
 * @throws ENOENT, ENOTDIR, ENOTEMPTY, EROFS; EBUSY for `/`, a mount point and what leads to one.
 * Source: MicroPython `os.rmdir`. Differs: mount points.
 */
export function rmdir(path: string): void {
  perform(locate(path, 'rmdir', EBUSY), true);
}

/**
 * Renames or moves a file or directory within one mount; what has the new name already is replaced. The old name to
 * itself changes nothing.
 * @throws ENOENT, EROFS, ENOSPC; EXDEV to another mount; EINVAL for a directory into itself; ENOTDIR for a directory
 *   over a file; EISDIR for a file over a directory; ENOTEMPTY over a directory that is not; EBUSY if one of the two is
 *   open, a mount point or leads to one.
 * Source: MicroPython `os.rename`. Differs: the codes, and that a refused rename changes nothing.
 */
export function rename(from: string, to: string): void {
  const source = locate(from, 'rename', EBUSY);
  const target = locate(to, 'rename', EBUSY);
  if (source._mount !== target._mount) refuse(source, EXDEV);
  if (target._path.indexOf(source._key) === 0) refuse(source, EINVAL);
  // POSIX: with a slash at the end of either, a directory is meant.
  if (target._slash) source._slash = true;
  perform(source, true, target._inner);
}

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
