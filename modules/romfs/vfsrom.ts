/**
 * ROMFS, the read-only file system of MicroPython, version 1: records one in the other, which are read where they lie. Every record
 * and every pointer is checked against what it lies in when it is met.
 */
import { closeDevice, openDevice, readPiece } from '../blockdev';
import { ECORRUPT, EISDIR, ENODEV, ENOTDIR, EOPNOTSUPP, EROFS, expect, vfsError } from '../contract/errno';
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
} from '../contract/filesystem';
import { decodeText } from '../engine';
import { bytesAt, copyOut, DIRECTORY, FILE, fail, type Image, inPlace, readNumber } from './image';
import { find, findData, nextEntry } from './tree';

export interface VfsRom extends Image, Alone {}

/**
 * ROMFS as MicroPython's `VfsRom`: to be mounted, or used by itself. What would change something is EROFS. Differs from MicroPython:
 * `docs/differences.md`.
 */
export class VfsRom implements FileSystem {
  declare mkdir: (path: string) => void;
  declare rmdir: (path: string) => void;
  declare remove: (path: string) => void;
  declare rename: (from: string, to: string) => void;

  /**
   * @param buffer the image, or a block device that carries one at its beginning. Kept, not copied; what lies behind the image does
   *   not matter. A device that has `map` is read in place
   * @throws ENODEV if it is no image, or bytes that are not all of it; ECORRUPT for a device that is too small for its image;
   *   TypeError if it is neither
   */
  constructor(buffer: Uint8Array | BlockDevice) {
    const bdev = buffer as BlockDevice;
    const bytes = buffer instanceof Uint8Array;
    expect(bytes || (bdev && bdev.readblocks), 'buffer');
    this._operation = 'VfsRom';
    this._path = '';
    this._mounted = false;
    this._dev = bytes ? undefined : openDevice(bdev, 'VfsRom', true);
    this._window = bytes ? (buffer as Uint8Array) : new Uint8Array(0);
    this._from = 0;
    readHeader(this);
    if (romfs.alone) romfs.alone(this);
  }

  /** A ROM is never formatted: `mkfs` changes nothing. @throws ENODEV, ECORRUPT if the device no longer carries an image */
  mount(_readonly: boolean, _mkfs: boolean): void {
    begin(this, 'mount', '');
    if (this._dev) {
      this._dev = openDevice(this._dev._bdev, 'mount', true);
      this._window = new Uint8Array(0);
      readHeader(this);
    }
    this._mounted = true;
  }

  umount(): void {
    this._mounted = false;
    if (this._dev) closeDevice(this._dev);
  }

  open(path: string, mode?: string): RawFile;
  open(path: string, mode: string): RawFile {
    const inner = [0, 0];
    begin(this, 'open', path);
    if (mode.indexOf('r') < 0 || mode.indexOf('+') >= 0) fail(this, EROFS);
    if (find(this, path, inner) === DIRECTORY) fail(this, EISDIR);
    const file = new RomFile(this);
    file._size = findData(this, inner);
    file._at = inner[0];
    return file;
  }

  ilistdir(path?: string): DirIterator;
  ilistdir(path: string): DirIterator {
    const rom = this;
    const range = [0, 0];
    const inner = [0, 0];
    const place = [0, 0];
    begin(this, 'listdir', path);
    if (find(this, path, range) !== DIRECTORY) fail(this, ENOTDIR);
    return {
      next: function () {
        begin(rom, 'listdir', path);
        for (;;) {
          const kind = nextEntry(rom, range, inner, place);
          if (!kind) return { done: true };
          const name = decodeText(bytesAt(rom, place[0], place[1]));
          const size = kind === FILE ? findData(rom, inner) : 0;
          // No medium gives a name that is a path.
          if ('..'.indexOf(name) && name.indexOf('/') < 0 && name.indexOf('\0') < 0)
            return { done: false, value: [name, kind === FILE ? TYPE_FILE : TYPE_DIR, 0, size] };
        }
      },
    };
  }

  stat(path: string): Stat {
    const inner = [0, 0];
    begin(this, 'stat', path);
    const file = find(this, path, inner) === FILE;
    return [file ? TYPE_FILE : TYPE_DIR, 0, 0, 0, 0, 0, file ? findData(this, inner) : 0, 0, 0, 0];
  }

  /** As MicroPython: the bytes of all records as blocks of one byte, none of them free. */
  statvfs(path: string): StatVfs {
    begin(this, 'statvfs', path);
    find(this, path, [0, 0]);
    return [1, 0, this._end - this._base, 0, 0, 0, 0, 0, 0, 32767];
  }
}

/** An open file: its bytes, where they lie. */
class RomFile implements RawFile {
  _rom: Image;
  _at = 0;
  _size = 0;
  declare writeAt: (pos: number, buf: Uint8Array) => void;
  declare truncate: (size: number) => void;
  declare sync: () => void;

  constructor(rom: Image) {
    this._rom = rom;
  }

  readAt(pos: number, buf: Uint8Array): number {
    const n = Math.max(Math.min(buf.length, this._size - pos), 0);
    copyOut(this._rom, this._at + pos, n < buf.length ? buf.subarray(0, n) : buf);
    return n;
  }

  view(): Uint8Array {
    return inPlace(this._rom, this._at, this._size) || fail(this._rom, EOPNOTSUPP, 'not in one piece of memory');
  }

  size(): number {
    return this._size;
  }

  close(): void {}
}

function refuse(): never {
  throw vfsError(EROFS, 'write');
}

const volume = VfsRom.prototype;
volume.mkdir = volume.rmdir = volume.remove = volume.rename = refuse;
RomFile.prototype.writeAt = RomFile.prototype.truncate = refuse;
RomFile.prototype.sync = RomFile.prototype.close;

/** Begins an operation. */
function begin(rom: Image, operation: string, path: string): void {
  rom._operation = operation;
  rom._path = path;
}

/** Whether the bytes begin as an image does. */
function isImage(b: Uint8Array): boolean {
  return b[0] === 0xd2 && b[1] === 0xcd && b[2] === 0x31;
}

/** Reads the record that all others lie in. */
function readHeader(rom: Image): void {
  const dev = rom._dev;
  const total = dev ? dev._blockCount * dev._blockSize : rom._window.length;
  rom._damage = ENODEV;
  if (total < 4 || !isImage(bytesAt(rom, 0, 3))) fail(rom, ENODEV);
  if (dev) rom._damage = ECORRUPT;
  rom._at = 3;
  const length = readNumber(rom, total);
  rom._base = rom._at;
  rom._end = rom._at + length;
  if (rom._end > total) fail(rom, rom._damage, 'an image of ' + rom._end + ' bytes in ' + total);
  rom._damage = ECORRUPT;
}

/** ROMFS for autodetection. */
export const romfs: Driver = {
  name: 'romfs',
  volume: VfsRom,
  probe: function (bdev: BlockDevice): boolean {
    const dev = openDevice(bdev, 'mount', true);
    const b = new Uint8Array(3);
    const status = dev._blockSize < 3 ? 0 : readPiece(dev, 0, 0, b);
    if (status) throw vfsError(status, 'mount');
    return isImage(b);
  },
  alone: null,
  create: function (bdev: BlockDevice): FileSystem {
    // What is blank cannot be made one.
    if (!romfs.probe(bdev)) throw vfsError(EOPNOTSUPP, 'mount');
    return new VfsRom(bdev);
  },
};
