/** What is asked of the tree all the time. */
import { EBUSY, ENODEV, ENOENT, ENOTDIR, expect, type VfsError } from '../contract/errno';
import { type Stat, TYPE_DIR } from '../contract/filesystem';
import { open } from './file';
import { locate, perform, working } from './mounts';

/**
 * `[mode, inode, dev, nlink, uid, gid, size, atime, mtime, ctime]`; mode 0x4000 for a directory and 0x8000 for a file,
 * size in bytes, times in seconds since 1970, 0 where there is none. `/`, mount points and their parents are
 * directories with zeros.
 * @throws ENOENT, ENOTDIR; ENODEV where nothing is mounted.
 * Source: MicroPython `os.stat`, which does so for `/`.
 */
export function stat(path: string): Stat {
  const place = locate(path, 'stat');
  return place._pinned ? [TYPE_DIR, 0, 0, 0, 0, 0, 0, 0, 0, 0] : (perform(place) as Stat);
}

/**
 * Removes a file.
 * @throws ENOENT, ENOTDIR, EISDIR, EROFS; EBUSY for an open file, a mount point and what leads to one.
 * Source: MicroPython `os.remove`, also called `unlink`. Differs: open files.
 */
export function remove(path: string): void {
  perform(locate(path, 'remove', EBUSY), true);
}

/** The working directory, absolute. Source: MicroPython `os.getcwd`. */
export function getcwd(): string {
  return working._path;
}

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
    if (!error || [ENOENT, ENODEV, ENOTDIR].indexOf((error as VfsError).errno) < 0) throw error;
    return false;
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
  expect(encoding === undefined || encoding === 'utf8' || encoding === 'utf-8', 'encoding');
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
