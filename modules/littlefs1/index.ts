import { EOPNOTSUPP } from '../contract/errno';
import type { Alone, BlockDevice, DirIterator, Driver, FileSystem, RawFile, Stat, StatVfs, VfsFile } from '../contract/filesystem';
import { begin } from './begin';
import type { Lfs1FsckOptions, Lfs1FsckResult } from './check/findings';
import { listDir, statEntry } from './dir';
import { openFile } from './file';
import * as mkfs from './mkfs.lazy';
import * as mounting from './mount.lazy';
import * as tree from './tree.lazy';
import { fail, type Lfs1Options, type Volume } from './volume';
import { countFree } from './walk';

export type { Lfs1Options };

export interface VfsLfs1 extends Volume, Alone {}

/**
 * littlefs 1, disk version 1.1 (1.0 is read and written as it is), as MicroPython's `VfsLfs1`: to be mounted, or used by
 * itself. Mounted, its methods are for the VFS: paths are absolute and normalised. Differs from MicroPython: `docs/differences.md`.
 */
export class VfsLfs1 implements FileSystem {
  /** `fsckLfs1`, there once `./check/fsck` has been imported: a bundle that does not name it goes without. */
  declare static fsck: (bdev: BlockDevice, options?: Lfs1FsckOptions) => Lfs1FsckResult;

  /**
   * @param bdev an extended block device (with offsets and erase), or one of whole blocks
   * @throws EINVAL for options that do not fit the device, and blocks of fewer than 104 bytes; TypeError if it is no block
   *   device, and for options of another type
   */
  constructor(bdev: BlockDevice, options?: Lfs1Options) {
    mounting.configure(this, bdev, options, littlefs1.alone);
  }

  /** Makes an empty volume. Only blocks 0 to 2 are erased. @throws EINVAL, EROFS, EIO; ENOSPC for fewer than 4 blocks; TypeError as the constructor */
  static mkfs(bdev: BlockDevice, options?: Lfs1Options): void {
    mkfs.makeVolume(new VfsLfs1(bdev, options));
  }

  /** @throws ECORRUPT without a valid superblock, EINVAL for an unsupported version or geometry; with `mkfs` formats a device that holds nothing known */
  mount(readonly: boolean, mkfs: boolean): void {
    mounting.mountVolume(this, readonly, mkfs);
  }

  /** @throws EBUSY while files are open */
  umount(): void {
    mounting.unmountVolume(this);
  }

  /** Mounted: bytes at positions, for the VFS. By itself: a file for scripts. */
  open(path: string, mode?: string): RawFile & VfsFile;
  open(path: string, mode: string): RawFile {
    return openFile(this, path, mode);
  }

  ilistdir(path?: string): DirIterator;
  ilistdir(path: string): DirIterator {
    return listDir(this, path);
  }

  mkdir(path: string): void {
    tree.makeDir(this, path);
  }

  rmdir(path: string): void {
    tree.removeDir(this, path);
  }

  remove(path: string): void {
    tree.removeFile(this, path);
  }

  /** Atomic, also over an existing file or empty directory. */
  rename(from: string, to: string): void {
    tree.renameEntry(this, from, to);
  }

  stat(path: string): Stat {
    return statEntry(this, path);
  }

  /** @throws EOPNOTSUPP: the format has no times */
  utime(path: string, _times: number[]): void {
    begin(this, 'utime', path, true);
    statEntry(this, path);
    fail(EOPNOTSUPP, 'littlefs 1 keeps no times');
  }

  statvfs(path: string): StatVfs {
    begin(this, 'statvfs', path, false);
    const free = countFree();
    return [this._blockSize, this._blockSize, this._blockCount, free, free, 0, 0, 0, 0, this._nameMax];
  }

  /** Syncs every open file. */
  sync(): void {
    for (let i = 0; i < this._files.length; i++) this._files[i].sync();
  }

  /** Ends what a power cut left half-done, as the next change would. @throws EROFS */
  repair(): void {
    begin(this, 'repair', '', true);
  }
}

/** littlefs 1 for autodetection. */
export const littlefs1: Driver = {
  name: 'littlefs1',
  volume: VfsLfs1,
  probe: mounting.probeLfs1,
  alone: null,
  _extended: true,
  create: function (bdev: BlockDevice): FileSystem {
    return new VfsLfs1(bdev);
  },
  mkfs: VfsLfs1.mkfs,
};
