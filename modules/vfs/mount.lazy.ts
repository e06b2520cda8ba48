/** Mounting: what comes before the file system does it, and after. */
import { flag, optionsOf } from '../contract/arguments';
import { EINVAL, EPERM, expect, vfsError } from '../contract/errno';
import type { BlockDevice, FileSystem } from '../contract/filesystem';
import { invoke, refuse } from './call';
import * as detecting from './detect.lazy';
import * as blank from './format.lazy';
import { locate, type Mount, mounts } from './mounts';
import { refuseTwice } from './twice';
import { types } from './types';

/** How to mount. */
export interface MountOptions {
  /** Every operation that would change something is EROFS. Default false. */
  readonly?: boolean;
  /** A block device that carries nothing known is formatted with the first registered kind that can. Default false. */
  mkfs?: boolean;
}

/** The pairs of all that is mounted, whose volumes get what only scripts call. */
export function mounted(): [FileSystem, string][] {
  for (let i = 0; i < types.length; i++) {
    const reveal = types[i]._reveal;
    if (reveal) reveal();
  }
  return mounts.map(function (row): [FileSystem, string] {
    return [row._fs, row._path];
  });
}

/** What is to be mounted. */
export interface Begun {
  _row: Mount;
  /** With which `mkfs` the file system mounts itself; undefined where it has done so. */
  _mkfs: boolean | undefined;
}

/** Finds out what is to be mounted, and where. @throws what `mount` does but for what the file system says */
export function prepare(fsobj: FileSystem | BlockDevice, point: string, options?: MountOptions): Begun {
  let fs = fsobj as FileSystem;
  const bdev = fsobj as Partial<BlockDevice>;
  expect(fs && (bdev.readblocks || fs.mount || fs.open || fs.stat), 'fsobj');
  expect(typeof point === 'string', 'mountPoint');
  const given = optionsOf(options);
  const readonly = !!flag(given.readonly, 'readonly');
  let mkfs: boolean | undefined = !!flag(given.mkfs, 'mkfs');
  if (point[0] !== '/') throw vfsError(EINVAL, 'mount', point);
  const place = locate(point, 'mount');
  for (let i = 0; i < mounts.length; i++) if (mounts[i]._key === place._key || mounts[i]._fs === fs) refuse(place, EPERM);
  // What is formatted must not be another's, wherever on the device that lies.
  refuseTwice(fs, place._path, !mkfs);
  if (!fs.mount) {
    if (bdev.readblocks) {
      const found = detecting.detect(bdev as BlockDevice, place, mkfs);
      fs = found || blank.formatBlank(bdev as BlockDevice, place, readonly);
      mkfs = found ? false : undefined;
    } else mkfs = undefined;
  }
  return { _row: { _fs: fs, _operation: '', _path: place._path, _key: place._key, _readonly: readonly, _files: [] }, _mkfs: mkfs };
}

/** Has the file system mount itself. @throws what it says; EBUSY if it lies where another is mounted */
export function finish(begun: Begun): void {
  const row = begun._row;
  if (begun._mkfs !== undefined) invoke(row._fs, 'mount', { _operation: 'mount', _path: row._path }, row._readonly, begun._mkfs);
  try {
    refuseTwice(row._fs, row._path, false);
  } catch (busy) {
    // The device stays open: it is the other's.
    (row._fs as { _mounted?: boolean })._mounted = false;
    throw busy;
  }
  mounts.push(row);
}
