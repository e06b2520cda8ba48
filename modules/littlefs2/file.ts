import { EBADF, EFBIG, vfsError } from '../contract/errno';
import type { RawFile } from '../contract/filesystem';
import { equal, fill } from '../engine';
import { blocksFreed, checkpoint, releaseList, takeBlock } from './alloc';
import { begin } from './begin';
import { commit } from './commit';
import { ctzIndex, pointer } from './ctz';
import { erase, flushDevice, load, readBytes } from './disk';
import { NOTHING, pairBytes } from './gstate';
import type { Ops } from './log';
import { fetch, KIND_INLINE, kindOf, listOf, ROW } from './mdir';
import { newTime } from './mtime';
import { emit, flushStream, newStream, type Stream } from './stream';
import { CTZSTRUCT, INLINESTRUCT, MTIME, NULL } from './tags';
import { fail, fs, use, type Volume } from './volume';

/** An open file. What is written becomes the file's content when it is synced or closed, all at once. */
export class Lfs2File implements RawFile {
  _fs: Volume;
  _path: string;
  _writable: boolean;
  /** Its entry: pair and id; the id is -1 once it is closed, -2 if it got lost. */
  _a: number;
  _b: number;
  _id: number;
  /** How long it can get. */
  limit: number;
  /** Whether its content is not (or, for a reader, no longer) what its entry says. */
  _changed = false;
  /** Content of a small file; undefined for a CTZ list. */
  _inline: Uint8Array | undefined;
  /** Last block of the list. */
  _head!: number;
  /** Size of the list or of the inline content, without what is being written. */
  _size!: number;
  /** Whether what follows the content in its last block is erased: 1 yes, 0 perhaps, -1 its entry still names it, even if it reads so. */
  _clean!: number;
  /** Index and block of list members found last, from the head down. */
  _seen!: number[];
  /** The block being written: its index in the list (-1: none), the one before it, and the file position of the next byte. */
  _stream: Stream | undefined;
  _wIndex!: number;
  _wPrev!: number;
  _wPos!: number;
  /** Blocks that it has in common with the list that its entry names, from the first on: at most so many. */
  _shared!: number;

  constructor(path: string, a: number, b: number, id: number, writable: boolean) {
    this._fs = fs;
    this.limit = fs._fileMax;
    this._path = path;
    this._writable = writable;
    this._a = a;
    this._b = b;
    this._id = id;
    loadStruct(this);
  }

  /** Reads into `buf` from `pos`; gives the number of bytes. */
  readAt(pos: number, buf: Uint8Array): number {
    run(this, 'read', false, endWriting, 0, buf);
    const n = Math.min(buf.length, this._size - pos);
    return n > 0 ? readOn(this, pos, buf.subarray(0, n)) : 0;
  }

  /**
   * Writes `buf` at `pos`, zeros before it where the file ended earlier.
   * @throws ENOSPC, EFBIG...; then the file is again what it was when last synced.
   */
  writeAt(pos: number, buf: Uint8Array): void {
    run(this, 'write', true, write, pos, buf);
  }

  size(): number {
    return this._wIndex < 0 ? this._size : Math.max(this._size, this._wPos);
  }

  /** Cuts the file off at `size`, or lengthens it with zeros. */
  truncate(size: number): void {
    run(this, 'truncate', true, size < this.size() ? cut : write, size, NOTHING);
  }

  /** Makes the content written so far the file's content, across a power cut too. */
  sync(): void {
    run(this, 'sync', false, syncFile, 0, NOTHING);
  }

  close(): void {
    if (this._id === -1) return;
    const problems: unknown[] = [];
    use(this._fs);
    try {
      this.sync();
    } catch (error) {
      problems.push(error);
    }
    const files = this._fs._files;
    files.splice(files.indexOf(this), 1);
    this._id = -1;
    this._inline = this._stream = undefined;
    if (problems.length) throw problems[0];
  }
}

/** Does `work`; if it fails, what was written since the last sync is dropped. */
function run<B>(
  f: Lfs2File,
  operation: string,
  change: boolean,
  work: (f: Lfs2File, pos: number, data: B) => void,
  pos: number,
  data: B,
): void {
  if (f._id < 0 || (change && !f._writable)) throw vfsError(EBADF, operation, f._path);
  begin(f._fs, operation, f._path, f._writable && (change || f._changed));
  try {
    work(f, pos, data);
  } catch (problem) {
    // Another volume may be at work, where the device called one and failed.
    use(f._fs);
    if (f._writable) {
      f._changed = false;
      f._wIndex = NULL;
      if (!fs._stale) loadStruct(f);
    }
    throw problem;
  }
}

/** Larger than any list: see `_shared`. */
export const SHARED_ALL = 0x7fffffff;

