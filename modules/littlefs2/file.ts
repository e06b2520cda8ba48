import { EBADF, EFBIG, vfsError } from '../errno';
import type { RawFile } from '../filesystem';
import { blocksFreed, checkpoint, takeBlock } from './alloc';
import { commit } from './commit';
import { ctzIndex, pointer, pointerCount } from './ctz';
import { erase, flushDevice, readBytes } from './disk';
import { pairBytes } from './gstate';
import { fetch, KIND_INLINE, kindOf, ROW } from './mdir';
import { begin } from './mount';
import { mtimeBytes } from './mtime';
import { beginStream, emit, flushStream, newStream, type Stream } from './stream';
import { CTZSTRUCT, INLINESTRUCT, MTIME, mkTag, NULL, USERATTR } from './tags';
import { fail, type Volume } from './volume';

/** An open file. What is written becomes the file's content when it is synced or closed, all at once. */
export class Lfs2File implements RawFile {
  _fs: Volume;
  _path: string;
  _writable: boolean;
  /** Its entry: pair and id; the id is -1 once it is closed. */
  _a: number;
  _b: number;
  _id = 0;
  _dirty = false;
  /** Content of a small file; undefined for a CTZ list. */
  _inline: Uint8Array | undefined;
  _head = NULL;
  /** Size of the list or of the inline content, without what is being written. */
  _size = 0;
  /** Index and block of list members found last, from the head down. */
  _seen: number[] = [];
  /** The block being written: its index in the list (-1: none), the one before it, and the file position of the next byte. */
  _stream: Stream | undefined = undefined;
  _wIndex = -1;
  _wPrev = NULL;
  _wPos = 0;

  constructor(fs: Volume, path: string, a: number, b: number, id: number, writable: boolean) {
    this._fs = fs;
    this._path = path;
    this._writable = writable;
    this._a = a;
    this._b = b;
    this._id = id;
    loadStruct(this);
  }

  /** Reads into `buf` from `pos`; gives the number of bytes. */
  readAt(pos: number, buf: Uint8Array): number {
    const fs = this._fs;
    start(this, 'read', false);
    guarded(this, endWriting);
    const n = Math.min(buf.length, this._size - pos);
    if (n <= 0) return 0;
    if (this._inline) buf.set(this._inline.subarray(pos, pos + n));
    else {
      for (let at = 0; at < n; ) {
        const block = findBlock(this, ctzIndex(fs, pos + at));
        const piece = Math.min(n - at, fs._blockSize - fs._off);
        readBytes(fs, block, fs._off, buf.subarray(at, at + piece), fs._own.length);
        at += piece;
      }
    }
    return n;
  }

  /**
   * Writes `buf` at `pos`, zeros before it where the file ended earlier.
   * @throws ENOSPC, EFBIG...; then the file is again what it was when last synced.
   */
  writeAt(pos: number, buf: Uint8Array): void {
    start(this, 'write', true);
    if (pos + buf.length > this._fs._fileMax) fail(this._fs, EFBIG);
    guarded(this, function (f: Lfs2File): void {
      writeGap(f, pos);
      write(f, pos, buf);
    });
  }

  size(): number {
    return this._wIndex < 0 ? this._size : Math.max(this._size, this._wPos);
  }

  /** Cuts the file off at `size`, or lengthens it with zeros. */
  truncate(size: number): void {
    const fs = this._fs;
    start(this, 'truncate', true);
    if (size > fs._fileMax) fail(fs, EFBIG);
    guarded(this, function (f: Lfs2File): void {
      if (size > f.size()) writeGap(f, size);
      endWriting(f);
      if (size >= f._size) return;
      f._dirty = true;
      if (!f._inline) {
        if (size > fs._inlineMax) f._head = findBlock(f, ctzIndex(fs, size - 1));
        else {
          const content = new Uint8Array(fs._inlineMax);
          if (size) f.readAt(0, content.subarray(0, size));
          f._inline = content;
        }
        f._seen = [];
      }
      f._size = size;
    });
  }

  /** Makes the content written so far the file's content, across a power cut too. */
  sync(): void {
    start(this, 'sync', false);
    guarded(this, syncFile);
  }

