import { EBUSY, EINVAL, ENODEV, EOPNOTSUPP, EPERM, type VfsError, vfsError } from '../errno';
import type { BlockDevice, FileSystem, FileSystemType } from '../filesystem';
import { expect, invoke, refuse, remake } from './call';
import { locate, type Place, tree } from './table';

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
function detect(bdev: BlockDevice, place: Place, readonly: boolean, mkfs: boolean): FileSystem {
  let failure: unknown;
  // A device that fails is no blank one to format.
  for (let format = false; ; format = true) {
    for (let i = 0; i < types.length; i++) {
      let fs: FileSystem | undefined;
      try {
        if (format || types[i].probe(bdev)) {
          fs = types[i].create(bdev);
          invoke(fs, 'mount', place, readonly, format);
          return fs;
        }
      } catch (error) {
        const coded = remake(error, place);
        // Perhaps another kind can do without the block that cannot be read, or can format.
        if (coded === error || (fs && !(format && (coded as VfsError).errno === EOPNOTSUPP))) throw error;
        if (!fs) failure = failure || coded;
      }
    }
    if (format || failure || !mkfs) throw failure || vfsError(ENODEV, 'mount', place._path);
  }
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
    for (let i = 0; i < mounts.length; i++) list.push([mounts[i]._fs, mounts[i]._path]);
    return list;
  }
  let fs = fsobj as FileSystem;
  const bdev = fsobj as Partial<BlockDevice>;
  expect(!!fs && !!(bdev.readblocks || fs.mount || fs.open || fs.stat) && typeof mountPoint === 'string', 'mount');
  const point = mountPoint as string;
  if (point.charAt(0) !== '/') throw vfsError(EINVAL, 'mount', point);
  const place = locate(point, 'mount');
  for (let k = 0; k < mounts.length; k++) if (mounts[k]._key === place._key || mounts[k]._fs === fs) refuse(place, EPERM);
  const readonly = !!options && !!options.readonly;
  const mkfs = !!options && !!options.mkfs;
  if (fs.mount) invoke(fs, 'mount', place, readonly, mkfs);
  else if (bdev.readblocks) fs = detect(bdev as BlockDevice, place, readonly, mkfs);
  mounts.push({ _fs: fs, _operation: '', _path: place._path, _key: place._key, _readonly: readonly, _files: [] });
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
  const path = target && typeof target === 'string' ? locate(target, 'umount')._path : '';
  for (let i = 0; i < tree._mounts.length; i++) {
    const mount = tree._mounts[i];
    if (path ? mount._path === path : mount._fs === target) {
      const files = mount._files;
      mount._operation = 'umount';
      if (files.length && !(options && options.force)) refuse(mount, EBUSY);
      while (files.length) {
        try {
          files[0].close();
        } catch (_error) {
          // Forced: the handle is free also when close() throws.
        }
      }
      if (locate(tree._cwd, 'umount')._mount === mount) tree._cwd = '/';
      tree._mounts.splice(i, 1);
      if (mount._fs.umount) invoke(mount._fs, 'umount', mount);
      return;
    }
  }
  throw vfsError(EINVAL, 'umount', path);
}
