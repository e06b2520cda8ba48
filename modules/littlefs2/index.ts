import { closeDevice, openDevice, readAt } from '../blockdev';
import { decodeText } from '../engine';
import { EBUSY, EINVAL, vfsError } from '../errno';
import type { BlockDevice, DirIterator, FileSystem, FileSystemType, RawFile, Stat, StatVfs } from '../filesystem';
import { countFree } from './alloc';
import { getAttr, listAttrs, setAttr } from './attrs';
import { makeDir, removeDir, renameEntry } from './dirs';
import type { fsckLfs2 } from './fsck';
import { collect } from './gc';
import { format, grow } from './mkfs';
import { begin, readVolume } from './mount';
import { listDir, openFile, removeFile, statEntry } from './tree';
import { type Lfs2Options, use, type Volume } from './volume';

export type { Lfs2Options };

export interface VfsLfs2 extends Volume {}

/**
 * littlefs 2, disk versions 2.0 and 2.1, as MicroPython's `VfsLfs2`. Paths are absolute and normalised (the VFS sees
 * to that). Differs from MicroPython: `docs/differences.md`.
 */
export class VfsLfs2 implements FileSystem {
  /** `fsckLfs2`, there once `./fsck` has been imported: a bundle that does not name it goes without. */
  declare static fsck: typeof fsckLfs2;

  /**
   * @param bdev an extended block device (with offsets and erase)
   * @throws EINVAL for options that do not fit the device, TypeError if it is no block device
   */
  constructor(bdev: BlockDevice, options?: Lfs2Options) {
    const dev = openDevice(bdev, 'VfsLfs2');
    const o = options || {};
    const size = dev._blockSize;
    const read = o.readsize || Math.min(32, size);
    const prog = o.progsize || Math.min(32, size);
    const cache = o.cachesize || Math.min(size, 4 * Math.max(read, prog));
    if (
      !dev._extended ||
      size < 128 ||
      size > 0x80000 ||
      size % read ||
      size % prog ||
      cache % read ||
      cache % prog ||
      size % cache ||
      read < 1 ||
      prog < 1
    )
      throw vfsError(
        EINVAL,
        'VfsLfs2',
        '',
        dev._extended
          ? 'sizes do not fit: block ' + size + ', read ' + read + ', prog ' + prog + ', cache ' + cache
          : 'device takes no offsets',
      );
    this._dev = dev;
    this._blockSize = size;
    this._blockCount = dev._blockCount;
    this._readSize = read;
    this._progSize = prog;
    this._unit = bdev.progsize || prog;
    this._cacheSize = cache;
    this._tableBytes = o.tables === undefined ? 4096 : o.tables;
    this._cycles = o.blockCycles === undefined ? 100 : o.blockCycles;
    this._mtime = o.mtime !== false;
    this._lookahead = o.lookahead || 32;
    this._own = new Uint8Array(Math.min(size, Math.max(cache, 2 * read, 64)));
    this._mdirs = [];
    this._landmarks = [];
    this._files = [];
    this._stale = false;
    this._orphans = this._mapLeft = this._changes = this._calls = 0;
  }

  /** Makes an empty volume. Only blocks 0 and 1 are erased. @throws EINVAL, EROFS, EIO; ENOSPC for fewer than 2 blocks */
  static mkfs(bdev: BlockDevice, options?: Lfs2Options): void {
    const volume = new VfsLfs2(bdev, options);
    use(volume);
    volume._op = 'mkfs';
    volume._path = '';
    format((options && options.diskVersion) || 0x20001);
  }

  /** @throws ECORRUPT without a valid superblock, EINVAL for an unsupported version, geometry or limit; with `mkfs` formats first */
  mount(readonly: boolean, mkfs: boolean): void {
    use(this);
    this._op = 'mount';
    this._path = '';
    this._readonly = readonly;
    if (mkfs) format(0x20001);
    readVolume();
    this._mounted = true;
  }

  /** @throws EBUSY while files are open */
  umount(): void {
    if (this._files.length) throw vfsError(EBUSY, 'umount');
    this._mounted = false;
    this._mdirs = [];
    closeDevice(this._dev);
  }

  open(path: string, mode: string): RawFile {
    const writable = mode.indexOf('r') < 0 || mode.indexOf('+') >= 0;
    begin(this, 'open', path, writable);
    return openFile(path, mode, writable);
  }

  ilistdir(path: string): DirIterator {
    const volume = this;
    return listDir(path, function (): void {
      begin(volume, 'listdir', path, false);
    });
  }

  mkdir(path: string): void {
    begin(this, 'mkdir', path, true);
    makeDir(path);
  }

  rmdir(path: string): void {
    begin(this, 'rmdir', path, true);
    removeDir(path);
  }

  remove(path: string): void {
    begin(this, 'remove', path, true);
    removeFile(path);
  }

  /** Atomic, also over an existing file or empty directory. */
  rename(from: string, to: string): void {
    begin(this, 'rename', from, true);
    renameEntry(from, to);
  }

  stat(path: string): Stat {
    begin(this, 'stat', path, false);
    return statEntry(path);
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

  /** A user attribute, or undefined. @param type 0 to 255; 1 is MicroPython's time of modification */
  getattr(path: string, type: number): Uint8Array | undefined {
    begin(this, 'getattr', path, false);
    return getAttr(path, type);
  }

  /** Sets a user attribute, 1022 bytes at most. @throws ENOSPC if it is longer */
  setattr(path: string, type: number, value: Uint8Array): void {
    begin(this, 'setattr', path, true);
    setAttr(path, type, value);
  }

  /** @throws ENODATA if there is none */
  removeattr(path: string, type: number): void {
    begin(this, 'removeattr', path, true);
    setAttr(path, type, undefined);
  }

  /** The types of a path's attributes, ascending. */
  listattr(path: string): number[] {
    begin(this, 'listattr', path, false);
    return listAttrs(path);
  }

  /**
   * Does work ahead of time, for an idle moment: mends what a power cut left, compacts metadata pairs whose log is nearly
   * full, looks for free blocks; so that later writes need not.
   * @param budget device operations to spend; it ends after the step that exceeds them. Default: no limit
   * @returns whether there is more to do
   */
  gc(budget?: number): boolean {
    begin(this, 'gc', '/', true);
    return collect(budget === undefined ? Infinity : budget);
  }

  /**
   * Lets the volume use `blockCount` blocks, by default all of the device.
   * @throws EINVAL if that is less than it has, or more than the device
   */
  grow(blockCount?: number): void {
    begin(this, 'grow', '/', true);
    grow(blockCount === undefined ? this._dev._blockCount : blockCount);
  }
}

/** littlefs 2 for autodetection. */
export const littlefs2: FileSystemType = {
  probe: function (bdev: BlockDevice): boolean {
    const dev = openDevice(bdev, 'mount');
    const head = new Uint8Array(8);
    let failed = 0;
    for (let block = 0; block < 2 && dev._extended; block++) {
      const status = readAt(dev, block, 8, head);
      if (status) failed = status;
      else if (decodeText(head) === 'littlefs') return true;
    }
    if (failed) throw vfsError(failed, 'mount');
    return false;
  },
  create: function (bdev: BlockDevice): FileSystem {
    return new VfsLfs2(bdev);
  },
};
