import { EBUSY, EEXIST, EINVAL, ENODEV, ENOENT, ENOTDIR, type VfsError } from '../errno';
import { TYPE_DIR } from '../filesystem';
import { expect, refuse, remake } from './call';
import { isData, type VfsFile } from './file';
import { type WalkStep, walk } from './listing';
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
  const place = locate(path, 'makedirs');
  const key = place._key;
  for (let end = exists(key) ? 0 : 1; end; ) {
    end = key.indexOf('/', end) + 1;
    try {
      if (end) mkdir(key.substring(0, end));
    } catch (error) {
      if ((error as VfsError).errno !== EEXIST) throw error;
    }
  }
  if (stat(place._path)[0] !== TYPE_DIR) refuse(place, EEXIST);
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

/** Puts `data`, or the content of the file `from`, where `path` is, through a new file that is renamed over it. */
function replace(path: string, operation: string, data: string | Uint8Array, from: string): void {
  const place = locate(path, operation);
  // A file system that cannot rename (devices, a user's own) is written to in place.
  const direct = !mountOf(place, true)._fs.rename;
  const fresh = direct ? path : place._path + '/../' + NEW_NAME;
  const source = from && open(from, 'rb');
  let file: VfsFile | undefined;
  let failure: unknown;
  // No `finally` in device code: on Espruino it forgets the error if what it calls catches another.
  try {
    file = open(fresh, 'wb');
    do {
      if (source) data = source.read(PIECE);
      file.write(data);
    } while (source && data.length);
    file.close();
    if (!direct) rename(fresh, path);
  } catch (error) {
    failure = remake(error, place);
  }
  if (source) source.close();
  if (!failure) return;
  // Twice: a close() that fails has closed, the second does nothing.
  for (let i = file ? 2 : 0; i--; ) {
    try {
      (file as VfsFile).close();
      i = 0;
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
  const source = locate(from, 'copy');
  if (source._path === locate(to, 'copy')._path) refuse(source, EINVAL);
  replace(to, 'copy', '', source._path);
}

/**
 * The content of a file: a `Uint8Array`, or with `'utf8'` a string.
 * @throws ENOENT, EISDIR, ENOTDIR; TypeError for another encoding.
 * Source: Node `fs.readFileSync`.
 */
export function readFile(path: string): Uint8Array;
export function readFile(path: string, encoding: 'utf8' | 'utf-8'): string;
export function readFile(path: string, encoding?: string): string | Uint8Array {
  expect(encoding === undefined || encoding === 'utf8' || encoding === 'utf-8', 'readFile');
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
  expect(isData(data), 'writeFile');
  replace(path, 'writeFile', data, '');
}
