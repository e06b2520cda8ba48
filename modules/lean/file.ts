/** Open files. */
import { EBADF, EEXIST, EFBIG, EINVAL, EISDIR, ENOENT, ENOSPC, expect, isWhole } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { decodeText, encodeText, le32 } from '../engine';
import { CTZSTRUCT, INLINESTRUCT } from '../littlefs/tags';
import { begin, recall } from './begin';
import { take } from './blocks';
import * as changes from './change.lazy';
import { commit } from './commit';
import { blockAt, indexOf, offsetOf, readList } from './ctz';
import { bytesAt, check, flush, isErased, newStream, put, word } from './disk';
import * as free from './free.lazy';
import { dataOf, tag, wordBytes } from './table';
import { find, isDirectory, listSize, look } from './tree';
import { fail, type LeanFile, NOTHING, NULL, type Stream, v } from './volume';

/** Bits of an open mode: 1 `r`, 2 `w`, 4 `a`, 8 `x`, 16 `+`, 32 `b`. */
const APPEND = 4;
const BINARY = 32;
const READABLE = 17;
const WRITABLE = 30;

/** The largest file that lies in its entry, and the largest of all. */
function inlineMost(): number {
  // MicroPython's littlefs reads so many bytes of an entry. Where blocks are few, a file had better need none.
  return Math.min(v._blocks < 16 ? 512 : 128, v._size >> 3);
}
const MOST = 0x7fffffff;

function sizeOf(f: LeanFile): number {
  return f._data ? f._data.length : f._stream ? Math.max(f._size, f._at) : f._size;
}

/** A free block for a file. The pair at hand may be another then. @throws ENOSPC */
function takeBlock(): number {
  if (!v._map || !v._free) free.countFree();
  const block = take();
  if (block === NULL) fail(ENOSPC);
  return block;
}

/** Begins a block of its list: the first `off` bytes as those of `like`, or with pointers behind `head`. */
function beginBlock(f: LeanFile, index: number, head: number, like: number, off: number): void {
  const s = newStream(takeBlock(), 0);
  let pointer = head;
  // As many as its index has zeros at the end, and one.
  for (let k = 0; like < 0 && index && index % (1 << k) === 0; k++) {
    if (k) pointer = word(pointer, 4 * k - 4);
    put(s, wordBytes([pointer]));
  }
  for (let at = 0; like >= 0 && at < off; at += 256) put(s, bytesAt(like, at, Math.min(256, off - at)));
  f._stream = s;
  f._index = index;
  f._before = head;
}

/** Makes ready for writing a list at `pos`, which is in it or at its end. */
function beginAt(f: LeanFile, pos: number): void {
  const last = f._size ? indexOf(f._size - 1) : -1;
  const index = indexOf(pos);
  const off = offsetOf(pos, index);
  if (index > last) beginBlock(f, index, last < 0 ? NULL : f._head, NULL, 0);
  else {
    const block = blockAt(f._head, last, index);
    const before = index ? word(block, 0) : NULL;
    // What is erased behind its end can be programmed: no reader looks there before its entry says so.
    if (pos === f._size && off % v._unit === 0 && isErased(block, off, v._size)) {
      f._stream = newStream(block, off);
      f._index = index;
      f._before = before;
    } else beginBlock(f, index, before, block, off);
  }
  f._at = pos;
}

/** Writes on in its list. */
function putList(f: LeanFile, data: Uint8Array): void {
  for (let done = 0; done < data.length; ) {
    let s = f._stream as Stream;
    if (s._at + s._fill === v._size) {
      flush(s);
      beginBlock(f, f._index + 1, s._block, NULL, 0);
      s = f._stream as Stream;
    }
    const length = Math.min(data.length - done, v._size - s._at - s._fill);
    put(s, data.subarray(done, done + length));
    done += length;
    f._at += length;
  }
}

/** Ends what is written of its list: that is all of it then. */
function settle(f: LeanFile): void {
  const s = f._stream;
  if (!s) return;
  // What follows of the old list, in pieces.
  while (f._at < f._size) {
    const piece = new Uint8Array(Math.min(256, f._size - f._at));
    readList(f._head, f._size, f._at, piece);
    putList(f, piece);
  }
  const whole = (f._stream as Stream)._fill % v._unit === 0;
  flush(f._stream as Stream);
  f._head = (f._stream as Stream)._block;
  f._size = f._at;
  if (!whole) f._stream = undefined;
}

/** All of it, and no device in its way: for what follows the end there are zeros. */
function writeAt(f: LeanFile, pos: number, data: Uint8Array): void {
  const end = pos + data.length;
  if (end > v._fileMax) fail(EFBIG);
  f._changed = true;
  for (let at = sizeOf(f); at < pos; at = sizeOf(f)) writeAt(f, at, new Uint8Array(Math.min(256, pos - at)));
  const old = f._data;
  if (old) {
    const content = new Uint8Array(Math.max(old.length, end));
    content.set(old);
    content.set(data, pos);
    f._data = content;
    if (content.length <= inlineMost()) return;
    f._data = undefined;
    f._size = 0;
    data = content;
    pos = 0;
  }
  if (!f._stream || f._at !== pos) {
    settle(f);
    f._stream = undefined;
    beginAt(f, pos);
  }
  putList(f, data);
}

/** Makes its entry say what it is. */
function sync(f: LeanFile): void {
  if (!f._changed) return;
  f._torn = true;
  settle(f);
  f._torn = false;
  if (!f._data) check((v._bdev as Required<BlockDevice>).ioctl(3, 0));
  begin();
  const id = look(f._dir, f._name);
  if (id < 0) fail(ENOENT);
  const data = f._data || wordBytes([f._head, f._size]);
  commit([tag(f._data ? INLINESTRUCT : CTZSTRUCT, id, data.length), data]);
  f._changed = false;
}

