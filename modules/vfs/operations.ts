import { EBUSY, EEXIST, EINVAL, EISDIR, EXDEV } from '../errno';
import type { RawFile, Stat, StatVfs } from '../filesystem';
import { expect, invoke, refuse } from './call';
import { BINARY, makeFile, type VfsFile, WRITABLE } from './file';
import { locate, type Mount, mountOf, perform, status, tree } from './table';

/**
 * Opens a file.
 * @param mode one of `r` (default), `w` (made or emptied), `a` (made if missing, every write goes to the end), `x` (made,
 *   must not exist), perhaps `+` (both directions), perhaps `b` (bytes) or `t` (text, the default)
 * @returns a `VfsFile`; on a user-written file system whatever its `open` gives, untouched, unless that has `readAt`
 * @throws EINVAL for another mode; ENOENT, EEXIST (`x`), EISDIR, ENOTDIR, EROFS, ENOSPC, ENAMETOOLONG; EBUSY if it is
 *   open for writing already and this would write too.
 * Source: MicroPython `open`. Differs: modes are checked and enforced on every file system.
 */
export function open(path: string, mode?: string): VfsFile {
  if (mode === undefined) mode = 'r';
  expect(typeof mode === 'string', 'open');
  const place = locate(path, 'open', EISDIR);
  const letter = mode.replace('+', '').replace(/[bt]/, '');
  // Exactly one of the four; the shift by -1 gives a negative number.
  let bits = letter.length === 1 ? 1 << 'rwax'.indexOf(letter) : 0;
  if (bits <= 0) refuse(place, EINVAL);
  bits |= (mode.indexOf('+') < 0 ? 0 : 16) | (mode.indexOf('b') < 0 ? 0 : BINARY);
  const file = perform(place, (bits & WRITABLE) !== 0, mode) as Partial<RawFile> | undefined;
  return file && file.readAt ? makeFile(file as RawFile, place._path, (place._mount as Mount)._files, bits) : (file as unknown as VfsFile);
}

/**
 * `[mode, inode, dev, nlink, uid, gid, size, atime, mtime, ctime]`; mode 0x4000 for a directory and 0x8000 for a file,
 * size in bytes, times in seconds since 1970, 0 where there is none. `/`, mount points and their parents are
 * directories with zeros.
 * @throws ENOENT, ENOTDIR; ENODEV where nothing is mounted.
 * Source: MicroPython `os.stat`, which does so for `/`.
 */
export function stat(path: string): Stat {
  const place = locate(path, 'stat');
  return status(place, place._slash);
}

/**
 * `[bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax]` of the file system that holds the path;
 * bsize in bytes, blocks in units of frsize. Zeros and a namemax of 255 for a directory that only leads to mounts.
 * @throws ENODEV where nothing is mounted.
 * Source: MicroPython `os.statvfs`.
 */
export function statvfs(path: string): StatVfs {
  const place = locate(path, 'statvfs');
  return !place._mount && place._pinned ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 255] : (perform(place, false) as StatVfs);
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
  if (mountOf(source, true) !== target._mount) refuse(source, EXDEV);
  if (source._key !== target._key && target._key.indexOf(source._key) === 0) refuse(source, EINVAL);
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
  status(place, true);
  tree._cwd = place._path;
}

/** The working directory, absolute. Source: MicroPython `os.getcwd`. */
export function getcwd(): string {
  return tree._cwd;
}

/**
 * Makes everything written so far, on every mount, survive a power cut. All mounts are tried.
 * @throws the first error met.
 * Source: MicroPython `os.sync` (not on every port).
 */
export function sync(): void {
  let failure: unknown;
  for (let i = 0; i < tree._mounts.length; i++) {
    const mount = tree._mounts[i];
    mount._operation = 'sync';
    try {
      for (let k = 0; k < mount._files.length; k++) mount._files[k].flush();
      if (mount._fs.sync && !mount._readonly) invoke(mount._fs, 'sync', mount);
    } catch (error) {
      failure = failure || error;
    }
  }
  if (failure) throw failure;
}
