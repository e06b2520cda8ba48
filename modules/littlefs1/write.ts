import { EFBIG } from '../contract/errno';
import { equal, fill, putLe32 } from '../engine';
import { checkpoint, takeBlock } from './alloc';
import { type Content, findBlock, readInto, readOn, sizeOf } from './content';
import { ctzIndex, pointer } from './ctz';
import { erase, load } from './disk';
import { emit, flushStream, newStream } from './stream';
import { fail, fs, NULL, type Stream } from './volume';

/** The longest file of the format. */
export const LONGEST = 0x7fffffff;

/** Writes `data` at `pos`, after zeros where the file ended earlier. */
export function write(f: Content, pos: number, data: Uint8Array): void {
  const end = pos + data.length;
  const size = sizeOf(f);
  if (end > LONGEST) fail(EFBIG);
  if (end === pos && pos <= size) return;
  const start = Math.min(pos, size);
  f._changed = true;
  fs._free = -1;
  if (f._wIndex >= 0 && f._wPos !== start) endWriting(f);
  if (f._wIndex < 0) beginWriting(f, start);
  const zeros = new Uint8Array(Math.min(pos - start, fs._cacheSize));
  while (f._wPos < pos) writeOn(f, zeros.subarray(0, Math.min(zeros.length, pos - f._wPos)));
  writeOn(f, data);
}

/** A stream into a free, erased block. */
function freshStream(f: Content): void {
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
function beginWriting(f: Content, pos: number): void {
  f._wPos = pos;
  checkpoint();
  if (!pos) {
    freshStream(f);
    f._wIndex = 0;
    f._wPrev = NULL;
    return;
  }
  const index = ctzIndex(pos - 1);
  const used = fs._off + 1;
  const block = findBlock(f, index);
  if (used === fs._blockSize) extend(f, index, block);
  else {
    f._wPrev = index ? pointer(block, 0) : NULL;
    if (pos === f._size && used % fs._unit === 0 && (f._clean || isErased(block, used)) && f._clean >= 0)
      f._stream = newStream(f._stream, block, used);
    else moveInto(f, block, used, new Uint8Array(0));
    f._wIndex = index;
  }
}

/** Goes on in a new block behind `block`, which has `index`; it begins with the skip pointers. */
function extend(f: Content, index: number, block: number): void {
  const word = new Uint8Array(4);
  checkpoint();
  freshStream(f);
  f._wPrev = block;
  f._wIndex = ++index;
  for (let k = 0; ; k++) {
    putLe32(word, 0, block);
    put(f, word);
    if (index & 1) break;
    index >>= 1;
    block = pointer(block, k);
  }
}

/** Copies the first `length` bytes of a block into a fresh one, `rest` behind them, until it finds one that is good. */
function moveInto(f: Content, block: number, length: number, rest: Uint8Array): void {
  const piece = new Uint8Array(Math.min(length, fs._cacheSize));
  do {
    freshStream(f);
    for (let at = 0; at < length; at += piece.length) {
      // Espruino's `subarray` does not stop at the end of its array.
      const part = piece.subarray(0, Math.min(piece.length, length - at));
      readInto(block, at, part);
      emit(f._stream as Stream, part);
    }
    emit(f._stream as Stream, rest);
  } while (!(f._stream as Stream)._ok);
}

/** Goes on elsewhere if the block being written has turned out bad. */
function rescue(f: Content): void {
  const bad = f._stream as Stream;
  if (bad._ok) return;
  const rest = new Uint8Array(bad._fill);
  rest.set(bad._buf.subarray(0, bad._fill));
  // Nothing else names it while it is copied.
  fs._taken.push(bad._block);
  moveInto(f, bad._block, bad._pos - bad._fill, rest);
}

/** Puts bytes into the block being written. */
function put(f: Content, data: Uint8Array): void {
  for (let at = 0; at < data.length; ) {
    at += emit(f._stream as Stream, at ? data.subarray(at) : data);
    rescue(f);
  }
}

function writeOn(f: Content, data: Uint8Array): void {
  for (let at = 0, n = 0; at < data.length; at += n) {
    const stream = f._stream as Stream;
    n = Math.min(fs._blockSize - stream._pos, data.length - at);
    if (n) put(f, n === data.length ? data : data.subarray(at, at + n));
    else {
      flush(f);
      extend(f, f._wIndex, (f._stream as Stream)._block);
    }
    f._wPos += n;
  }
}

function flush(f: Content): void {
  flushStream(f._stream as Stream);
  while (!(f._stream as Stream)._ok) {
    rescue(f);
    flushStream(f._stream as Stream);
  }
}

/** Ends writing at a place: what followed it is copied behind, and the new list is the file's. */
export function endWriting(f: Content): void {
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
  f._wIndex = NULL;
  f._seen = [];
  f._clean = 1;
}

/** Shortens the file: the list ends earlier. */
export function cut(f: Content, size: number): void {
  endWriting(f);
  f._changed = true;
  fs._free = -1;
  f._clean = -1;
  f._head = size ? findBlock(f, ctzIndex(size - 1)) : NULL;
  f._seen = [];
  f._size = size;
}