/** Takes the content of the file from its entry. */
export function loadStruct(f: Lfs2File): void {
  const m = fetch(f._a, f._b);
  const rows = m._rows;
  const r = f._id * ROW;
  blocksFreed();
  f._changed = false;
  f._clean = 0;
  f._shared = SHARED_ALL;
  f._wIndex = -1;
  f._seen = [];
  f._head = rows[r + 1];
  f._size = rows[r + 2];
  f._inline = undefined;
  if (kindOf(m, f._id) === KIND_INLINE) {
    f._inline = new Uint8Array(f._writable ? Math.max(f._size, fs._inlineMax) : f._size);
    readBytes(m._a, f._head, f._inline.subarray(0, f._size), 0);
  }
}

/** Reads what is there: all of `buf` lies before the end. */
function readOn(f: Lfs2File, pos: number, buf: Uint8Array): number {
  const length = buf.length;
  if (f._inline) buf.set(f._inline.subarray(pos, pos + length));
  else {
    for (let at = 0, n = 0; at < length; at += n) {
      const index = ctzIndex(pos + at);
      const off = fs._off;
      n = Math.min(length - at, fs._blockSize - off);
      readBytes(findBlock(f, index), off, n === length ? buf : buf.subarray(at, at + n), fs._own.length);
    }
  }
  return length;
}

/** The block with `index` in the file's list, found from the nearest one passed before. */
function findBlock(f: Lfs2File, index: number): number {
  const seen = f._seen;
  while (seen.length && seen[seen.length - 2] < index) seen.splice(seen.length - 2, 2);
  if (!seen.length) seen.push(ctzIndex(f._size - 1), f._head);
  let i = seen[seen.length - 2];
  let block = seen[seen.length - 1];
  while (i > index) {
    let skip = 0;
    while (!(i & ((2 << skip) - 1)) && i - (2 << skip) >= index) skip++;
    block = pointer(block, skip);
    i -= 1 << skip;
    seen.push(i, block);
  }
  return block;
}

/** Writes `data` at `pos`, after zeros where the file ended earlier. */
function write(f: Lfs2File, pos: number, data: Uint8Array): void {
  const end = pos + data.length;
  const size = f.size();
  const inline = f._inline;
  if (end > fs._fileMax) fail(EFBIG);
  if (end === pos && pos <= size) return;
  f._changed = true;
  if (inline && end <= fs._inlineMax) {
    for (let i = size; i < pos; i++) inline[i] = 0;
    inline.set(data, pos);
    f._size = Math.max(size, end);
    return;
  }
  if (inline) {
    f._inline = undefined;
    f._size = 0;
    beginWriting(f, 0);
    writeOn(f, inline.subarray(0, size));
  }
  const start = Math.min(pos, size);
  if (f._wIndex >= 0 && f._wPos !== start) endWriting(f);
  if (f._wIndex < 0) beginWriting(f, start);
  const zeros = new Uint8Array(Math.min(pos - start, fs._cacheSize));
  while (f._wPos < pos) writeOn(f, zeros.subarray(0, Math.min(zeros.length, pos - f._wPos)));
  writeOn(f, data);
}

/** A stream into a free, erased block. */
function freshStream(f: Lfs2File): void {
  let block: number;
  do block = takeBlock();
  while (!erase(block));
  f._stream = newStream(f._stream, block, 0);
}

/** Whether a block is erased from `off` on. */
function isErased(block: number, off: number): boolean {
  const ones = new Uint8Array(fs._own.length);
  fill(ones, 0xff);
  for (let n = 0; off < fs._blockSize; off += n) {
    // A torn append may have left what cannot even be read.
    if (load(block, off, 1, ones.length)) return false;
    const i = off - fs._wOff;
    n = Math.min(fs._wLen - i, ones.length);
    if (!equal(fs._w.subarray(i, i + n), ones.subarray(0, n))) return false;
  }
  return true;
}

/**
 * Makes ready to write at `pos`. At the end of the file it goes on in the last block, if the rest of that is erased: a
 * block may hold more than the file's size says. Else lists are copied on write, the part of a block before `pos` too.
 */
function beginWriting(f: Lfs2File, pos: number): void {
  f._wPos = pos;
  checkpoint();
  if (!pos) {
    freshStream(f);
    f._wIndex = f._shared = 0;
    return;
  }
  const index = ctzIndex(pos - 1);
  const used = fs._off + 1;
  const block = findBlock(f, index);
  f._shared = Math.min(f._shared, index + 1);
  if (used === fs._blockSize) extend(f, index, block);
  else {
    f._wPrev = index ? pointer(block, 0) : NULL;
    if (pos === f._size && used % fs._unit === 0 && (f._clean || isErased(block, used)) && f._clean >= 0) {
      f._stream = newStream(f._stream, block, used);
      f._wIndex = index;
    } else {
      moveInto(f, block, used, NOTHING);
      f._wIndex = index;
      f._shared = Math.min(f._shared, index);
    }
  }
}

