import { EBUSY, EEXIST, EINVAL, EXDEV } from '../errno';
import { type Stat, type StatVfs, TYPE_DIR } from '../filesystem';
import { invoke, refuse } from './call';
import { locate, mounts, perform, working } from './table';

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
 * Removes a file.
 * @throws ENOENT, ENOTDIR, EISDIR, EROFS; EBUSY for an open file, a mount point and what leads to one.
 * Source: MicroPython `os.remove`, also called `unlink`. Differs: open files.
 */
export function remove(path: string): void {
  perform(locate(path, 'remove', EBUSY), true);
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
 * Changes the working directory, against which relative paths are resolved.
 * @throws ENOENT, ENOTDIR, ENODEV; it then stays as it was.
 * Source: MicroPython `os.chdir`. Differs: there is one, kept here and not by each file system.
 */
export function chdir(path: string): void {
  const place = locate(path, 'chdir');
  place._slash = !place._pinned;
  if (place._slash) perform(place, 0, 0, 'stat');
  working._path = place._path;
}

/** The working directory, absolute. Source: MicroPython `os.getcwd`. */
export function getcwd(): string {
  return working._path;
}

/**
 * Makes everything written so far, on every mount, survive a power cut. All mounts are tried.
 * @throws the first error met.
 * Source: MicroPython `os.sync` (not on every port).
 */
export function sync(): void {
  let failure: unknown;
  for (let i = 0; i < mounts.length; i++) {
    const mount = mounts[i];
    mount._operation = 'sync';
    try {
      for (let k = 0; k < mount._files.length; k++) mount._files[k].flush();
      if (mount._fs.sync) invoke(mount._fs, 'sync', mount);
    } catch (error) {
      failure = failure || error;
    }
  }
  if (failure) throw failure;
}
