import { fill } from '../engine';
import { program } from './disk';
import { fs } from './volume';

/** Bytes on their way into one erased block: gathered in a buffer, programmed in whole program units. */
export interface Stream {
  _buf: Uint8Array;
  _block: number;
  /** Where the next byte goes. */
  _at: number;
  /** How many bytes of the buffer are not programmed yet. */
  _fill: number;
  /** False from the first program that failed or did not read back; the buffer then still holds what it was. */
  _ok: boolean;
}

/** Begins at `at` of a block, where the medium can program; in the buffer of `s` where there is one. */
export function newStream(s: Stream | undefined, block: number, at: number): Stream {
  return { _buf: s ? s._buf : new Uint8Array(fs._cacheSize), _block: block, _at: at, _fill: 0, _ok: true };
}

/** Programs what is gathered, filled up with 0xFF to what the medium programs at once. */
export function flushStream(s: Stream): void {
  const filled = s._fill;
  const end = filled + fs._unit - 1;
  if (filled && s._ok) {
    const padded = s._buf.subarray(0, end - (end % fs._unit));
    fill(padded.subarray(filled), 0xff);
    s._ok = program(s._block, s._at - filled, padded);
    if (s._ok) s._fill = 0;
  }
}

/** Puts bytes into the stream until it fails; gives how many it took. */
export function emit(s: Stream, data: Uint8Array): number {
  const size = s._buf.length;
  const length = data.length;
  let at = 0;
  while (at < length && s._ok) {
    const n = Math.min(size - s._fill, length - at);
    s._buf.set(n === length ? data : data.subarray(at, at + n), s._fill);
    s._fill += n;
    s._at += n;
    at += n;
    if (s._fill === size) flushStream(s);
  }
  return at;
}
