/** Mounting. */
import { flag, optionsOf } from '../contract/arguments';
import { EINVAL, EPERM, expect, vfsError } from '../contract/errno';
import type { BlockDevice, FileSystem } from '../contract/filesystem';
import { invoke, refuse } from './call';
import * as detecting from './detect.lazy';
import * as blank from './format.lazy';
import { locate, mounts } from './mounts';
import { refuseTwice } from './twice';
import { types } from './types';

/** How to mount. */
export interface MountOptions {
  /** Every operation that would change something is EROFS. Default false. */
  readonly?: boolean;
  /** A block device that carries nothing known is formatted with the first registered kind that can. Default false. */
  mkfs?: boolean;
}

/**
 * Mounts a file system, or a block device whose file system is found out by the registered kinds, at an absolute path.
 * Nested mount points may have any depth and come in any order; the longest that matches a path wins. The point needs no
 * directory below it. Without arguments: the `[fs, mountPoint]` pairs in the order of mounting, registered drivers with their prefixes among them.
 *
 * @param fsobj an object with the methods of a file system, or with `readblocks`
 * @param mountPoint absolute path; `/` is the root
 * @throws EINVAL if the point is empty or relative; EPERM if something is mounted there, or the object elsewhere; EBUSY if its
 *   device is mounted elsewhere, as far as that can be told; ENODEV if nothing is recognised
 *   on the block device; what the file system says (ECORRUPT for a damaged volume); TypeError for another object.
 * Source: MicroPython `vfs.mount`. Differs: conflicts are found before the file system is touched, `/` twice is EPERM,
 * points are normalised, one object has one mount point, a recognised volume is never formatted by `mkfs` and reports
 * its own error.
 */
export function mount(): [FileSystem, string][];
export function mount(fsobj: FileSystem | BlockDevice, mountPoint: string, options?: MountOptions): void;
export function mount(fsobj?: FileSystem | BlockDevice, mountPoint?: string, options?: MountOptions): [FileSystem, string][] | undefined {
  if (fsobj === undefined && mountPoint === undefined) {
    for (let i = 0; i < types.length; i++) {
      const reveal = types[i]._reveal;
      if (reveal) reveal();
    }
    return mounts.map(function (row): [FileSystem, string] {
      return [row._fs, row._path];
    });
  }
  let fs = fsobj as FileSystem;
  const bdev = fsobj as Partial<BlockDevice>;
  const point = mountPoint as string;
  expect(fs && (bdev.readblocks || fs.mount || fs.open || fs.stat), 'fsobj');
  expect(typeof point === 'string', 'mountPoint');
  const given = optionsOf(options);
  const readonly = !!flag(given.readonly, 'readonly');
  const mkfs = !!flag(given.mkfs, 'mkfs');
  if (point[0] !== '/') throw vfsError(EINVAL, 'mount', point);
  const place = locate(point, 'mount');
  for (let i = 0; i < mounts.length; i++) if (mounts[i]._key === place._key || mounts[i]._fs === fs) refuse(place, EPERM);
  // What is formatted must not be another's, wherever on the device that lies.
  refuseTwice(fs, place._path, !mkfs);
  if (fs.mount) invoke(fs, 'mount', place, readonly, mkfs);
  else if (bdev.readblocks) {
    const found = detecting.detect(bdev as BlockDevice, place, mkfs);
    if (found) invoke(found, 'mount', place, readonly, false);
    fs = found || blank.formatBlank(bdev as BlockDevice, place, readonly);
  }
  try {
    refuseTwice(fs, place._path, false);
  } catch (busy) {
    // The device stays open: it is the other's.
    (fs as { _mounted?: boolean })._mounted = false;
    throw busy;
  }
  mounts.push({ _fs: fs, _operation: '', _path: place._path, _key: place._key, _readonly: readonly, _files: [] });
  return undefined;
}
