/** Mounting, and finding out what a block device carries. */
import { call, control, result, takesOffsets } from '../blockdev';
import * as foreign from '../blockdev/foreign.lazy';
import { flag, optionsOf } from '../contract/arguments';
import { EINVAL, ENODEV, EPERM, expect, type VfsError, vfsError } from '../contract/errno';
import type { BlockDevice, FileSystem, FileSystemType, Place } from '../contract/filesystem';
import { invoke, refuse } from './call';
import * as blank from './format.lazy';
import { locate, mounts, type Place as Target } from './mounts';
import { refuseTwice } from './twice';
import { types } from './types';

/** How to mount. */
export interface MountOptions {
  /** Every operation that would change something is EROFS. Default false. */
  readonly?: boolean;
  /** A block device that carries nothing known is formatted with the first registered kind that can. Default false. */
  mkfs?: boolean;
}

/** Where on the device volumes may lie; none where no kind knows partition tables. */
export function placesOf(bdev: BlockDevice): Place[] {
  let places: Place[] = [];
  for (let i = 0; i < types.length; i++) {
    const own = types[i].places;
    if (own) places = own(bdev);
  }
  return places;
}

/** A volume that is mounted at once: what it could do by itself would only take room meanwhile. */
function createFor(type: FileSystemType, bdev: BlockDevice): FileSystem {
  const alone = type.alone;
  type.alone = undefined;
  try {
    const fs = type.create(bdev);
    type.alone = alone;
    return fs;
  } catch (error) {
    type.alone = alone;
    throw error;
  }
}

/** A device as the kinds are asked about it: that of a card, where every read is a whole block, gives its first block again from RAM. */
function asked(bdev: BlockDevice): BlockDevice {
  let first: Uint8Array | undefined;
  if (takesOffsets(bdev)) return bdev;
  return {
    readblocks: function (block: number, buf: Uint8Array): unknown {
      if (!block && first && first.length === buf.length) {
        buf.set(first);
        return 0;
      }
      const status = call(bdev, 'readblocks', block, buf);
      if (!block && !result(status)) {
        first = new Uint8Array(buf.length);
        first.set(buf);
      }
      return status;
    },
    ioctl: function (op: number, arg: number): unknown {
      return control(bdev, op, arg);
    },
  } as BlockDevice;
}

/** A driver for what the device carries, mounted. With `mkfs`, what holds nothing known is formatted by the first kind that can. */
function detect(bdev: BlockDevice, place: Target, readonly: boolean, mkfs: boolean): FileSystem {
  const path = place._path;
  let failure: unknown;
  let found = '';
  const seen = asked(bdev);
  for (let i = 0; i < types.length; i++) {
    let known: unknown;
    try {
      known = invoke(types[i], 'probe', place, seen);
      if (known) {
        const fs = createFor(types[i], bdev);
        invoke(fs, 'mount', place, readonly, false);
        return fs;
      }
    } catch (error) {
      // Perhaps another kind can do without the block that cannot be read.
      if (known || !error || !(error as VfsError).errno) throw error;
      failure = error;
    }
  }
  try {
    found = foreign.tellHeld(bdev, placesOf);
  } catch (late) {
    // A geometry that is impossible for our own kinds is none of another's concern.
    if (!late || !(late as VfsError).errno) throw late;
    if ((late as VfsError).errno !== EINVAL) failure = failure || late;
  }
  if (found) throw vfsError(failure ? (failure as VfsError).errno : ENODEV, 'mount', path, 'found ' + found);
  // A device that fails is no blank one to format.
  if (mkfs && !failure) return blank.formatBlank(bdev, place, readonly, createFor);
  throw failure || vfsError(ENODEV, 'mount', path);
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
  else if (bdev.readblocks) fs = detect(bdev as BlockDevice, place, readonly, mkfs);
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
