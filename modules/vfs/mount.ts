import { EBUSY, EINVAL, ENODEV, EOPNOTSUPP, type VfsError, vfsError } from '../errno';
import type { BlockDevice, FileSystem, FileSystemType } from '../filesystem';
import { invoke, remake } from './call';
import { locate, tree } from './table';

/** How to mount. */
export interface MountOptions {
  /** Every operation that would change something is EROFS. Default false. */
  readonly?: boolean;
  /** A block device that carries nothing known is formatted with the first registered kind that can. Default false. */
  mkfs?: boolean;
}

const types: FileSystemType[] = [];

/**
 * Makes a kind of file system known to autodetection. The order of registration is the order of probing, and the first
 * that can format is what `mkfs` makes.
 * Source: microvfs's own; MicroPython's build fixes the list, ESP-IDF registers drivers by prefix.
 */
export function register(type: FileSystemType): void {
  if (types.indexOf(type) < 0) types.push(type);
}

/** A driver for what the device carries, mounted. */
function detect(bdev: BlockDevice, point: string, readonly: boolean, mkfs: boolean): FileSystem {
  let failure: unknown = vfsError(ENODEV, 'mount', point, 'no known file system');
  let broken = false;
  let format = false;
  for (let i = 0; i < types.length; i++) {
    let found = format;
    try {
      if (!format) found = types[i].probe(bdev);
    } catch (error) {
      // The device fails. Perhaps another kind can do without that block, but it is not a blank one to format.
      if (typeof (error as VfsError).errno !== 'number') throw error;
      if (!broken) failure = remake(error, 'mount', point);
      broken = true;
    }
    if (found) {
      const fs = types[i].create(bdev);
      try {
        invoke(fs, 'mount', 'mount', point, readonly, format);
        return fs;
      } catch (refusal) {
        // A kind that only reads cannot format: the next one may.
        if (!format || (refusal as VfsError).errno !== EOPNOTSUPP) throw refusal;
      }
    }
    if (mkfs && !broken && !format && i === types.length - 1) {
      format = true;
      i = -1;
    }
  }
  throw failure;
}

/**
 * Mounts a file system, or a block device whose file system is found out by the registered kinds, at an absolute path.
 * Nested mount points may have any depth and come in any order; the longest that matches a path wins. The point needs no
 * directory below it. Without arguments: the `[fs, mountPoint]` pairs in the order of mounting.
 *
 * @param fsobj an object with the methods of a file system, or with `readblocks`
 * @param mountPoint absolute path; `/` is the root
 * @throws EINVAL if the point is empty or relative; EPERM if something is mounted there, or the object elsewhere; ENODEV if nothing is recognised
 *   on the block device; what the file system says (ECORRUPT for a damaged volume); TypeError for another object.
 * Source: MicroPython `vfs.mount`. Differs: conflicts are found before the file system is touched, `/` twice is EPERM,
 * points are normalised, one object has one mount point, a recognised volume is never formatted by `mkfs` and reports
 * its own error.
 */
export function mount(): [FileSystem, string][];
export function mount(fsobj: FileSystem | BlockDevice, mountPoint: string, options?: MountOptions): void;
export function mount(fsobj?: FileSystem | BlockDevice, mountPoint?: string, options?: MountOptions): [FileSystem, string][] | undefined {
  const mounts = tree._mounts;
  if (fsobj === undefined && mountPoint === undefined) {
    const list: [FileSystem, string][] = [];
    for (let i = 0; i < mounts.length; i++) list.push([mounts[i]._fs, mounts[i]._point]);
    return list;
  }
  let fs = fsobj as FileSystem;
  const isDevice = !!fs && typeof fs.mount !== 'function' && typeof (fsobj as BlockDevice).readblocks === 'function';
  if (!isDevice && !(fs && (fs.mount || fs.open || fs.stat))) throw new TypeError('mount: no file system or block device');
  if (typeof mountPoint === 'string' && mountPoint.charAt(0) !== '/') throw vfsError(EINVAL, 'mount', mountPoint);
  const point = locate(mountPoint as string, 'mount')._path;
  for (let k = 0; k < mounts.length; k++)
    if (mounts[k]._point === point || mounts[k]._fs === fs) throw vfsError('EPERM', 'mount', point, 'mounted already');
  const readonly = !!(options && options.readonly);
  const mkfs = !!(options && options.mkfs);
  if (isDevice) fs = detect(fsobj as BlockDevice, point, readonly, mkfs);
  else if (fs.mount) invoke(fs, 'mount', 'mount', point, readonly, mkfs);
  mounts.push({ _fs: fs, _point: point, _readonly: readonly, _files: [] });
  return undefined;
}

/**
 * Unmounts by mount point or by file system object. Mounts below it stay reachable. If the
 * working directory was on it, it becomes `/`. If the file system fails to unmount, it is gone from the tree
 * nevertheless.
 *
 * @param options `force`: open files are closed, whatever they say, and every later use of them is EBADF
 * @throws EINVAL if there is no such mount; EBUSY if files are open; what the file system says.
 * Source: MicroPython `vfs.umount`. Differs: open files are EBUSY unless forced.
 */
export function umount(target: string | FileSystem, options?: { force?: boolean }): void {
  const mounts = tree._mounts;
  const path = typeof target === 'string' && target ? locate(target, 'umount')._path : '';
  for (let i = 0; i < mounts.length; i++) {
    const mount = mounts[i];
    if (path ? mount._point === path : mount._fs === target) {
      const files = mount._files;
      if (files.length && !(options && options.force)) throw vfsError(EBUSY, 'umount', path, 'files are open');
      while (files.length) {
        try {
          files[0].close();
        } catch (_error) {
          // Forced: the handle is free also when close() throws.
        }
      }
      if (locate(tree._cwd, 'umount')._mount === mount) tree._cwd = '/';
      mounts.splice(i, 1);
      if (mount._fs.umount) invoke(mount._fs, 'umount', 'umount', mount._point);
      return;
    }
  }
  throw vfsError(EINVAL, 'umount', path, 'not mounted');
}
