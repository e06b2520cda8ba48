import { type Device, eraseBlock, mapBlock, progAt, readAt, syncDevice } from '../blockdev';
import { ECORRUPT, EIO } from '../contract/errno';
import { equal } from '../engine';
import { fail, fs, NULL, use } from './volume';

/** Calls one of the device functions. */
function device<R>(call: (dev: Device, block: number, off: number, buf: Uint8Array) => R, block: number, off: number, buf: Uint8Array): R {
  const volume = fs;
  const result = call(volume._dev, block, off, buf);
  use(volume);
  return result;
}

/** Loads the window so that it holds `need` bytes of `block` at `off`, and `want` if it can; 0 or minus an errno. */
export function load(block: number, off: number, need: number, want: number): number {
  const v = fs;
  if (v._wBlock === block && off >= v._wOff && off + need <= v._wOff + v._wLen) return 0;
  if (off + need > v._blockSize || !(block >= 0 && block < v._blockCount)) return -ECORRUPT;
  v._wBlock = NULL;
  const view = device(mapBlock, block, 0, v._own);
  let status = 0;
  v._wOff = 0;
  v._wLen = v._blockSize;
  if (view) v._w = view;
  else {
    const size = v._readSize;
    const start = off - (off % size);
    const end = off + want + size - 1;
    v._w = v._own;
    v._wOff = start;
    v._wLen = Math.min(end - (end % size) - start, v._blockSize - start, v._own.length);
    status = device(readAt, block, start, v._own.subarray(0, v._wLen));
    // Media with error correction cannot read where a program was torn: what lies before that can be had all the same.
    if (status === -ECORRUPT && want > need) return load(block, off, need, need);
  }
  if (!status) v._wBlock = block;
  return status;
}

/** Like `load`, for reads that have to succeed: gives the index in `fs._w`. `need` is at most 16. */
export function peek(block: number, off: number, need: number, want: number): number {
  const status = load(block, off, need, want);
  if (status) fail(status);
  return off - fs._wOff;
}

/** Copies bytes of a block, whole read units directly, the rest through the window, which may read `ahead` bytes; 0 or minus an errno. */
export function readBytes(block: number, off: number, buf: Uint8Array, ahead: number): number {
  const v = fs;
  const size = v._readSize;
  const length = buf.length;
  let status = off + length > v._blockSize || !(block >= 0 && block < v._blockCount) ? -ECORRUPT : 0;
  for (let at = 0, n = 0; at < length && !status; at += n, off += n) {
    n = length - at;
    if (n < size || off % size || v._dev._bdev.map || (v._wBlock === block && off >= v._wOff && off < v._wOff + v._wLen)) {
      status = load(block, off, 1, Math.max(n, ahead));
      if (!status) {
        const i = off - v._wOff;
        n = Math.min(n, v._wLen - i);
        buf.set(v._w.subarray(i, i + n), at);
      }
    } else {
      n -= n % size;
      status = device(readAt, block, off, buf.subarray(at, at + n));
    }
  }
  return status;
}

/** Programs aligned bytes and reads them back; whether they are there. */
export function program(block: number, off: number, buf: Uint8Array): boolean {
  const v = fs;
  if (v._wBlock === block) v._wBlock = NULL;
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
  if (fs._wBlock === block) fs._wBlock = NULL;
  return !device(eraseBlock, block, 0, fs._own);
}

/** Makes everything programmed so far durable, on devices that buffer. */
export function flushDevice(): void {
  if (device(syncDevice, 0, 0, fs._own)) fail(EIO);
}
