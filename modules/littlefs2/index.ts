import type { Alone, BlockDevice, DirIterator, Driver, FileSystem, RawFile, Stat, StatVfs, VfsFile } from '../contract/filesystem';
import { getAttr, listAttrs, removeAttr, setAttr } from './attrs';
import { begin } from './begin';
import { statVolume } from './count';
import { makeDir, removeDir, removeFile, renameEntry } from './dirs';
import type { fsckLfs2 } from './fsck';
import { collect, repair } from './gc';
import { grow, makeVolume, shrink } from './mkfs';
import { configure, mountVolume, probeLfs2 } from './mount';
import { listDir, openFile, statEntry } from './tree';
import { syncFiles, unmountVolume } from './umount';
import type { Lfs2Options, Volume } from './volume';

export type { Lfs2Options };

export interface VfsLfs2 extends Volume, Alone {}

/**
 * littlefs 2, disk versions 2.0 and 2.1, as MicroPython's `VfsLfs2`: to be mounted, or used by itself. Mounted, its methods
 * are for the VFS: paths are absolute and normalised. Differs from MicroPython: `docs/differences.md`.
 */
export class VfsLfs2 implements FileSystem {
  /** `fsckLfs2`, there once `./fsck` has been imported: a bundle that does not name it goes without. */
  declare static fsck: typeof fsckLfs2;

  /**
   * @param bdev an extended block device (with offsets and erase)
   * @throws EINVAL for options that do not fit the device; TypeError if it is no block device, and for options of another type
   */
  constructor(bdev: BlockDevice, options?: Lfs2Options) {
    configure(this, bdev, options, littlefs2.alone);
  }

  /** Makes an empty volume. Only blocks 0 and 1 are erased. @throws EINVAL, EROFS, EIO; ENOSPC for fewer than 2 blocks; TypeError as the constructor */
  static mkfs(bdev: BlockDevice, options?: Lfs2Options): void {
    makeVolume(new VfsLfs2(bdev, options), options);
  }

  /** @throws ECORRUPT without a valid superblock, EINVAL for an unsupported version, geometry or limit; with `mkfs` formats a device that holds nothing known */
  mount(readonly: boolean, mkfs: boolean): void {
    mountVolume(this, readonly, mkfs);
  }

  /** @throws EBUSY while files are open */
  umount(): void {
    unmountVolume(this);
  }

  /** Mounted: bytes at positions, for the VFS. By itself: a file for scripts. */
  open(path: string, mode?: string): RawFile & VfsFile;
  open(path: string, mode: string): RawFile {
    const writable = mode.indexOf('r') < 0 || mode.indexOf('+') >= 0;
    begin(this, 'open', path, writable);
    return openFile(path, mode, writable);
  }

  ilistdir(path?: string): DirIterator;
  ilistdir(path: string): DirIterator {
    return listDir(this, path);
  }

  mkdir(path: string): void {
    makeDir(this, path);
  }

  rmdir(path: string): void {
    removeDir(this, path);
  }

  remove(path: string): void {
    removeFile(this, path);
  }

  /** Atomic, also over an existing file or empty directory. */
  rename(from: string, to: string): void {
    renameEntry(this, from, to);
  }

  stat(path: string): Stat {
    begin(this, 'stat', path, false);
    return statEntry(path);
  }

  statvfs(path: string): StatVfs {
    return statVolume(this, path);
  }

  /** Syncs every open file. */
  sync(): void {
    syncFiles(this);
  }

  /** A user attribute, or undefined. @param type 0 to 255; 1 is MicroPython's time of modification */
  getattr(path: string, type: number): Uint8Array | undefined {
    return getAttr(this, path, type);
  }

  /** Sets a user attribute, 1022 bytes at most. @throws ENOSPC if it is longer; EINVAL for another type than 0 to 255; TypeError */
  setattr(path: string, type: number, value: Uint8Array): void {
    setAttr(this, path, type, value);
  }

  /** @throws ENODATA if there is none */
  removeattr(path: string, type: number): void {
    removeAttr(this, path, type);
  }

  /** The types of a path's attributes, ascending. */
  listattr(path: string): number[] {
    return listAttrs(this, path);
  }

  /**
   * Does work ahead of time, for an idle moment: mends what a power cut left, compacts metadata pairs whose log is nearly
   * full, looks for free blocks; so that later writes need not.
   * @param budget device operations to spend; it ends after the step that exceeds them. Default: no limit
   * @returns whether there is more to do
   * @throws TypeError, EINVAL if the budget is no whole number
   */
  gc(budget?: number): boolean {
    return collect(this, budget);
  }

  /**
   * Lets the volume use `blockCount` blocks, by default all of the device.
   * @throws EINVAL if that is less than it has, or more than the device; TypeError if it is no number
   */
  grow(blockCount?: number): void {
    grow(this, blockCount);
  }

  /**
   * Leaves the blocks from `blockCount` on to others. Nothing is moved: none of them may be in use.
   * @throws ENOTEMPTY if one is; EINVAL for fewer than 2, or more than the volume has
   */
  shrink(blockCount: number): void {
    shrink(this, blockCount);
  }

  /** Ends what a power cut left half-done, as the next change would. @throws EROFS */
  repair(): void {
    repair(this);
  }
}

/** littlefs 2 for autodetection. */
export const littlefs2: Driver = {
  name: 'littlefs2',
  volume: VfsLfs2,
  probe: probeLfs2,
  alone: null,
  create: function (bdev: BlockDevice): FileSystem {
    return new VfsLfs2(bdev);
  },
};
