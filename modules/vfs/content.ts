import { ENODEV, ENOENT, ENOTDIR, expect, type VfsError } from '../errno';
import { remake } from './call';
import { open, type VfsFile } from './file';
import { remove, rename, stat } from './operations';
import { locate } from './table';

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
 * The content of a file: a `Uint8Array`, or with `'utf8'` a string.
 * @throws ENOENT, EISDIR, ENOTDIR; TypeError for another encoding.
 * Source: Node `fs.readFileSync`.
 */
export function readFile(path: string): Uint8Array;
export function readFile(path: string, encoding: 'utf8' | 'utf-8'): string;
export function readFile(path: string, encoding?: string): string | Uint8Array {
  expect(!encoding || encoding.replace('-', '') === 'utf8');
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

/** Puts `data`, or what `source` gives, where `path` is, through a new file that is renamed over it. */
export function replace(path: string, operation: string, data: string | Uint8Array, source?: VfsFile): void {
  const place = locate(path, operation);
  const mount = place._mount;
  // A file system that cannot rename (devices, a user's own) is written to in place.
  const fresh = mount && mount._fs.rename ? place._path + '/../' + NEW_NAME : path;
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
    if (fresh !== path) rename(fresh, path);
    return;
  } catch (error) {
    failure = remake(error, place);
  }
  // Twice: a close() that fails has closed, the second does nothing.
  for (let i = file ? 2 : 0; i--; ) {
    try {
      (file as VfsFile).close();
      i = 0;
      if (fresh !== path) remove(fresh);
    } catch (_late) {
      // What went wrong first is what the caller should know.
    }
  }
  throw failure;
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
  expect(typeof data === 'string' || data instanceof Uint8Array);
  replace(path, 'writeFile', data);
}