  close(): void {
    const fs = this._fs;
    if (this._id < 0) return;
    try {
      start(this, 'close', false);
      guarded(this, syncFile);
    } finally {
      this._id = -1;
      fs._files.splice(fs._files.indexOf(this), 1);
      this._inline = this._stream = undefined;
    }
  }
}

function start(f: Lfs2File, operation: string, writing: boolean): void {
  const fs = f._fs;
  if (f._id < 0 || (writing && !f._writable)) throw vfsError(EBADF, operation, f._path);
  begin(fs, operation, f._path, f._dirty || writing);
}

/** Runs `change`; if it fails, what was written since the last sync is dropped. */
function guarded(f: Lfs2File, change: (f: Lfs2File) => void): void {
  let done = false;
  try {
    change(f);
    done = true;
  } finally {
    if (!done) {
      f._wIndex = -1;
      f._dirty = false;
      if (!f._fs._stale) {
        blocksFreed(f._fs);
        loadStruct(f);
      }
    }
  }
}

/** Takes place and content of the file from its entry. */
export function loadStruct(f: Lfs2File): void {
  const fs = f._fs;
  const m = fetch(fs, f._a, f._b);
  const r = f._id * ROW;
  const first = m._rows[r + 1];
  f._seen = [];
  f._size = m._rows[r + 2];
  if (kindOf(m, f._id) === KIND_INLINE) {
    f._inline = new Uint8Array(f._writable ? Math.max(f._size, fs._inlineMax) : f._size);
    readBytes(fs, m._a, first, f._inline.subarray(0, f._size), 0);
  } else {
    f._inline = undefined;
    f._head = first;
  }
}

/** The block with `index` in the file's list, found from the nearest one passed before. */
function findBlock(f: Lfs2File, index: number): number {
  const fs = f._fs;
  const seen = f._seen;
  while (seen.length && seen[seen.length - 2] < index) {
    seen.pop();
    seen.pop();
  }
  if (!seen.length) {
    const off = fs._off;
    seen.push(ctzIndex(fs, f._size - 1), f._head);
    fs._off = off;
  }
  let i = seen[seen.length - 2];
  let block = seen[seen.length - 1];
  while (i > index) {
    let skip = 0;
    while (!(i & ((2 << skip) - 1)) && i - (2 << skip) >= index) skip++;
    block = pointer(fs, block, skip);
    i -= 1 << skip;
    seen.push(i, block);
  }
  return block;
}

/** Lengthens the file to `pos` with zeros. */
function writeGap(f: Lfs2File, pos: number): void {
  let size = f.size();
  if (size >= pos) return;
  const zeros = new Uint8Array(Math.min(pos - size, f._fs._cacheSize));
  while (size < pos) {
    const n = Math.min(pos - size, zeros.length);
    write(f, size, zeros.subarray(0, n));
    size += n;
  }
}

function write(f: Lfs2File, pos: number, data: Uint8Array): void {
  const end = pos + data.length;
  f._dirty = true;
  const inline = f._inline;
  if (inline) {
    if (end <= f._fs._inlineMax) {
      inline.set(data, pos);
      if (end > f._size) f._size = end;
      return;
    }
    const size = f._size;
    f._inline = undefined;
    f._size = 0;
    beginWriting(f, 0);
    writeOn(f, inline.subarray(0, size));
  }
  if (f._wIndex >= 0 && f._wPos !== pos) endWriting(f);
  if (f._wIndex < 0) beginWriting(f, pos);
  writeOn(f, data);
}

/** A free block, erased. */
function freshBlock(fs: Volume): number {
  checkpoint(fs);
  for (;;) {
    const block = takeBlock(fs);
    if (erase(fs, block)) return block;
  }
}

/** Makes ready to write at `pos`: lists are copied on write, so the part of a block before `pos` goes to a new one. */
function beginWriting(f: Lfs2File, pos: number): void {
  const fs = f._fs;
  if (!f._stream) f._stream = newStream(fs);
  f._wPos = pos;
  if (!pos) {
    beginStream(f._stream, freshBlock(fs), 0);
    f._wIndex = 0;
    return;
  }
  const index = ctzIndex(fs, pos - 1);
  const used = fs._off + 1;
  const block = findBlock(f, index);
  if (used === fs._blockSize) extend(f, index, block);
  else {
    f._wPrev = index ? pointer(fs, block, 0) : NULL;
    beginStream(f._stream, freshBlock(fs), 0);
    f._wIndex = index;
    copyInto(f, block, used);
  }
}