/** Goes on in a new block behind `block`, which has `index`; it begins with the skip pointers. */
function extend(f: Lfs2File, index: number, block: number): void {
  checkpoint();
  freshStream(f);
  f._wPrev = block;
  f._wIndex = ++index;
  for (let k = 0; ; k++) {
    put(f, pairBytes(block, 0).subarray(0, 4));
    if (index & 1) break;
    index >>= 1;
    block = pointer(block, k);
  }
}

/** Copies the first `length` bytes of a block into a fresh one, `rest` behind them, until it finds one that is good. */
function moveInto(f: Lfs2File, block: number, length: number, rest: Uint8Array): void {
  const piece = new Uint8Array(Math.min(length, fs._cacheSize));
  do {
    freshStream(f);
    for (let at = 0; at < length; at += piece.length) {
      // Espruino's `subarray` does not stop at the end of its array.
      const part = piece.subarray(0, Math.min(piece.length, length - at));
      readBytes(block, at, part, fs._own.length);
      emit(f._stream as Stream, part);
    }
    emit(f._stream as Stream, rest);
  } while (!(f._stream as Stream)._ok);
}

/** Goes on elsewhere if the block being written has turned out bad. */
function rescue(f: Lfs2File): void {
  const bad = f._stream as Stream;
  if (bad._ok) return;
  const rest = new Uint8Array(bad._fill);
  rest.set(bad._buf.subarray(0, bad._fill));
  // Nothing else names it while it is copied.
  fs._taken.push(bad._block);
  moveInto(f, bad._block, bad._at - bad._fill, rest);
}

/** Puts bytes into the block being written. */
function put(f: Lfs2File, data: Uint8Array): void {
  for (let at = 0; at < data.length; ) {
    at += emit(f._stream as Stream, at ? data.subarray(at) : data);
    rescue(f);
  }
}

function writeOn(f: Lfs2File, data: Uint8Array): void {
  for (let at = 0, n = 0; at < data.length; at += n) {
    const stream = f._stream as Stream;
    n = Math.min(fs._blockSize - stream._at, data.length - at);
    if (n) put(f, n === data.length ? data : data.subarray(at, at + n));
    else {
      flush(f);
      extend(f, f._wIndex, (f._stream as Stream)._block);
    }
    f._wPos += n;
  }
}

function flush(f: Lfs2File): void {
  flushStream(f._stream as Stream);
  while (!(f._stream as Stream)._ok) {
    rescue(f);
    flushStream(f._stream as Stream);
  }
}

/** Ends writing at a place: what followed it is copied behind, and the new list is the file's. */
function endWriting(f: Lfs2File): void {
  if (f._wIndex < 0) return;
  const piece = new Uint8Array(Math.min(fs._cacheSize, Math.max(f._size - f._wPos, 0)));
  while (f._wPos < f._size) {
    const part = piece.subarray(0, Math.min(piece.length, f._size - f._wPos));
    readOn(f, f._wPos, part);
    writeOn(f, part);
  }
  flush(f);
  f._head = (f._stream as Stream)._block;
  f._size = f._wPos;
  f._wIndex = -1;
  f._seen = [];
  f._clean = 1;
}

/** Shortens the file: the list ends earlier, or becomes inline. */
function cut(f: Lfs2File, size: number): void {
  endWriting(f);
  f._changed = true;
  f._clean = -1;
  if (!f._inline) {
    const index = size > fs._inlineMax ? ctzIndex(size - 1) : -1;
    f._shared = Math.min(f._shared, index + 1);
    if (index >= 0) f._head = findBlock(f, index);
    else {
      const content = new Uint8Array(fs._inlineMax);
      readOn(f, 0, content.subarray(0, size));
      f._inline = content;
    }
    f._seen = [];
  }
  f._size = size;
}

function syncFile(f: Lfs2File): void {
  if (!f._changed || !f._writable) return;
  endWriting(f);
  const id = f._id;
  const inline = f._inline;
  const ops: Ops = inline ? [INLINESTRUCT, id, inline.subarray(0, f._size)] : [CTZSTRUCT, id, pairBytes(f._head, f._size)];
  // Data has to be on the medium before the metadata that names it.
  if (!inline) flushDevice();
  blocksFreed();
  checkpoint();
  const m = fetch(f._a, f._b);
  const time = newTime(m, id);
  if (time) ops.push(MTIME, id, time);
  let alone = true;
  for (let i = 0; i < fs._files.length; i++) {
    const other = fs._files[i];
    // A compaction swaps the blocks of a pair, and files that were opened before it have them the other way round.
    if (other !== f && other._id === f._id && (other._a === f._a || other._a === f._b)) {
      other._changed = true;
      // It goes on reading what was there.
      alone = false;
    }
  }
  fs._leaving = listOf(m, id);
  commit(m, ops);
  if (alone) {
    releaseList(f._shared);
    f._clean = Math.max(f._clean, 0);
  }
  f._shared = SHARED_ALL;
  f._changed = false;
}
