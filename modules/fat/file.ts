import { EBADF } from '../contract/errno';
import type { RawFile } from '../contract/filesystem';
import { le32 } from '../engine';
import { move } from './content';
import { entryCluster } from './dir';
import * as room from './room.lazy';
import { FIRST_STEP, fail, fs, type OpenFile, use, type Volume } from './volume';
import * as write from './write.lazy';

/**
 * An open file. Growth is written in the order data, FAT, directory entry: the clusters that were added hang on the old
 * chain, or are named by the entry, only when all of them are on the medium. Shrinking goes the other way round.
 */
export class FatFile implements RawFile, OpenFile {
  _fs: Volume;
  _path: string;
  _writable: boolean;
  /** Where its entry lies: sector and offset. */
  _sector: number;
  _at: number;
  _first: number;
  _cluster: number;
  _linked: boolean;
  _index: number;
  _linkFrom: number;
  _linkTo: number;
  _checked: number;
  declare _marks: Uint32Array | undefined;
  _step: number;
  _mark: number;
  _size: number;
  /** How long it can get. */
  limit = 0xffffffff;
  _open = false;
  /** Whether the entry has to be written. */
  _changed = false;
  _reserved = false;

  constructor(writable: boolean) {
    this._fs = fs;
    this._path = fs._path;
    this._writable = writable;
    this._sector = fs._sector;
    this._at = fs._at;
    this._size = le32(fs._entry, 28) >>> 0;
    // What an empty file names may be another's, by an entry that was torn.
    this._first = this._cluster = this._size && entryCluster();
    this._linked = this._first > 0;
    this._index = this._linkFrom = this._linkTo = this._checked = 0;
    this._step = this._mark = FIRST_STEP;
  }

  readAt(pos: number, buf: Uint8Array): number {
    const n = Math.max(Math.min(buf.length, this._size - pos), 0);
    enter(this, 'read');
    move(this, pos, n < buf.length ? buf.subarray(0, n) : buf, undefined);
    return n;
  }

  /** Writes `buf` at `pos`, zeros before it where the file ended earlier. @throws ENOSPC with as much written as there was room for; EFBIG */
  writeAt(pos: number, buf: Uint8Array): void {
    enter(this, 'write');
    write.writeAt(this, pos, buf);
  }

  size(): number {
    return this._size;
  }

  truncate(size: number): void {
    enter(this, 'truncate');
    write.truncate(this, size);
  }

  /** Lengthens the chain, in one piece if there is one: what is behind the end when the file is closed is freed. */
  reserve(bytes: number): void {
    enter(this, 'reserve');
    if (!this._writable) fail(EBADF);
    room.reserve(this, bytes);
  }

  sync(): void {
    enter(this, 'sync');
    if (this._changed) write.syncFile(this);
  }

  close(): void {
    const files = this._fs._files;
    if (!this._open) return;
    enter(this, 'sync');
    files.splice(files.indexOf(this), 1);
    this._open = false;
    if (this._writable) write.closeFile(this);
  }
}

/** Begins a method. */
function enter(f: FatFile, operation: string): void {
  use(f._fs);
  fs._operation = operation;
  fs._path = f._path;
  if (!f._open) fail(EBADF);
}
