/** What writing to a list takes seldom: a look at the rest of a block, and copying what is before it. */
import { equal, fill } from '../engine';
import { load, readBytes } from './disk';
import { emit, freshStream } from './stream';
import { fs, type OpenFile, type Stream } from './volume';

/** Whether a block is erased from `off` on. */
export function isErased(block: number, off: number): boolean {
  const v = fs;
  const ones = new Uint8Array(v._own.length);
  fill(ones, 0xff);
  for (let n = 0; off < v._blockSize; off += n) {
    // A torn append may have left what cannot even be read.
    if (load(block, off, 1, ones.length)) return false;
    const i = off - v._wOff;
    n = Math.min(v._wLen - i, ones.length);
    if (!equal(v._w.subarray(i, i + n), ones.subarray(0, n))) return false;
  }
  return true;
}

/** Copies the first `length` bytes of a block into a fresh one, `rest` behind them, until it finds one that is good. */
export function moveInto(f: OpenFile, block: number, length: number, rest: Uint8Array): void {
  const v = fs;
  const piece = new Uint8Array(Math.min(length, v._cacheSize));
  do {
    freshStream(f);
    for (let at = 0; at < length; at += piece.length) {
      // Espruino's `subarray` does not stop at the end of its array.
      const part = piece.subarray(0, Math.min(piece.length, length - at));
      readBytes(block, at, part);
      emit(f._stream as Stream, part);
    }
    emit(f._stream as Stream, rest);
  } while (!(f._stream as Stream)._ok);
}

/** Goes on elsewhere if the block being written has turned out bad. */
export function rescue(f: OpenFile): void {
  const bad = f._stream as Stream;
  const rest = new Uint8Array(bad._fill);
  rest.set(bad._buf.subarray(0, bad._fill));
  // Nothing else names it while it is copied.
  fs._taken.push(bad._block);
  moveInto(f, bad._block, bad._at - bad._fill, rest);
}
