/**
 * exFAT, after Microsoft's "exFAT file system specification" 1.00.
 *
 * Order of updates, so that a cut at any moment leaves what was there, each step on the medium before the next: growth is written
 * as data, FAT and allocation bitmap, entry set: that one alone, in one sector, says which clusters a file has and how many.
 * Shrinking and removing: entry set, then bitmap. A rename writes the new entry set first, where it cannot replace the old one in
 * one write. A cut leaves, at worst, clusters that are allocated and belong to no file, secondary entries without a File entry, a
 * set with an old checksum where another system has laid it across two sectors, and for a name that was just being moved two names
 * of one chain, which `mend` looks for before the next change: VolumeDirty, set before the first change, says so, and until a
 * check has run nothing is freed. It is taken off when all is closed.
 */
import { closeDevice } from '../blockdev';
import { EBUSY, ENODEV, EOPNOTSUPP, EROFS } from '../contract/errno';
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
import { settle } from './clean';
import * as dirs from './dirs.lazy';
import { syncFile } from './file';
import * as free from './free.lazy';
import * as mend from './mend.lazy';
import * as mounting from './mount.lazy';
import { DIR } from './scan';
import { timeOf } from './time';
import { entrySize, listDir, need, openFile, removeEntry } from './tree';
import { fail, use, type Volume } from './volume';

/** Options of `VfsExFat`. */
export interface ExFatOptions {
  /**
   * 1 to 4: a primary partition, 5 on: a logical one, or the number in a GPT; 0: the whole device. By default what the table, if it
   * is valid, says is a user's: see `docs/exfat.md`.
   */
  partition?: number;
}

/** Options of `VfsExFat.mkfs`. */
export interface ExFatFormat {
  /** Bytes of a cluster, a power of two of sectors, 32 MiB at most. Default by size: 4 KiB up to 256 MiB, 32 KiB up to 32 GiB, then 128 KiB and more. */
  clusterSize?: number;
  /** Up to 11 characters (units of UTF-16). */
  label?: string;
  /** Whether to make a partition table with one partition. Default false. */
  partition?: boolean;
  /** FAT and clusters (and the partition) begin at multiples of so many bytes. Default by size: 1 MiB, above 32 GiB what the SD Association has cards made with. */
  align?: number;
}

export interface VfsExFat extends Volume, Alone {
  /** The volume label, '' for none. Absent, like the next two, where a bundle takes the core alone. */
  label(): string;
  /** Sets the label, '' removes it. @throws EINVAL for more than 11 units of UTF-16 */
  setLabel(text: string): void;
  /** The volume's number, 32 bits. */
  volumeId(): number;
}

/**
 * exFAT as a `VfsFat` is FAT: to be mounted, or used by itself. Mounted, its methods are for the VFS: paths are absolute and
 * normalised. Source: microvfs's own; MicroPython has none.
 */
export class VfsExFat implements FileSystem {
  /** Makes an empty volume. Absent where a bundle takes the core alone. */
  declare static mkfs: (bdev: BlockDevice, options?: ExFatFormat) => void;

  /** @throws TypeError if it is no block device, and for options of another type; EINVAL for blocks that are not a divisor of 4096 bytes, and a partition below 0 */
  constructor(bdev: BlockDevice, options?: ExFatOptions) {
    mounting.configure(this, bdev, options, exfat.alone);
  }

  /** @throws ENODEV where there is no exFAT, ECORRUPT for a damaged boot sector, no bitmap, or a volume larger than its place; with `mkfs` formats a device that holds nothing known */
  mount(readonly: boolean, mkfs: boolean): void {
    use(this);
    this._operation = 'mount';
    this._path = '';
    mounting.openVolume(this, readonly, mkfs ? VfsExFat.mkfs || fail(EOPNOTSUPP) : undefined);
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
    return openFile(mode, writable);
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
    dirs.makeDir();
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
    dirs.renameEntry(to);
  }

  /** The time of modification stands for all three, as on FAT. */
  stat(path: string): Stat {
    begin(this, 'stat', path, false);
    const kind = need(path, undefined);
    const time = this._slot < 0 ? 0 : timeOf(this._set);
    return [kind === DIR ? TYPE_DIR : TYPE_FILE, 0, 0, 0, 0, 0, entrySize(kind), time, time, time];
  }

  /** The free clusters are counted, once, 4 KiB of the bitmap in a call of the device: 16 calls for a card of 64 GB. */
  statvfs(path: string): StatVfs {
    begin(this, 'statvfs', path, false);
    free.countFree();
    return [this._clusterSize, this._clusterSize, this._last - 1, this._free, this._free, 0, 0, 0, 0, 255];
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
  volume._operation = operation;
  volume._path = path;
  volume._forbid = volume._ignore = -1;
  if (!volume._mounted) fail(ENODEV);
  if (change && (volume._readonly || !volume._dev._bdev.writeblocks)) fail(EROFS);
  if (change && volume._doubt === 1) mend.mend();
}

/** exFAT for autodetection, which formats with it what is larger than 32 GiB, as the SD Association has it. */
export const exfat: Driver = {
  name: 'exfat',
  volume: VfsExFat,
  probe: mounting.probeExFat,
  alone: null,
  create: function (bdev: BlockDevice): FileSystem {
    const volume = new VfsExFat(bdev);
    volume._modest = true;
    return volume;
  },
};
