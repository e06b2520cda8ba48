/** What changes the tree, and what is asked seldom: a part that a device loads on demand. */
import { EBUSY, EEXIST, EINVAL, ENOTDIR, EXDEV, expect } from '../contract/errno';
import { type Stat, type StatVfs, TYPE_DIR } from '../contract/filesystem';
import { invoke, refuse, remake } from './call';
import { open, type VfsFile } from './file';
import { remove } from './operations';
import { locate, mounts, perform, working } from './table';

/** The name under which `writeFile` and `copy` first write, in the directory of the file. Fits every file system. */
const NEW_NAME = '~vfs.tmp';
/** `copy` moves this many bytes at a time. */
const PIECE = 512;

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
  expect(typeof data === 'string' || data instanceof Uint8Array, 'data');
  replace(path, 'writeFile', data);
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
