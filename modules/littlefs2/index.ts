import type { Alone, BlockDevice, DirIterator, Driver, FileSystem, RawFile, Stat, StatVfs, VfsFile } from '../contract/filesystem';
import * as attributes from './attributes.lazy';
import type { FsckOptions, FsckResult } from './check/state';
import * as configure from './configure.lazy';
import { listDir } from './dir';
import * as directory from './directory.lazy';
import type { Extras } from './extras.lazy';
import * as extras from './extras.lazy';
import { openFile } from './file';
import * as format from './format.lazy';
import * as mount from './mount.lazy';
import { begin } from './operation';
import * as remaking from './remake.lazy';
import * as replacing from './replace.lazy';
import * as logs from './scan.lazy';
import { statEntry } from './tree';
import type { Lfs2Options, OpenFile, Volume } from './volume';
import * as write from './write.lazy';

export type { Lfs2Options };

export interface VfsLfs2 extends Volume, Alone, Extras {}

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
    // Not where the VFS makes one for itself.
    if (littlefs2.alone !== undefined && !this.gc) extras.addExtras(VfsLfs2.prototype);
    configure.configure(this, bdev, options, littlefs2.alone);
  }

  /** Makes an empty volume. Only blocks 0 and 1 are erased. @throws EINVAL, EROFS, EIO; ENOSPC for fewer than 2 blocks; TypeError as the constructor */
  static mkfs(bdev: BlockDevice, options?: Lfs2Options): void {
    format.makeVolume(new VfsLfs2(bdev, options), options);
  }

  /** @throws ECORRUPT without a valid superblock, EINVAL for an unsupported version, geometry or limit; with `mkfs` formats a device that holds nothing known */
  mount(readonly: boolean, mkfs: boolean): void {
    mount.prepare(this, readonly, mkfs);
    // Not from there, which is gone by then: this is where the most is needed at once.
    logs.enter(this);
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
  _reveal: function (): void {
    extras.addExtras(VfsLfs2.prototype);
  },
};