/** Makes it what its entry says. */
function load(f: LeanFile, id: number): void {
  if (id < 0) fail(ENOENT);
  const content = v._rows[id * 2 + 1];
  const data = dataOf(content, []);
  f._data = f._stream = undefined;
  f._changed = f._torn = false;
  f._head = f._size = f._at = 0;
  if (content >> 28 === 3) {
    f._head = le32(data, 0);
    f._size = listSize(data);
  } else f._data = new Uint8Array(data);
}

/** Reads up to the end of the file or of the buffer; gives how many bytes. */
function readAt(f: LeanFile, pos: number, buf: Uint8Array): number {
  f._torn = true;
  settle(f);
  f._torn = false;
  const length = Math.max(0, Math.min(buf.length, sizeOf(f) - pos));
  const into = buf.subarray(0, length);
  if (f._data) into.set(f._data.subarray(pos, pos + length));
  else if (length) readList(f._head, f._size, pos, into);
  return length;
}

/** @throws EBADF for a file that is closed, or not open for that direction */
function enter(f: LeanFile, operation: string, direction: number): void {
  v._operation = operation;
  v._path = f._path;
  if (!(f._bits & direction)) fail(EBADF);
  if (f._torn) {
    recall();
    load(f, look(f._dir, f._name));
  }
}

/** What an open file can do. */
const methods = {
  read: function (this: LeanFile, n?: number): string | Uint8Array {
    enter(this, 'read', READABLE);
    const left = Math.max(0, sizeOf(this) - this._pos);
    if (n !== undefined && !isWhole(n, -MOST, MOST)) fail(EINVAL, 'n ' + n);
    const buf = new Uint8Array(n === undefined || n < 0 ? left : Math.min(n, left));
    this._pos += readAt(this, this._pos, buf);
    return this._bits & BINARY ? buf : decodeText(buf);
  },

  readinto: function (this: LeanFile, buf: Uint8Array): number {
    enter(this, 'readinto', READABLE);
    expect(buf instanceof Uint8Array, 'buf');
    const got = readAt(this, this._pos, buf);
    this._pos += got;
    return got;
  },

  readline: function (this: LeanFile): string | Uint8Array {
    enter(this, 'readline', READABLE);
    const from = this._pos;
    const piece = new Uint8Array(64);
    let to = from;
    for (let got = 64; got === 64; ) {
      got = readAt(this, to, piece);
      const at = piece.subarray(0, got).indexOf(10);
      to += at < 0 ? got : at + 1;
      if (at >= 0) break;
    }
    return methods.read.call(this, to - from);
  },

  write: function (this: LeanFile, data: string | Uint8Array): number {
    enter(this, 'write', WRITABLE);
    const bytes = typeof data === 'string' ? encodeText(data) : data;
    expect(bytes instanceof Uint8Array, 'data');
    if (this._bits & APPEND) this._pos = sizeOf(this);
    this._torn = true;
    if (bytes.length) writeAt(this, this._pos, bytes);
    this._torn = false;
    this._pos += bytes.length;
    return bytes.length;
  },

  seek: function (this: LeanFile, offset: number, whence?: number): number {
    enter(this, 'seek', READABLE | WRITABLE);
    if (whence !== undefined && !isWhole(whence, 0, 2)) fail(EINVAL, 'whence ' + whence);
    const to = (whence === 1 ? this._pos : whence === 2 ? sizeOf(this) : 0) + offset;
    if (!isWhole(to, 0, MOST)) fail(EINVAL, 'offset ' + offset);
    this._pos = to;
    return to;
  },

  tell: function (this: LeanFile): number {
    enter(this, 'tell', READABLE | WRITABLE);
    return this._pos;
  },

  flush: function (this: LeanFile): void {
    enter(this, 'flush', READABLE | WRITABLE);
    sync(this);
  },

  close: function (this: LeanFile): void {
    const bits = this._bits;
    if (!bits) return;
    try {
      enter(this, 'close', bits);
      sync(this);
    } finally {
      v._files.splice(v._files.indexOf(this), 1);
      this._bits = 0;
      this._stream = this._data = undefined;
    }
  },
};

/** Opens a file of the volume. */
export function openFile(names: string[], mode: string): LeanFile {
  expect(typeof mode === 'string', 'mode');
  // Exactly one of the four is left; the shift by -1 gives a negative number.
  let bits = 1 << ['r', 'w', 'a', 'x'].indexOf(mode.replace('+', '').replace(/[bt]/, ''));
  if (bits <= 0) fail(EINVAL, 'mode ' + mode);
  bits |= (mode.indexOf('+') < 0 ? 0 : 16) | (mode.indexOf('b') < 0 ? 0 : BINARY);
  if (bits & WRITABLE) begin();
  const found = find(names);
  let id = found._id;
  if (!names.length || (id >= 0 && isDirectory(id))) fail(EISDIR);
  if (id < 0 && bits & 1) fail(ENOENT);
  if (id >= 0 && bits & 8) fail(EEXIST);
  if (bits & WRITABLE && v._files.length) changes.refuseOpen(found, WRITABLE);
  const f: LeanFile = Object.create(methods);
  f._dir = found._dir;
  f._name = found._name;
  f._path = v._path;
  f._bits = bits;
  f._pos = 0;
  if (id < 0) id = changes.makeFile(found);
  load(f, id);
  if (bits & 2 && sizeOf(f)) {
    f._data = NOTHING;
    f._changed = true;
  }
  if (bits & APPEND) f._pos = sizeOf(f);
  v._files.push(f);
  return f;
}
