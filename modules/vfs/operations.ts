import { EBUSY } from '../contract/errno';
import { type Stat, TYPE_DIR } from '../contract/filesystem';
import { locate, perform, working } from './table';

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
