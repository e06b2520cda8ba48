/** Writing the device: streams into erased blocks. */
import { type Device, eraseBlock, progAt, syncDevice } from '../blockdev';
import { EIO } from '../contract/errno';
import { equal, fill } from '../engine';
import { takeBlock } from './alloc';
import { load } from './disk';
import { fail, fs, type OpenFile, type Stream, use } from './volume';

/** Calls one of the device functions. */
function device<R>(call: (dev: Device, block: number, off: number, buf: Uint8Array) => R, block: number, off: number, buf: Uint8Array): R {
  const volume = fs;
  volume._calls++;
  const result = call(volume._dev, block, off, buf);
  use(volume);
  return result;
}

/** The most that is programmed, and read back, at once. */
const DIRECT = 1024;

/** Programs aligned bytes and reads them back; whether they are there. */
export function program(block: number, off: number, buf: Uint8Array): boolean {
  const v = fs;
  if (v._wBlock === block) v._wBlock = -1;
  let good = !device(progAt, block, off, buf);
  for (let at = 0, n = 0; good && at < buf.length; at += n) {
    good = !load(block, off + at, 1, buf.length - at);
    const i = off + at - v._wOff;
    n = Math.min(v._wLen - i, buf.length - at);
    good = good && equal(v._w.subarray(i, i + n), buf.subarray(at, at + n));
  }
  return good;
}

/** Erases a block; whether that worked. */
export function erase(block: number): boolean {
  const v = fs;
  if (v._wBlock === block) v._wBlock = -1;
  return !device(eraseBlock, block, 0, v._own);
}

/** Makes everything programmed so far durable, on devices that buffer. */
export function flushDevice(): void {
  if (device(syncDevice, 0, 0, fs._own)) fail(EIO);
}

/** Begins at `at` of a block, where the medium can program; in the buffer of `s` where there is one. */
export function newStream(s: Stream | undefined, block: number, at: number): Stream {
  return { _buf: s ? s._buf : new Uint8Array(fs._cacheSize), _block: block, _at: at, _fill: 0, _ok: true };
}

/** Programs what is gathered, filled up with 0xFF to what the medium programs at once. */
export function flushStream(s: Stream): void {
  const v = fs;
  const filled = s._fill;
  const end = filled + v._unit - 1;
  if (filled && s._ok) {
    const padded = s._buf.subarray(0, end - (end % v._unit));
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
    let n = Math.min(size - s._fill, length - at);
    if (n === size) {
      // Whole buffers' worth goes out from where it lies.
      n = Math.min(length - at, Math.max(size, DIRECT));
      n -= n % size;
      s._ok = program(s._block, s._at, data.subarray(at, at + n));
      if (s._ok) {
        s._at += n;
        at += n;
      }
      continue;
    }
    s._buf.set(n === length ? data : data.subarray(at, at + n), s._fill);
    s._fill += n;
    s._at += n;
    at += n;
    if (s._fill === size) flushStream(s);
  }
  return at;
}

/** A stream into a free, erased block. */
export function freshStream(f: OpenFile): void {
  let block: number;
  do block = takeBlock();
  while (!erase(block));
  f._stream = newStream(f._stream, block, 0);
}
