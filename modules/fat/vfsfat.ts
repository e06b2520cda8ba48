/**
 * FAT12, FAT16 and FAT32, after Microsoft's "FAT: General Overview of On-Disk Format" 1.03.
 *
 * Order of updates, so that a cut at any moment leaves what was there, each step on the medium before the next: growth is written
 * as data, FAT, the one link to it, directory entry. Shrinking and removing: directory entry, then FAT. A rename writes the new
 * entry first. A cut leaves, at worst, clusters that belong to no file (or hang behind the size of one), FAT copies that differ, a
 * wrong number in FSInfo, and for a name that was just being moved two names of one chain, which `mend` looks for before the next
 * change: the mark of a volume in use, set before the first change, says so. It is taken off when all is closed.
 */
import { closeDevice } from '../blockdev';
import * as partitions from '../blockdev/partitions.lazy';
import { EBUSY, EOPNOTSUPP } from '../contract/errno';
import {
  type Alone,
  type BlockDevice,
  type DirIterator,
  type Driver,
  type FileSystem,
  type RawFile,
  type Stat,
  type StatVfs,
  TYPE_DIR,
  TYPE_FILE,
  type VfsFile,
} from '../contract/filesystem';
import { le32 } from '../engine';
import type { FatFinding, FatFsckOptions } from './check/state';
import { DIR } from './dir';
import * as directory from './directory.lazy';
import * as free from './free.lazy';
import * as mounting from './mount.lazy';
import { unixTime } from './time';
import { begin, entrySize, listDir, need, openFile, settle } from './tree';
import { type CodePages, type FatFormat, type FatOptions, fail, use, type Volume } from './volume';
import * as write from './write.lazy';

export interface VfsFat extends Volume, Alone {
  /** The volume label, '' for none. Absent, like the next two, where a bundle takes the core alone. */
  label(): string;
  /** Sets the label, '' removes it. @throws EINVAL for what is none: at most 11 characters of ASCII */
  setLabel(text: string): void;
  /** The volume's number, 32 bits. */
  volumeId(): number;
}

/**
 * FAT as MicroPython's `VfsFat`: to be mounted, or used by itself. Mounted, its methods are for the VFS: paths are absolute and
 * normalised. Differs from MicroPython: `docs/differences.md`.
 */
export class VfsFat implements FileSystem {
  /** Makes an empty volume. Absent where a bundle takes the core alone. */
  declare static mkfs: (bdev: BlockDevice, options?: FatFormat) => void;

  /** Code pages by number, each its upper 128 characters. Only where the bundle has some. */
  declare static codePages?: CodePages;

  /** Checks and repairs a volume: see `fsckFat`. Absent where a bundle takes the core alone; a device loads a part for it. */
  declare static fsck: (bdev: BlockDevice, options?: FatFsckOptions) => FatFinding[];

  /** @throws TypeError if it is no block device, and for options of another type; EINVAL for blocks that are not a divisor of 4096 bytes, and a partition below 0 */
  constructor(bdev: BlockDevice, options?: FatOptions) {
    mounting.configure(this, bdev, options, fat.alone);
  }

  /** @throws ENODEV where there is no FAT, ECORRUPT for a damaged boot sector, EINVAL for a code page that is not there; with `mkfs` formats a device that holds nothing known */
  mount(readonly: boolean, mkfs: boolean): void {
    use(this);
    this._operation = 'mount';
    this._path = '';
    mounting.openVolume(this, readonly, mkfs ? VfsFat.mkfs || fail(EOPNOTSUPP) : undefined, VfsFat.codePages);
    this._mounted = true;
  }

  /** Writes what is still in RAM and marks the volume as clean. @throws EBUSY while files are open */
  umount(): void {
    begin(this, 'umount', '', false);
    if (this._files.length) fail(EBUSY);
    this._mounted = false;
    try {
      settle();
    } catch (error) {
      closeDevice(this._dev);
      throw error;
    }
    closeDevice(this._dev);
  }

  /** Mounted: bytes at positions, for the VFS. By itself: a file for scripts. */
  open(path: string, mode?: string): RawFile & VfsFile;
  open(path: string, mode: string): RawFile {
    const writable = mode.indexOf('r') < 0 || mode.indexOf('+') >= 0;
    begin(this, 'open', path, writable);
    if (writable) write.hold();
    try {
      return openFile(mode, writable);
    } catch (problem) {
      if (writable) write.letGo();
      throw problem;
    }
  }

  ilistdir(path?: string): DirIterator;
  ilistdir(path: string): DirIterator {
    const volume = this;
    return listDir(function () {
      begin(volume, 'listdir', path, false);
    });
  }

  mkdir(path: string): void {
    begin(this, 'mkdir', path, true);
    directory.change('');
  }

  rmdir(path: string): void {
    begin(this, 'rmdir', path, true);
    directory.change('');
  }

  remove(path: string): void {
    begin(this, 'remove', path, true);
    directory.change('');
  }

  rename(from: string, to: string): void {
    begin(this, 'rename', from, true);
    directory.change(to);
  }

  /** The time of modification is kept in steps of 2 s, from 1980 on. */
  utime(path: string, mtime: number): void {
    begin(this, 'utime', path, true);
    directory.setTime(mtime);
  }

  /** The time of modification stands for all three, as on MicroPython. */
  stat(path: string): Stat {
    begin(this, 'stat', path, false);
    const kind = need(path, undefined);
    const time = this._slot < 0 ? 0 : unixTime(le32(this._entry, 22));
    return [kind === DIR ? TYPE_DIR : TYPE_FILE, 0, 0, 0, 0, 0, entrySize(kind), time, time, time];
  }

  /**
   * The free clusters are counted, once, 4 KiB of the FAT in a call of the device: 1,000 calls for a card of 32 GB. FSInfo
   * of a FAT32 volume is believed only where it is as it was written here. `gc` counts ahead of time.
   */
  statvfs(path: string): StatVfs {
    begin(this, 'statvfs', path, false);
    free.countFree();
    return [this._clusterSize, this._clusterSize, this._last - 1, this._free, this._free, 0, 0, 0, 0, 255];
  }

  /**
   * Does work ahead of time, for an idle moment: counts the free clusters, from where the last call has ended.
   * @param budget calls of the device to spend, of up to 4 KiB each. Default: no limit
   * @returns whether there is more to do
   */
  gc(budget?: number): boolean {
    begin(this, 'gc', '', false);
    return free.countFree(budget);
  }

  /** Syncs every open file, and marks the volume as clean. */
  sync(): void {
    begin(this, 'sync', '', false);
    for (let i = 0; i < this._files.length; i++) if (this._files[i]._changed) write.syncFile(this._files[i]);
    settle();
  }
}

/** FAT for autodetection. */
export const fat: Driver = {
  name: 'fat',
  volume: VfsFat,
  simple: true,
  probe: mounting.probeFat,
  places: partitions.placesOn,
  alone: null,
  create: function (bdev: BlockDevice): FileSystem {
    return new VfsFat(bdev);
  },
};
