import { EEXIST, EINVAL, ENODEV, ENOENT, ENOTDIR, type VfsError, vfsError } from '../errno';
import { TYPE_DIR } from '../filesystem';
import { remake } from './call';
import type { VfsFile } from './file';
import { entries, iterator } from './listing';
import { mkdir, open, remove, rename, rmdir, stat } from './operations';
import { locate, mountOf } from './table';

/** The name under which `writeFile` and `copy` first write, in the directory of the file. Fits every file system. */
const NEW_NAME = '~vfs.tmp';
/** `copy` moves this many bytes at a time. */
const PIECE = 512;

/**
 * Whether there is a file or directory of that path.
 * @throws EINVAL for a path with NUL, EIO, ECORRUPT; TypeError if it is not a string.
 * Source: CPython `os.path.exists`.
 */
export function exists(path: string): boolean {
  try {
    stat(path);
    return true;
  } catch (error) {
    const errno = (error as VfsError).errno;
    if (errno === ENOENT || errno === ENOTDIR || errno === ENODEV) return false;
    throw error;
  }
}

/**
 * Makes a directory and those above it that are missing. Nothing happens if it is there.
 * @throws EEXIST if a file has its name; ENOTDIR if one above is a file; EROFS, ENOSPC, ENODEV.
 * Source: CPython `os.makedirs(path, exist_ok=True)`.
 */
export function makedirs(path: string): void {
  const full = locate(path, 'makedirs')._path;
  if (exists(full)) {
    if (stat(full)[0] !== TYPE_DIR) throw vfsError(EEXIST, 'makedirs', full);
    return;
  }
  for (let end = full.indexOf('/', 1); ; end = full.indexOf('/', end + 1)) {
    try {
      mkdir(end < 0 ? full : full.substring(0, end));
    } catch (error) {
      if ((error as VfsError).errno !== EEXIST) throw error;
    }
    if (end < 0) return;
  }
}

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
  let last: WalkStep | undefined;
  return iterator(function (): { done: boolean; value?: WalkStep } {
    if (last) for (let i = last[1].length; i--; ) todo.push((last[0] === '/' ? '' : last[0]) + '/' + last[1][i]);
    last = undefined;
    if (!todo.length) return { done: true, value: undefined };
    const step: WalkStep = [todo.pop() as string, [], []];
    const list = entries(step[0]);
    for (let k = 0; k < list.length; k++) step[list[k][1] === TYPE_DIR ? 1 : 2].push(list[k][0]);
    last = step;
    return { done: false, value: step };
  }) as Steps;
}

/**
 * Removes a directory with everything in it.
 * @throws EBUSY before anything is removed if it is `/` or a mount point or leads to one; ENOENT; ENOTDIR for a file;
 *   EROFS; EBUSY at an open file, what came before it is gone then.
 * Source: CPython `shutil.rmtree`.
 */
export function rmtree(path: string): void {
  const place = locate(path, 'rmtree');
  const todo = [place._path];
  if (place._pinned) rmdir(place._path);
  mountOf(place, 'rmtree', true);
  while (todo.length) {
    const dir = todo[todo.length - 1];
    const list = entries(dir);
    let nested = false;
    for (let i = 0; i < list.length; i++) {
      const name = dir + '/' + list[i][0];
      if (list[i][1] === TYPE_DIR) {
        todo.push(name);
        nested = true;
      } else remove(name);
    }
    // A directory with others in it comes up again when they are gone.
    if (!nested) rmdir(todo.pop() as string);
  }
}

/** Puts `data`, or the content of the file `from`, where `path` is, through a new file that is renamed over it. */
function replace(path: string, operation: string, data: string | Uint8Array | undefined, from: string): void {
  const place = locate(path, operation);
  const full = place._path;
  // A file system that cannot rename (devices, a user's own) is written to in place.
  const direct = !mountOf(place, operation, true)._fs.rename;
  const fresh = direct ? path : full.substring(0, full.lastIndexOf('/') + 1) + NEW_NAME;
  const source = data === undefined ? open(from, 'rb') : undefined;
  let file: VfsFile | undefined;
  let failure: unknown;
  // No `finally` in device code: on Espruino it forgets the error if what it calls catches another.
  try {
    file = open(fresh, 'wb');
    if (!source) file.write(data as string | Uint8Array);
    else for (let piece = source.read(PIECE); piece.length; piece = source.read(PIECE)) file.write(piece);
    file.close();
    if (!direct) rename(fresh, path);
  } catch (error) {
    failure = remake(error, operation, full);
  }
  if (source) source.close();
  if (!failure) return;
  // Twice: a close() that fails has closed, the second does nothing.
  for (let i = 0; file && i < 2; i++) {
    try {
      file.close();
      if (!direct) remove(fresh);
    } catch (_late) {
      // What went wrong first is what the caller should know.
    }
  }
  throw failure;
}

/**
 * Copies a file, also to another mount. What has the new name is replaced in one step, as `writeFile` does.
 * @throws EISDIR for directories; EINVAL onto itself; ENOENT, ENOTDIR, EROFS, ENOSPC; EBUSY if the target is open.
 * Source: CPython `shutil.copyfile`. Differs: the target is the old or the new file at any moment.
 */
export function copy(from: string, to: string): void {
  const path = locate(from, 'copy')._path;
  if (path === locate(to, 'copy')._path) throw vfsError(EINVAL, 'copy', path);
  replace(to, 'copy', undefined, from);
}

/**
 * The content of a file: a `Uint8Array`, or with `'utf8'` a string.
 * @throws ENOENT, EISDIR, ENOTDIR; TypeError for another encoding.
 * Source: Node `fs.readFileSync`.
 */
export function readFile(path: string): Uint8Array;
export function readFile(path: string, encoding: 'utf8' | 'utf-8'): string;
export function readFile(path: string, encoding?: string): string | Uint8Array {
  if (encoding !== undefined && encoding !== 'utf8' && encoding !== 'utf-8') throw new TypeError("readFile: encoding must be 'utf8'");
  const file = open(path, encoding ? 'r' : 'rb');
  let data: string | Uint8Array;
  try {
    data = file.read();
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return data;
}

/**
 * Makes or replaces a file in one step: the data is written to `~vfs.tmp` in the same directory, synced, and renamed
 * over the file. Readers, and a start after a power cut, see the old file or the new one, where the file system renames
 * atomically. If anything fails the old file is as it was and `~vfs.tmp` is removed; after a power cut one may be left,
 * which the next `writeFile` in that directory uses up. On file systems without `rename` it is written in place.
 * @throws EISDIR, ENOENT, ENOTDIR, EROFS, ENOSPC, ENAMETOOLONG; EBUSY if the file is open; TypeError for other data.
 * Source: Node `fs.writeFileSync`, made atomic.
 */
export function writeFile(path: string, data: string | Uint8Array): void {
  if (typeof data !== 'string' && !(data instanceof Uint8Array)) throw new TypeError('writeFile: data must be a string or a Uint8Array');
  replace(path, 'writeFile', data, '');
}
