/** Writing what a file holds: a list's new blocks, one after another; its old ones stay as they are until the file is synced. */
import { EFBIG } from '../contract/errno';
import { fill, le32, putLe32 } from '../engine';
import { ctzIndex, findBlock, readContent } from './content';
import * as copying from './copying.lazy';
import { peekAt } from './disk';
import { emit, flushStream, freshStream, newStream } from './stream';
import { NOTHING, NULL } from './tags';
import { fail, fs, type OpenFile, type Stream } from './volume';

/** Writes `data` at `pos`, after zeros where the file ended earlier. */
export function write(f: OpenFile, pos: number, data: Uint8Array): void {
  const v = fs;
  const end = pos + data.length;
  const size = f.size();
  const inline = f._inline;
  if (end > v._fileMax) fail(EFBIG);
  if (end === pos && pos <= size) return;
  f._changed = true;
  if (inline && end <= v._inlineMax) {
    if (size < pos) fill(inline.subarray(size, pos), 0);
    inline.set(data, pos);
    f._size = Math.max(size, end);
    return;
  }
  if (inline) /*@__NOINLINE__*/ spill(f, inline.subarray(0, size));
  if (f._wIndex < 0 || f._wPos !== pos) /*@__NOINLINE__*/ goTo(f, pos, Math.min(pos, size));
  writeOn(f, data);
}

/** What was inline becomes a list. */
function spill(f: OpenFile, content: Uint8Array): void {
  f._inline = undefined;
  f._size = 0;
  beginWriting(f, 0);
  writeOn(f, content);
}

/** Writing goes on at `pos`, behind zeros from `start`, where that is the end. */
function goTo(f: OpenFile, pos: number, start: number): void {
  if (f._wIndex >= 0 && f._wPos !== start) endWriting(f);
  if (f._wIndex < 0) beginWriting(f, start);
  if (f._wPos < pos) /*@__NOINLINE__*/ writeZeros(f, pos);
}

function writeZeros(f: OpenFile, pos: number): void {
  const zeros = new Uint8Array(Math.min(pos - f._wPos, fs._cacheSize));
  while (f._wPos < pos) writeOn(f, zeros.subarray(0, Math.min(zeros.length, pos - f._wPos)));
}

/**
 * Makes ready to write at `pos`. At the end of the file it goes on in the last block, if the rest of that is erased: a
 * block may hold more than the file's size says. Else lists are copied on write, the part of a block before `pos` too.
 */
function beginWriting(f: OpenFile, pos: number): void {
  const v = fs;
  f._wPos = pos;
  v._taken = [];
  if (!pos) {
    freshStream(f);
    f._wIndex = f._shared = 0;
    return;
  }
  const index = ctzIndex(pos - 1);
  const used = v._off + 1;
  const block = findBlock(f, index);
  f._shared = Math.min(f._shared, index + 1);
  if (used === v._blockSize) goOn(f, index, block);
  else {
    f._wPrev = index ? le32(peekAt(block, 0, 4), 0) : NULL;
    if (pos === f._size && used % v._unit === 0 && (f._clean || copying.isErased(block, used)) && f._clean >= 0) {
      f._stream = newStream(f._stream, block, used);
      f._wIndex = index;
    } else {
      copying.moveInto(f, block, used, NOTHING);
      f._wIndex = index;
      f._shared = Math.min(f._shared, index);
    }
  }
}

/** Goes on in a new block behind `block`, which has `index`; it begins with the skip pointers. */
function goOn(f: OpenFile, index: number, block: number): void {
  fs._taken = [];
  freshStream(f);
  f._wPrev = block;
  f._wIndex = ++index;
  const link = new Uint8Array(4);
  for (let k = 0; ; k++) {
    putLe32(link, 0, block);
    put(f, link);
    if (index & 1) break;
    index >>= 1;
    block = le32(peekAt(block, k * 4, 4), 0);
  }
}

/** Puts bytes into the block being written. */
function put(f: OpenFile, data: Uint8Array): void {
  for (let at = 0; at < data.length; ) {
    at += emit(f._stream as Stream, at ? data.subarray(at) : data);
    if (!(f._stream as Stream)._ok) copying.rescue(f);
  }
}

function writeOn(f: OpenFile, data: Uint8Array): void {
  for (let at = 0, n = 0; at < data.length; at += n) {
    const stream = f._stream as Stream;
    n = Math.min(fs._blockSize - stream._at, data.length - at);
    if (n) put(f, n === data.length ? data : data.subarray(at, at + n));
    else {
      flush(f);
      goOn(f, f._wIndex, (f._stream as Stream)._block);
    }
    f._wPos += n;
  }
}

function flush(f: OpenFile): void {
  flushStream(f._stream as Stream);
  while (!(f._stream as Stream)._ok) {
    copying.rescue(f);
    flushStream(f._stream as Stream);
  }
}

/** Ends writing at a place: what followed it is copied behind, and the new list is the file's. */
export function endWriting(f: OpenFile): void {
  if (f._wIndex < 0) return;
  if (f._wPos < f._size) /*@__NOINLINE__*/ copyRest(f);
  flush(f);
  f._head = (f._stream as Stream)._block;
  f._size = f._wPos;
  f._wIndex = -1;
  f._seen = [];
  f._clean = 1;
}

function copyRest(f: OpenFile): void {
  const piece = new Uint8Array(Math.min(fs._cacheSize, f._size - f._wPos));
  while (f._wPos < f._size) {
    const part = piece.subarray(0, Math.min(piece.length, f._size - f._wPos));
    readContent(f, f._wPos, part);
    writeOn(f, part);
  }
}
