import type { Alone, BlockDevice, DirIterator, Driver, FileSystem, RawFile, Stat, StatVfs, VfsFile } from '../contract/filesystem';
import * as attributes from './attributes.lazy';
import type { FsckOptions, FsckResult } from './check/state';
import { listDir } from './dir';
import * as directory from './directory.lazy';
import { openFile } from './file';
import * as format from './format.lazy';
import * as maintenance from './maintenance.lazy';
import * as mount from './mount.lazy';
import { begin } from './operation';
import * as remaking from './remake.lazy';
import * as replacing from './replace.lazy';
import { statEntry } from './tree';
import type { Lfs2Options, OpenFile, Volume } from './volume';
import * as write from './write.lazy';

export type { Lfs2Options };

export interface VfsLfs2 extends Volume, Alone {}

/**
 * littlefs 2, disk versions 2.0 and 2.1, as MicroPython's `VfsLfs2`: to be mounted, or used by itself. Mounted, its methods
 * are for the VFS: paths are absolute and normalised. Differs from MicroPython: `docs/differences.md`.
 */
export class VfsLfs2 implements FileSystem {
  /** `fsckLfs2`, there once `./fsck` has been imported: a bundle that does not name it goes without. */
  declare static fsck: (bdev: BlockDevice, options?: FsckOptions) => FsckResult;

  /**
   * @param bdev an extended block device (with offsets and erase), or one of whole blocks
   * @throws EINVAL for options that do not fit the device; TypeError if it is no block device, and for options of another type
   */
  constructor(bdev: BlockDevice, options?: Lfs2Options) {
    mount.configure(this, bdev, options, littlefs2.alone);
  }

  /** Makes an empty volume. Only blocks 0 and 1 are erased. @throws EINVAL, EROFS, EIO; ENOSPC for fewer than 2 blocks; TypeError as the constructor */
  static mkfs(bdev: BlockDevice, options?: Lfs2Options): void {
    format.makeVolume(new VfsLfs2(bdev, options), options);
  }

  /** @throws ECORRUPT without a valid superblock, EINVAL for an unsupported version, geometry or limit; with `mkfs` formats a device that holds nothing known */
  mount(readonly: boolean, mkfs: boolean): void {
    mount.mountVolume(this, readonly, mkfs);
  }

  /** @throws EBUSY while files are open */
  umount(): void {
    mount.unmountVolume(this);
  }

  /** Mounted: bytes at positions, for the VFS. By itself: a file for scripts. */
  open(path: string, mode?: string): RawFile & VfsFile;
  open(path: string, mode: string): RawFile {
    const writable = mode.indexOf('r') < 0 || mode.indexOf('+') >= 0;
    begin(this, 'open', path, writable);
    if (writable) write.hold();
    try {
      return openFile(path, mode, writable);
    } catch (problem) {
      if (writable) write.letGo();
      throw problem;
    }
  }

  ilistdir(path?: string): DirIterator;
  ilistdir(path: string): DirIterator {
    return listDir(this, path);
  }

  /** Makes `data` the content of a file, which may be missing, in one change. @throws EISDIR; EBUSY while it is open; as `open` and `write` */
  replace(path: string, data: Uint8Array): void {
    replacing.replaceFile(this, path, data);
  }

  mkdir(path: string): void {
    directory.change(this, 'mkdir', path, '');
  }

  rmdir(path: string): void {
    directory.change(this, 'rmdir', path, '');
  }

  remove(path: string): void {
    directory.change(this, 'remove', path, '');
  }

  /** Atomic, also over an existing file or empty directory. */
  rename(from: string, to: string): void {
    directory.change(this, 'rename', from, to);
  }

  stat(path: string): Stat {
    begin(this, 'stat', path, false);
    return statEntry(path);
  }

  statvfs(path: string): StatVfs {
    begin(this, 'statvfs', path, false);
    const free = this._free < 0 ? mount.countFree() : this._free;
    return [this._blockSize, this._blockSize, this._blockCount, free, free, 0, 0, 0, 0, this._nameMax];
  }

  /** Sets the time of modification, as the entry has it already: attribute 1, or `t` of other drivers; else attribute 1. */
  utime(path: string, times: number[]): void {
    attributes.setTime(this, path, times[1]);
  }

  /** Syncs every open file. */
  sync(): void {
    for (let i = 0; i < this._files.length; i++) (this._files[i] as OpenFile & RawFile).sync();
  }

  /** A user attribute, or undefined. @param type 0 to 255; 1 is MicroPython's time of modification */
  getattr(path: string, type: number): Uint8Array | undefined {
    return attributes.getAttr(this, path, type);
  }

  /** Sets a user attribute, 1022 bytes at most. @throws ENOSPC if it is longer; EINVAL for another type than 0 to 255; TypeError */
  setattr(path: string, type: number, value: Uint8Array): void {
    attributes.setAttr(this, path, type, value);
  }

  /** @throws ENODATA if there is none */
  removeattr(path: string, type: number): void {
    attributes.removeAttr(this, path, type);
  }

  /** The types of a path's attributes, ascending. */
  listattr(path: string): number[] {
    return attributes.listAttrs(this, path);
  }

  /**
   * Does work ahead of time, for an idle moment: mends what a power cut left, compacts metadata pairs whose log is nearly
   * full, looks for free blocks; so that later writes need not.
   * @param budget device operations to spend; it ends after the step that exceeds them. Default: no limit
   * @returns whether there is more to do
   * @throws TypeError, EINVAL if the budget is no whole number
   */
  gc(budget?: number): boolean {
    return maintenance.collect(this, budget);
  }

  /**
   * Lets the volume use `blockCount` blocks, by default all of the device.
   * @throws EINVAL if that is less than it has, or more than the device; TypeError if it is no number
   */
  grow(blockCount?: number): void {
    maintenance.grow(this, blockCount);
  }

  /**
   * Leaves the blocks from `blockCount` on to others. Nothing is moved: none of them may be in use.
   * @throws ENOTEMPTY if one is; EINVAL for fewer than 2, or more than the volume has
   */
  shrink(blockCount: number): void {
    maintenance.shrink(this, blockCount);
  }

  /** Ends what a power cut left half-done, as the next change would. @throws EROFS */
  repair(): void {
    maintenance.repair(this);
  }
}

/** littlefs 2 for autodetection. */
export const littlefs2: Driver = {
  name: 'littlefs2',
  volume: VfsLfs2,
  probe: mount.probeLfs2,
  alone: null,
  _extended: true,
  create: function (bdev: BlockDevice): FileSystem {
    return new VfsLfs2(bdev);
  },
  mkfs: VfsLfs2.mkfs,
  remake: remaking.remake,
};
