import { EBADF, ECORRUPT, ENOSPC } from '../contract/errno';
import { copy, fill, putLe32 } from '../engine';
import { takeCluster } from './bitmap';
import { append, chainOf, END, freeClusters, putFat, reach, rewind } from './chain';
import { finish, touch } from './clean';
import { putHead, readSlots } from './dir';
import * as room from './room.lazy';
import { ATTR_ARCHIVE } from './scan';
import { flush, le64, load, putLe64, sectorOf, syncVolume, transfer } from './sector';
import { putTime } from './time';
import { type Chain, fail, fs, type OpenFile, use, type Volume } from './volume';

/**
 * An open file. Growth is written in the order data, FAT and bitmap, entry set: that alone says how many clusters a file has.
 * Shrinking goes the other way round. Where a file ends others may see what was there before: so all of it is written, zeros too.
 */
export class ExFatFile implements OpenFile {
  _fs: Volume;
  _path: string;
  _writable: boolean;
  _sector: number;
  _at: number;
  _first: number;
  _contiguous: boolean;
  _count: number;
  _index = 0;
  _cluster: number;
  _seen: number;
  _seenAt = 0;
  _marks: Uint32Array | undefined = undefined;
  _known = 0;
  _step = 1;
  _up: Chain | undefined;
  _slot: number;
  _size: number;
  _valid: number;
  _changed = false;
  _reserved = false;

  /** @throws ECORRUPT for a size that the volume cannot hold */
  constructor(writable: boolean) {
    const set = fs._set;
    const chain = chainOf(set);
    this._fs = fs;
    this._path = fs._path;
    this._writable = writable;
    this._sector = fs._sector;
    this._at = fs._at;
    this._up = fs._dir;
    this._slot = fs._slot;
    this._first = this._cluster = this._seen = chain._first;
    this._contiguous = chain._contiguous;
    this._count = chain._count;
    this._size = le64(set, 56);
    this._valid = Math.min(le64(set, 40), this._size);
  }

  readAt(pos: number, buf: Uint8Array): number {
    const n = Math.max(Math.min(buf.length, this._size - pos), 0);
    const valid = Math.max(Math.min(n, this._valid - pos), 0);
    enter(this, 'read', false);
    move(this, pos, valid < buf.length ? buf.subarray(0, valid) : buf, false);
    if (valid < n) fill(buf.subarray(valid, n), 0);
    return n;
  }

  /** Writes `buf` at `pos`, zeros before it where the file ended earlier. @throws ENOSPC with as much written as there was room for */
  writeAt(pos: number, buf: Uint8Array): void {
    enter(this, 'write', true);
    const end = pos + buf.length;
    if (end > (fs._last - 1) * fs._clusterSize) fail(ENOSPC);
    if (this._valid < pos) fillTo(this, pos);
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

  /** Takes clusters, in one piece if there is one: those behind the end when the file is closed are freed. */
  reserve(bytes: number): void {
    enter(this, 'reserve', true);
    room.reserve(this, bytes, shrink);
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
      if (this._reserved) shrink(this, this._size);
    } catch (error) {
      problems.push(error);
    }
    files.splice(i, 1);
    if (problems.length) throw problems[0];
    finish();
  }
}

/** Begins a method; one that writes marks volume and file. */
function enter(f: OpenFile, operation: string, writes: boolean): void {
  use(f._fs);
  fs._operation = operation;
  fs._path = f._path;
  if (fs._files.indexOf(f) < 0 || (writes && !f._writable)) fail(EBADF);
  if (writes) change(f);
}

/** The entry set of the file will have to be written. */
export function change(f: OpenFile): void {
  touch();
  f._changed = true;
}

/** The cluster with that index; to `write`, one that is added where they end, 0 if none is free. */
function clusterAt(f: Chain, index: number, write: boolean): number {
  if (write && index >= f._count) {
    const tail = f._count && reach(f, f._count - 1);
    const cluster = takeCluster(tail);
    if (cluster) append(f, tail, cluster);
    return cluster;
  }
  return reach(f, index);
}

/** Reads or writes: whole sectors directly, as many as lie together in one call, pieces of sectors through the window. */
export function move(f: Chain & { _size: number; _valid: number }, pos: number, buf: Uint8Array, write: boolean): void {
  const size = fs._sectorSize;
  const clusterSize = fs._clusterSize;
  const length = buf.length;
  for (let done = 0, n = 0; done < length; done += n, pos += n) {
    let index = Math.floor(pos / clusterSize);
    const within = pos - index * clusterSize;
    const off = within % size;
    const cluster = clusterAt(f, index, write) || fail(write ? ENOSPC : ECORRUPT);
    const sector = sectorOf(cluster) + Math.floor(within / size);
    n = length - done;
    let run = size - off;
    if (run === size && n >= size) {
      run = clusterSize - within;
      for (let last = cluster; run < n && clusterAt(f, ++index, write) === ++last; ) run += clusterSize;
      n -= n % size;
    }
    if (n > run) n = run;
    const piece = n < length ? buf.subarray(done, done + n) : buf;
    if (n >= size) transfer(sector, piece, write);
    else {
      // Of a sector behind all that is valid nothing is kept.
      const b = load(fs._data, sector, write && pos - off >= f._valid);
      if (write) {
        copy(b, off, piece);
        fs._data._dirty = true;
      } else copy(piece, 0, b.subarray(off, off + n));
    }
    if (!write) continue;
    f._valid = Math.max(f._valid, pos + n);
    f._size = Math.max(f._size, f._valid);
  }
}

/** Writes zeros up to `pos`. */
export function fillTo(f: OpenFile, pos: number): void {
  const step = Math.max(fs._sectorSize, 4096);
  const zeros = new Uint8Array(Math.max(0, Math.min(pos - f._valid, step)));
  // Whole sectors after the first piece.
  while (f._valid < pos) move(f, f._valid, zeros.subarray(0, Math.min(pos - f._valid, step - (f._valid % fs._sectorSize))), true);
}

/** Writes the entry set. */
function writeSet(f: OpenFile): void {
  const dir = f._up as Chain;
  const head = new Uint8Array(64);
  if (!readSlots(dir, f._slot, head)) fail(ECORRUPT);
  const set = new Uint8Array(head[1] * 32 + 32);
  if (!readSlots(dir, f._slot, set)) fail(ECORRUPT);
  set[4] |= ATTR_ARCHIVE;
  putTime(set, false);
  // What an empty file has reserved is nobody's on the medium.
  set[33] = f._size && f._contiguous ? 3 : 1;
  putLe64(set, 40, f._valid);
  putLe32(set, 52, f._size && f._first);
  putLe64(set, 56, f._size);
  putHead(dir, f._slot, set);
  syncVolume();
  f._changed = false;
}

export function syncFile(f: OpenFile): void {
  if (!f._changed) return;
  flush(fs._data);
  syncVolume();
  writeSet(f);
}

/** Cuts the file off. */
export function shrink(f: OpenFile, size: number): void {
  const count = f._count;
  const keep = Math.ceil(size / fs._clusterSize);
  const freed = reach(f, keep);
  const contiguous = f._contiguous;
  syncFile(f);
  f._size = size;
  f._valid = Math.min(f._valid, size);
  f._count = keep;
  f._known = Math.min(f._known, Math.ceil(keep / f._step));
  f._reserved = false;
  if (!keep) f._first = 0;
  writeSet(f);
  rewind(f, 0);
  if (keep && freed && !contiguous && !fs._doubt && !fs._wasDirty) putFat(reach(f, keep - 1), END);
  freeClusters(freed, count - keep, contiguous);
  syncVolume();
}
