/** Files that are written as a whole, in one step for whoever reads them; and their times. */
import { flag, optionsOf } from '../contract/arguments';
import { EBUSY, EINVAL, expect, vfsError } from '../contract/errno';
import type { VfsFile } from '../contract/filesystem';
import { encodeText } from '../engine';
import { refuse, remake } from './call';
import * as changes from './change.lazy';
import { open } from './file';
import { locate, type Place, perform } from './mounts';
import { remove, stat } from './operations';

/** The name under which `writeFile` and `copy` first write, in the directory of the file. Fits every file system. */
const NEW_NAME = '~vfs.tmp';
/** `copy` moves this many bytes at a time. */
const PIECE = 512;
/** The last second that nanoseconds in 64 bits reach, in the year 2554. */
const LATEST = 18446744073;

/** Puts `data`, or what `source` gives, where `path` is, which leads to `place`, through a new file that is renamed over it. */
function replace(path: string, place: Place, data: string | Uint8Array, source?: VfsFile, times?: number[]): void {
  const mount = place._mount;
  // A file system that cannot rename (devices, a user's own) is written to in place.
  const fresh = mount && mount._fs.rename && !mount._fs.copies ? place._path + '/../' + NEW_NAME : path;
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
    if (times) utime(fresh, times);
    if (fresh !== path) changes.rename(fresh, path);
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
  expect(typeof data === 'string' || data instanceof Uint8Array, 'data');
  const place = locate(path, 'writeFile');
  if (!place._pinned && place._mount && place._mount._fs.replace)
    perform(place, true, typeof data === 'string' ? encodeText(data) : data, 'replace');
  else replace(path, place, data);
}

/** How to copy. */
export interface CopyOptions {
  /** Whether the copy has the times of the file. Default false: it has those of its making. */
  times?: boolean;
}

/**
 * Copies a file, also to another mount. What has the new name is replaced in one step, as `writeFile` does.
 * @throws EISDIR for directories; EINVAL onto itself; ENOENT, ENOTDIR, EROFS, ENOSPC; EBUSY if the target is open; with `times`
 *   EOPNOTSUPP where the target's file system keeps none, and nothing is copied; TypeError for other options.
 * Source: CPython `shutil.copyfile`, with `times` `shutil.copy2`. Differs: the target is the old or the new file at any moment.
 */
export function copy(from: string, to: string, options?: CopyOptions): void {
  const place = locate(from, 'copy');
  const keep = flag(optionsOf(options).times, 'times');
  const target = locate(to, 'copy');
  if (place._path === target._path) refuse(place, EINVAL);
  const source = open(place._path, 'rb');
  try {
    replace(to, target, '', source, keep ? stat(place._path).slice(7, 9) : undefined);
  } catch (error) {
    source.close();
    throw error;
  }
  source.close();
}

/**
 * Sets the times of a file or directory, in one step: `[atime, mtime]` in seconds since 1970, also fractions. A file system keeps of them
 * what it has room for: littlefs the time of modification (as the file has it, else in nanoseconds), FAT that in steps of 2 s from 1980 to
 * 2107 and the day of the last access, exFAT both. `stat` tells the time of modification.
 * @throws ENOENT, ENOTDIR, EROFS, ENOSPC; EOPNOTSUPP where the file system keeps no times; EBUSY for `/`, a mount point and what leads to
 *   one; EINVAL for times before 1970 or after 2554; TypeError for anything but two numbers.
 * Source: CPython `os.utime`.
 */
export function utime(path: string, times: number[]): void {
  const place = locate(path, 'utime', EBUSY);
  expect(Array.isArray(times) && typeof times[0] === 'number' && typeof times[1] === 'number' && times.length === 2, 'times');
  for (let i = 0; i < 2; i++)
    if (!(times[i] >= 0 && times[i] <= LATEST)) throw vfsError(EINVAL, 'utime', place._path, 'no time in seconds since 1970: ' + times[i]);
  perform(place, true, times);
}
