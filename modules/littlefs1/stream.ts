import { fill } from '../engine';
import { program } from './disk';
import { fs, type Stream } from './volume';

/** Begins at `pos` of a block, where the medium can program; in the buffer of `s` where there is one. */
export function newStream(s: Stream | undefined, block: number, pos: number): Stream {
  return { _buf: s ? s._buf : new Uint8Array(fs._cacheSize), _block: block, _pos: pos, _fill: 0, _ok: true };
}

/** Programs what is gathered, filled up with 0xFF to what the medium programs at once. */
export function flushStream(s: Stream): void {
  const filled = s._fill;
  const end = filled + fs._unit - 1;
  if (filled && s._ok) {
    const padded = s._buf.subarray(0, end - (end % fs._unit));
    fill(padded.subarray(filled), 0xff);
    s._ok = program(s._block, s._pos - filled, padded);
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
    s._pos += n;
    at += n;
    if (s._fill === size) flushStream(s);
  }
  return at;
}
