/**
 * FAT12, FAT16 and FAT32, after Microsoft's "FAT: General Overview of On-Disk Format" 1.03.
 *
 * Order of updates, so that a cut at any moment leaves what was there: growth is written as data, FAT, directory entry;
 * clusters join a chain on the medium when they are all written, by one entry of the FAT. Shrinking and removing: directory
 * entry, then FAT. A rename writes the new entry first. A cut leaves, at worst, clusters that belong to no file (or hang behind
 * the size of one), FAT copies that differ, a wrong number in FSInfo, and for a name that was just being moved two names of one
 * chain; and on FAT16 and FAT32 the dirty bit, which is set before the first change and cleared by `sync` and `umount`.
 */
import { closeDevice, openDevice } from '../blockdev';
import { le32 } from '../engine';
import { EBUSY, EINVAL, ENODEV, EOPNOTSUPP, EROFS, vfsError } from '../errno';
import {
  type BlockDevice,
  type DirIterator,
  type FileSystem,
  type FileSystemType,
  type RawFile,
  type Stat,
  type StatVfs,
  TYPE_DIR,
  TYPE_FILE,
} from '../filesystem';
import { DIR } from './dir';
import { makeDir, renameEntry } from './dirs';
import { syncFile } from './file';
import type { fsckFat } from './fsck';
import { openVolume, probeFat } from './mount';
import { countFree, settle } from './table';
import { unixTime } from './time';
import { entrySize, listDir, need, openFile, removeEntry } from './tree';
import { fail, use, type Volume } from './volume';

/** Options of `VfsFat`. */
export interface FatOptions {
  /**
   * 1 to 4: a primary partition, 5 on: a logical one, or the number in a GPT; 0: the whole device. By default what the table, if it
   * is valid, says is a user's: see `docs/fat.md`.
   */
  partition?: number;
}

/** Options of `VfsFat.mkfs`. */
export interface FatFormat {
  /** 12, 16 or 32; by default what suits the size. */
  type?: number;
  /** Bytes of a cluster, a power of two of sectors. */
  clusterSize?: number;
  /** Up to 11 characters of ASCII. */
  label?: string;
  /** Whether to make a partition table with one partition. Default false. */
  partition?: boolean;
  /** Data (and the partition) begin at multiples of so many bytes, the size of an erase block. Default a sector. */
  align?: number;
}

export interface VfsFat extends Volume {
  /** The volume label, '' for none. Absent, like the next two, where a bundle takes the core alone. */
  label(): string;
  /** Sets the label, '' removes it. @throws EINVAL for what is none: at most 11 characters of ASCII */
  setLabel(text: string): void;
  /** The volume's number, 32 bits. */
  volumeId(): number;
}

/** FAT as MicroPython's `VfsFat`. Paths are absolute and normalised (the VFS sees to that). Differs from MicroPython: `docs/differences.md`. */
export class VfsFat implements FileSystem {
  /** Makes an empty volume. Absent where a bundle takes the core alone. */
  static mkfs?: (bdev: BlockDevice, options?: FatFormat) => void;

  /** Checks and repairs a volume: see `fsckFat`. Only where `fat/fsck` is in the bundle. */
  static fsck?: typeof fsckFat;

  /** @throws TypeError if it is no block device; EINVAL for blocks that are not a divisor of 4096 bytes */
  constructor(bdev: BlockDevice, options?: FatOptions) {
    const dev = openDevice(bdev, 'VfsFat', true);
    if (4096 % dev._blockSize) throw vfsError(EINVAL, 'VfsFat', '', 'blocks of ' + dev._blockSize + ' bytes');
    this._dev = dev;
    this._partition = options && options.partition;
    this._mounted = false;
    this._files = [];
    this._epoch = 0;
    this._name = new Uint16Array(272);
    this._short = new Uint8Array(11);
    this._entry = new Uint8Array(32);
  }

  /** @throws ENODEV where there is no FAT, ECORRUPT for a damaged boot sector; with `mkfs` formats a device that holds nothing known */
  mount(readonly: boolean, mkfs: boolean): void {
    use(this);
    this._op = 'mount';
    this._path = '';
    openVolume(this, readonly, mkfs ? VfsFat.mkfs || fail(EOPNOTSUPP) : undefined);
    this._mounted = true;
  }

  /** Writes what is still in RAM and marks the volume as clean. @throws EBUSY while files are open */
  umount(): void {
    begin(this, 'umount', '', false);
    if (this._files.length) fail(EBUSY);
    this._mounted = false;
    settle();
    closeDevice(this._dev);
  }

  open(path: string, mode: string): RawFile {
    const writable = mode.indexOf('r') < 0 || mode.indexOf('+') >= 0;
    begin(this, 'open', path, writable);
    return openFile(mode, writable);
  }

  ilistdir(path: string): DirIterator {
    const volume = this;
    return listDir(function () {
      begin(volume, 'listdir', path, false);
    });
  }

  mkdir(path: string): void {
    begin(this, 'mkdir', path, true);
    makeDir();
  }

  rmdir(path: string): void {
    begin(this, 'rmdir', path, true);
    removeEntry(true);
  }

  remove(path: string): void {
    begin(this, 'remove', path, true);
    removeEntry(false);
  }

  rename(from: string, to: string): void {
    begin(this, 'rename', from, true);
    renameEntry(to);
  }

  /** The time of modification stands for all three, as on MicroPython. */
  stat(path: string): Stat {
    begin(this, 'stat', path, false);
    const kind = need(path, undefined);
    const time = this._slot < 0 ? 0 : unixTime(le32(this._entry, 22));
    return [kind === DIR ? TYPE_DIR : TYPE_FILE, 0, 0, 0, 0, 0, entrySize(kind), time, time, time];
  }

  /** The number of free clusters is FSInfo's on a FAT32 volume that was unmounted properly, else they are counted, once. */
  statvfs(path: string): StatVfs {
    begin(this, 'statvfs', path, false);
    const free = countFree();
    return [this._clusterSize, this._clusterSize, this._last - 1, free, free, 0, 0, 0, 0, 255];
  }

  /** Syncs every open file, and marks the volume as clean. */
  sync(): void {
    begin(this, 'sync', '', false);
    for (let i = 0; i < this._files.length; i++) syncFile(this._files[i]);
    settle();
  }
}

/** Begins an operation. */
export function begin(volume: Volume, operation: string, path: string, change: boolean): void {
  use(volume);
  volume._op = operation;
  volume._path = path;
  volume._forbid = volume._ignore = -1;
  volume._spread = false;
  if (!volume._mounted) fail(ENODEV);
  if (change && (volume._readonly || !volume._dev._bdev.writeblocks)) fail(EROFS);
}

/** FAT for autodetection. */
export const fat: FileSystemType = {
  probe: probeFat,
  create: function (bdev: BlockDevice): FileSystem {
    return new VfsFat(bdev);
  },
};
