import { closeDevice, openDevice, readAt } from '../blockdev';
import { decodeText } from '../engine';
import { EBUSY, EINVAL, vfsError } from '../errno';
import type { BlockDevice, DirIterator, FileSystem, FileSystemType, RawFile, Stat, StatVfs } from '../filesystem';
import { countFree } from './alloc';
import { getAttr, listAttrs, removeAttr, setAttr } from './attrs';
import { commit } from './commit';
import { fetch } from './mdir';
import { format, superblockBytes } from './mkfs';
import { begin, readVolume } from './mount';
import { newStream } from './stream';
import { INLINESTRUCT, mkTag, NULL } from './tags';
import { listDir, makeDir, openFile, removeEntry, renameEntry, statEntry } from './tree';
import { fail, type Lfs2Options, type Volume } from './volume';

export type { Lfs2Options };

/** A volume over a device, not mounted yet. */
function newVolume(bdev: BlockDevice, options: Lfs2Options | undefined, operation: string): Volume {
  const dev = openDevice(bdev, operation);
  const o = options || {};
  const size = dev._blockSize;
  const read = o.readsize === undefined ? Math.min(32, size) : o.readsize;
  const prog = o.progsize === undefined ? Math.min(32, size) : o.progsize;
  const cache = o.cachesize === undefined ? Math.min(size, 4 * Math.max(read, prog)) : o.cachesize;
  if (!dev._extended) throw vfsError(EINVAL, operation, '', 'littlefs needs a block device that takes offsets');
  if (
    size < 128 ||
    size > 0x80000 ||
    !(read > 0) ||
    !(prog > 0) ||
    size % read ||
    size % prog ||
    !(cache > 0) ||
    cache % read ||
    cache % prog ||
    size % cache
  )
    throw vfsError(
      EINVAL,
      operation,
      '',
      'block size ' + size + ', readsize ' + read + ', progsize ' + prog + ' and cachesize ' + cache + ' do not fit',
    );
  const fs = {
    _dev: dev,
    _blockSize: size,
    _blockCount: dev._blockCount,
    _readSize: read,
    _progSize: prog,
    _cacheSize: cache,
    _tableBytes: o.tables === undefined ? 4096 : o.tables,
    _cycles: o.blockCycles === undefined ? 100 : o.blockCycles,
    _mtime: o.mtime !== false,
    _lookahead: o.lookahead || 32,
    _mounted: false,
    _readonly: false,
    _op: operation,
    _path: '',
    _own: new Uint8Array(Math.min(size, Math.max(cache, 2 * read, 64))),
    _wBlock: NULL,
    _files: [],
    _gstate: new Int32Array(3),
    _gdisk: new Int32Array(3),
    _orphans: 0,
    _mapLeft: 0,
    _free: NULL,
    _mdirs: [],
  } as unknown as Volume;
  fs._log = newStream(fs);
  return fs;
}

/**
 * littlefs 2, disk versions 2.0 and 2.1, as MicroPython's `VfsLfs2`. Paths are absolute and normalised (the VFS sees
 * to that). Differs from MicroPython: `docs/differences.md`.
 */
export class VfsLfs2 implements FileSystem {
  private _v: Volume;

  /**
   * @param bdev an extended block device (with offsets and erase)
   * @throws EINVAL for options that do not fit the device, TypeError if it is no block device
   */
  constructor(bdev: BlockDevice, options?: Lfs2Options) {
    this._v = newVolume(bdev, options, 'VfsLfs2');
  }

  /** Makes an empty volume. Only blocks 0 and 1 are erased. @throws EINVAL, EROFS, EIO; ENOSPC for fewer than 2 blocks */
  static mkfs(bdev: BlockDevice, options?: Lfs2Options): void {
    const version = options && options.diskVersion;
    format(newVolume(bdev, options, 'mkfs'), version === undefined ? 0x20001 : version);
  }

  /** @throws ECORRUPT without a valid superblock, EINVAL for an unsupported version, geometry or limit; with `mkfs` formats first */
  mount(readonly: boolean, mkfs: boolean): void {
    const fs = this._v;
    fs._op = 'mount';
    fs._path = '';
    fs._readonly = !!readonly;
    if (mkfs) format(fs, 0x20001);
    readVolume(fs);
    fs._mounted = true;
  }

  /** @throws EBUSY while files are open */
  umount(): void {
    const fs = this._v;
    if (fs._files.length) throw vfsError(EBUSY, 'umount', '', 'files are open');
    fs._mounted = false;
    fs._mdirs = [];
    closeDevice(fs._dev);
  }

  open(path: string, mode: string): RawFile {
    return openFile(this._v, path, mode);
  }

  ilistdir(path: string): DirIterator {
    return listDir(this._v, path);
  }

  mkdir(path: string): void {
    makeDir(this._v, path);
  }

  rmdir(path: string): void {
    removeEntry(this._v, path, true);
  }

  remove(path: string): void {
    removeEntry(this._v, path, false);
  }

  rename(from: string, to: string): void {
    renameEntry(this._v, from, to);
  }

  stat(path: string): Stat {
    return statEntry(this._v, path);
  }

  statvfs(path: string): StatVfs {
    const fs = this._v;
    begin(fs, 'statvfs', path, false);
    const free = countFree(fs);
    return [fs._blockSize, fs._blockSize, fs._blockCount, free, free, 0, 0, 0, 0, fs._nameMax];
  }

  /** Syncs every open file. */
  sync(): void {
    const files = this._v._files;
    for (let i = 0; i < files.length; i++) files[i].sync();
  }

  /** A user attribute, or undefined. @param type 0 to 255; 1 is MicroPython's time of modification */
  getattr(path: string, type: number): Uint8Array | undefined {
    return getAttr(this._v, path, type);
  }

  /** Sets a user attribute, 1022 bytes at most. @throws ENOSPC if it is longer */
  setattr(path: string, type: number, value: Uint8Array): void {
    setAttr(this._v, path, type, value);
  }

  /** @throws ENODATA if there is none */
  removeattr(path: string, type: number): void {
    removeAttr(this._v, path, type);
  }

  /** The types of a path's attributes, ascending. */
  listattr(path: string): number[] {
    return listAttrs(this._v, path);
  }

  /**
   * Lets the volume use `blockCount` blocks, by default all of the device.
   * @throws EINVAL if that is less than it has, or more than the device
   */
  grow(blockCount?: number): void {
    const fs = this._v;
    begin(fs, 'grow', '/', true);
    const count = blockCount === undefined ? fs._dev._blockCount : blockCount;
    if (!(count >= fs._blockCount && count <= fs._dev._blockCount) || count % 1) fail(fs, EINVAL);
    const old = fs._blockCount;
    fs._blockCount = count;
    const bytes = superblockBytes(fs);
    fs._blockCount = old;
    commit(fs, fetch(fs, fs._root0, fs._root1), [mkTag(INLINESTRUCT, 0, 24), bytes]);
    readVolume(fs);
  }
}

/** littlefs 2 for autodetection. */
export const littlefs2: FileSystemType = {
  probe: function (bdev: BlockDevice): boolean {
    const dev = openDevice(bdev, 'mount');
    const head = new Uint8Array(8);
    for (let block = 0; block < 2 && dev._extended; block++)
      if (!readAt(dev, block, 8, head) && decodeText(head) === 'littlefs') return true;
    return false;
  },
  create: function (bdev: BlockDevice): FileSystem {
    return new VfsLfs2(bdev);
  },
};
