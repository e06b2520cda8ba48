/** A file system of one file, as small as one can be: a list of names and contents in one piece at the beginning of the device. */
import { openDevice, readPiece } from '../../modules/blockdev';
import { writeBlocks } from '../../modules/blockdev/blocks';
import { EBUSY, EEXIST, EISDIR, ENODEV, ENOENT, ENOSPC, vfsError } from '../../modules/contract/errno';
import {
  type BlockDevice,
  type DirIterator,
  type Driver,
  type FileSystem,
  type RawFile,
  type Stat,
  type StatVfs,
  TYPE_DIR,
  TYPE_FILE,
} from '../../modules/contract/filesystem';
import { decodeText, encodeText, le32, putLe32 } from '../../modules/engine';

/** "crmb" */
const MAGIC = 0x626d7263;
const HEAD = 8;

interface Entry {
  _name: string;
  _bytes: Uint8Array;
}

export class VfsCrumbs implements FileSystem {
  private _bdev: BlockDevice;
  private _entries: Entry[] = [];
  private _open = 0;

  constructor(bdev: BlockDevice) {
    this._bdev = bdev;
  }

  mount(_readonly: boolean, mkfs: boolean): void {
    const dev = openDevice(this._bdev, 'mount', true);
    const head = new Uint8Array(HEAD);
    readPiece(dev, 0, 0, head);
    this._entries = [];
    if (le32(head, 0) !== MAGIC) {
      if (!mkfs) throw vfsError(ENODEV, 'mount');
      this._save();
      return;
    }
    const all = new Uint8Array(dev._blockSize);
    readPiece(dev, 0, 0, all);
    for (let at = HEAD, left = le32(head, 4); left > 0; left--) {
      const end = at + HEAD + le32(all, at);
      this._entries.push({
        _name: decodeText(all.subarray(at + HEAD, end)),
        _bytes: new Uint8Array(all.subarray(end, end + le32(all, at + 4))),
      });
      at = end + le32(all, at + 4);
    }
  }

  umount(): void {
    if (this._open) throw vfsError(EBUSY, 'umount');
  }

  _save(): void {
    const dev = openDevice(this._bdev, 'write', true);
    const all = new Uint8Array(dev._blockSize);
    let at = HEAD;
    putLe32(all, 0, MAGIC);
    putLe32(all, 4, this._entries.length);
    for (let i = 0; i < this._entries.length; i++) {
      const name = encodeText(this._entries[i]._name);
      const bytes = this._entries[i]._bytes;
      if (at + HEAD + name.length + bytes.length > all.length) throw vfsError(ENOSPC, 'write');
      putLe32(all, at, name.length);
      putLe32(all, at + 4, bytes.length);
      all.set(name, at + HEAD);
      all.set(bytes, at + HEAD + name.length);
      at += HEAD + name.length + bytes.length;
    }
    writeBlocks(dev, 0, all);
  }

  _find(path: string, operation: string): number {
    for (let i = 0; i < this._entries.length; i++) if ('/' + this._entries[i]._name === path) return i;
    throw vfsError(ENOENT, operation, path);
  }

  open(path: string, mode: string): RawFile {
    const fs = this;
    const known = this._entries.some((one) => '/' + one._name === path);
    if (path === '/') throw vfsError(EISDIR, 'open', path);
    if (known && mode.indexOf('x') >= 0) throw vfsError(EEXIST, 'open', path);
    if (!known && mode.indexOf('r') < 0) this._entries.push({ _name: path.substring(1), _bytes: new Uint8Array(0) });
    const entry = this._entries[this._find(path, 'open')];
    if (mode.indexOf('w') >= 0) entry._bytes = new Uint8Array(0);
    this._open++;
    const resize = function (size: number): void {
      const bytes = new Uint8Array(size);
      bytes.set(entry._bytes.subarray(0, Math.min(size, entry._bytes.length)));
      entry._bytes = bytes;
    };
    return {
      readAt: function (pos: number, buf: Uint8Array): number {
        const n = Math.max(0, Math.min(buf.length, entry._bytes.length - pos));
        buf.set(entry._bytes.subarray(pos, pos + n));
        return n;
      },
      writeAt: function (pos: number, buf: Uint8Array): void {
        if (pos + buf.length > entry._bytes.length) resize(pos + buf.length);
        entry._bytes.set(buf, pos);
      },
      size: function (): number {
        return entry._bytes.length;
      },
      truncate: resize,
      sync: function (): void {
        fs._save();
      },
      close: function (): void {
        fs._open--;
        fs._save();
      },
    };
  }

  ilistdir(): DirIterator {
    const entries = this._entries;
    let i = 0;
    return {
      next: function () {
        const one = entries[i++];
        return one ? { done: false, value: [one._name, TYPE_FILE, 0, one._bytes.length] } : { done: true };
      },
    };
  }

  stat(path: string): Stat {
    const size = path === '/' ? 0 : this._entries[this._find(path, 'stat')]._bytes.length;
    return [path === '/' ? TYPE_DIR : TYPE_FILE, 0, 0, 0, 0, 0, size, 0, 0, 0];
  }

  statvfs(): StatVfs {
    return [512, 512, 1, 0, 0, 0, 0, 0, 0, 255];
  }

  remove(path: string): void {
    this._entries.splice(this._find(path, 'remove'), 1);
    this._save();
  }
}

export const crumbs: Driver = {
  name: 'crumbs',
  volume: VfsCrumbs,
  probe: function (bdev: BlockDevice): boolean {
    const head = new Uint8Array(HEAD);
    return !readPiece(openDevice(bdev, 'mount', true), 0, 0, head) && le32(head, 0) === MAGIC;
  },
  create: function (bdev: BlockDevice): FileSystem {
    return new VfsCrumbs(bdev);
  },
};
