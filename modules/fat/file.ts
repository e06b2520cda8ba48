import { EBADF, ECORRUPT, EFBIG, ENOSPC } from '../contract/errno';
import type { RawFile } from '../contract/filesystem';
import { copy, le32, putLe32 } from '../engine';
import { ATTR_ARCHIVE, entryCluster, setCluster } from './dir';
import { fatEntry, flush, load, loadMeta, sectorOf, syncVolume, transfer } from './sector';
import { finish, freeChain, nextCluster, reach, touch } from './table';
import { fatTime } from './time';
import { type Chain, fail, fs, type OpenFile, use, type Volume } from './volume';

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
  _size: number;
  /** How long it can get. */
  limit = 0xffffffff;
  /** Whether the entry has to be written. */
  _changed = false;

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
  }

  readAt(pos: number, buf: Uint8Array): number {
    const n = Math.max(Math.min(buf.length, this._size - pos), 0);
    enter(this, 'read', false);
    move(this, pos, n < buf.length ? buf.subarray(0, n) : buf, false);
    return n;
  }

  /** Writes `buf` at `pos`, zeros before it where the file ended earlier. @throws ENOSPC with as much written as there was room for; EFBIG */
  writeAt(pos: number, buf: Uint8Array): void {
    enter(this, 'write', true);
    if (pos + buf.length > 0xffffffff) fail(EFBIG);
    const step = Math.max(fs._sectorSize, 4096);
    const zeros = new Uint8Array(Math.max(0, Math.min(pos - this._size, step)));
    // Whole sectors after the first piece.
    while (this._size < pos)
      move(this, this._size, zeros.subarray(0, Math.min(pos - this._size, step - (this._size % fs._sectorSize))), true);
    move(this, pos, buf, true);
  }

  size(): number {
    return this._size;
  }

  truncate(size: number): void {
    enter(this, 'truncate', true);
    if (size < this._size) shrink(this, size);
    else this.writeAt(size, new Uint8Array(0));
  }

  sync(): void {
    enter(this, 'sync', false);
    syncFile(this);
  }

  close(): void {
    const files = this._fs._files;
    const i = files.indexOf(this);
    const problems: unknown[] = [];
    if (i < 0) return;
    use(this._fs);
    try {
      this.sync();
    } catch (error) {
      problems.push(error);
    }
    files.splice(i, 1);
    if (problems.length) throw problems[0];
    finish();
  }
}

/** Begins a method; one that writes marks volume and file. */
function enter(f: FatFile, operation: string, writes: boolean): void {
  use(f._fs);
  fs._operation = operation;
  fs._path = f._path;
  if (fs._files.indexOf(f) < 0 || (writes && !f._writable)) fail(EBADF);
  if (writes) change(f);
}

/** The entry of the file will have to be written. */
export function change(f: OpenFile): void {
  touch();
  f._changed = true;
}

/** Reads or writes: whole sectors directly, as many as lie together in one call, pieces of sectors through the window. */
export function move(f: Chain & { _size: number }, pos: number, buf: Uint8Array, write: boolean): void {
  const size = fs._sectorSize;
  const clusterSize = fs._clusterSize;
  const length = buf.length;
  for (let done = 0, n = 0; done < length; done += n, pos += n) {
    let index = Math.floor(pos / clusterSize);
    const within = pos - index * clusterSize;
    const off = within % size;
    const cluster = reach(f, index, write) || fail(write ? ENOSPC : ECORRUPT);
    const sector = sectorOf(cluster) + Math.floor(within / size);
    if (cluster < 2) fail(ECORRUPT);
    n = length - done;
    let run = size - off;
    if (run === size && n >= size) {
      run = clusterSize - within;
      for (let last = cluster; run < n && reach(f, ++index, write) === ++last; ) run += clusterSize;
      n -= n % size;
    }
    if (n > run) n = run;
    const piece = n < length ? buf.subarray(done, done + n) : buf;
    if (n >= size) transfer(sector, piece, write);
    else {
      const b = load(fs._data, sector, write && pos - off >= f._size);
      if (write) {
        copy(b, off, piece);
        fs._data._dirty = true;
      } else copy(piece, 0, b.subarray(off, off + n));
    }
    if (write && pos + n > f._size) f._size = pos + n;
  }
}

/** Writes the directory entry. */
function writeEntry(f: OpenFile): void {
  const b = loadMeta(f._sector);
  const at = f._at;
  const time = fatTime();
  b[at + 11] |= ATTR_ARCHIVE;
  putLe32(b, at + 18, time >>> 16);
  putLe32(b, at + 22, time);
  setCluster(b, at, f._first);
  putLe32(b, at + 28, f._size);
  fs._meta._dirty = true;
  syncVolume();
  f._linked = f._first > 0;
  f._changed = false;
}

export function syncFile(f: OpenFile): void {
  if (!f._changed) return;
  flush(fs._data);
  syncVolume();
  if (f._linkFrom) {
    fatEntry(f._linkFrom, f._linkTo);
    f._linkFrom = 0;
    syncVolume();
  }
  writeEntry(f);
}

/** Cuts the file off. */
export function shrink(f: OpenFile, size: number): void {
  let rest = f._first;
  syncFile(f);
  f._size = size;
  if (!size) f._first = 0;
  writeEntry(f);
  if (size) {
    const tail = reach(f, Math.ceil(size / fs._clusterSize) - 1, false);
    rest = nextCluster(tail);
    if (rest && !fs._doubt) fatEntry(tail, fs._mask);
  }
  f._index = 0;
  f._cluster = f._first;
  freeChain(rest);
  syncVolume();
}