/** Goes on in a new block behind `block`, which has `index`; it begins with the skip pointers. */
function extend(f: Lfs2File, index: number, block: number): void {
  const fs = f._fs;
  const stream = f._stream as Stream;
  beginStream(stream, freshBlock(fs), 0);
  f._wPrev = block;
  f._wIndex = index + 1;
  const pointers = pointerCount(index + 1);
  for (let k = 0; k < pointers; k++) {
    if (k) block = pointer(fs, block, k - 1);
    put(f, pairBytes(block, 0).subarray(0, 4));
  }
}

/** Copies the first `length` bytes of a block into the one being written. */
function copyInto(f: Lfs2File, block: number, length: number): void {
  const fs = f._fs;
  const piece = new Uint8Array(Math.min(length, fs._cacheSize));
  for (let at = 0; at < length; at += piece.length) {
    const part = piece.subarray(0, Math.min(piece.length, length - at));
    readBytes(fs, block, at, part, fs._own.length);
    put(f, part);
  }
}

/** Puts bytes into the block being written; if it turns out bad, all of it goes to another. */
function put(f: Lfs2File, data: Uint8Array): void {
  const stream = f._stream as Stream;
  const taken = emit(f._fs, stream, data);
  if (!stream._ok) rescue(f);
  if (taken < data.length) put(f, data.subarray(taken));
}

function rescue(f: Lfs2File): void {
  const stream = f._stream as Stream;
  const bad = stream._block;
  const programmed = stream._at - stream._fill;
  const rest = new Uint8Array(stream._fill);
  rest.set(stream._buf.subarray(0, stream._fill));
  beginStream(stream, freshBlock(f._fs), 0);
  copyInto(f, bad, programmed);
  put(f, rest);
}

function writeOn(f: Lfs2File, data: Uint8Array): void {
  const fs = f._fs;
  const stream = f._stream as Stream;
  for (let at = 0; at < data.length; ) {
    if (stream._at === fs._blockSize) {
      flush(f);
      extend(f, f._wIndex, stream._block);
    }
    const n = Math.min(fs._blockSize - stream._at, data.length - at);
    put(f, n === data.length ? data : data.subarray(at, at + n));
    at += n;
    f._wPos += n;
  }
}

function flush(f: Lfs2File): void {
  const stream = f._stream as Stream;
  flushStream(f._fs, stream);
  while (!stream._ok) {
    rescue(f);
    flushStream(f._fs, stream);
  }
}

/** Ends writing at a place: what followed it is copied behind, and the new list is the file's. */
function endWriting(f: Lfs2File): void {
  const fs = f._fs;
  if (f._wIndex < 0) return;
  if (f._wPos < f._size) {
    const piece = new Uint8Array(fs._cacheSize);
    while (f._wPos < f._size) {
      const block = findBlock(f, ctzIndex(fs, f._wPos));
      const part = piece.subarray(0, Math.min(piece.length, f._size - f._wPos, fs._blockSize - fs._off));
      readBytes(fs, block, fs._off, part, fs._own.length);
      writeOn(f, part);
    }
  }
  flush(f);
  f._head = (f._stream as Stream)._block;
  f._size = f._wPos;
  f._wIndex = -1;
  f._seen = [];
}

function syncFile(f: Lfs2File): void {
  const fs = f._fs;
  if (!f._dirty) return;
  endWriting(f);
  const ops: (number | Uint8Array)[] = [];
  if (f._inline) ops.push(mkTag(INLINESTRUCT, f._id, f._size), f._inline.subarray(0, f._size));
  else {
    // Data has to be on the medium before the metadata that names it.
    flushDevice(fs);
    ops.push(mkTag(CTZSTRUCT, f._id, 8), pairBytes(f._head, f._size));
  }
  if (fs._mtime) ops.push(mkTag(USERATTR + MTIME, f._id, 8), mtimeBytes());
  blocksFreed(fs);
  checkpoint(fs);
  commit(fs, fetch(fs, f._a, f._b), ops);
  f._dirty = false;
  flushDevice(fs);
}
