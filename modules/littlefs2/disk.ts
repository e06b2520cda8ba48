/** Reading the device: through a window, so that each byte is read once. */
import { type Device, mapBlock, readAt } from '../blockdev';
import { ECORRUPT } from '../contract/errno';
import { crc32 } from '../engine';
import { fail, fs, use } from './volume';

/** Calls one of the device functions. */
export function device<R>(
  call: (dev: Device, block: number, off: number, buf: Uint8Array) => R,
  block: number,
  off: number,
  buf: Uint8Array,
): R {
  const volume = fs;
  volume._calls++;
  const result = call(volume._dev, block, off, buf);
  use(volume);
  return result;
}

/** Loads the window so that it holds `need` bytes of `block` at `off`, and `want` if it can; 0 or minus an errno. */
export function load(block: number, off: number, need: number, want: number): number {
  const v = fs;
  if (v._wBlock === block && off >= v._wOff && off + need <= v._wOff + v._wLen) return 0;
  if (off + need > v._blockSize || !(block >= 0 && block < v._blockCount)) return -ECORRUPT;
  v._wBlock = -1;
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

/** Like `load`; whether the bytes are in the block at all. */
export function reach(block: number, off: number, need: number, want: number): boolean {
  const status = load(block, off, need, want);
  if (status && status !== -ECORRUPT) fail(status);
  return !status;
}

/** Like `load`, for reads that have to succeed: gives the index in `fs._w`. `need` is at most 16. */
export function peek(block: number, off: number, need: number, want: number): number {
  const status = load(block, off, need, want);
  if (status) fail(status);
  return off - fs._wOff;
}

/** Copies bytes of a block, whole read units directly, the rest through the window, which may read `ahead` bytes. */
export function readBytes(block: number, off: number, buf: Uint8Array, ahead: number): void {
  const v = fs;
  const size = v._readSize;
  const length = buf.length;
  for (let at = 0, n = 0; at < length; at += n, off += n) {
    n = length - at;
    if (n < size || off % size || v._dev._bdev.map || (v._wBlock === block && off >= v._wOff && off < v._wOff + v._wLen)) {
      const i = peek(block, off, 1, Math.max(n, ahead));
      n = Math.min(n, v._wLen - i);
      buf.set(v._w.subarray(i, i + n), at);
    } else {
      if (!(block >= 0 && block < v._blockCount)) fail(ECORRUPT);
      n -= n % size;
      const status = device(readAt, block, off, buf.subarray(at, at + n));
      if (status) fail(status);
    }
  }
}

/** A copy of bytes of a block. */
export function bytesAt(block: number, off: number, length: number, ahead: number): Uint8Array {
  const bytes = new Uint8Array(length);
  readBytes(block, off, bytes, ahead);
  return bytes;
}

/** The CRC from `crc` over `length` bytes of a block; `undefined` if they cannot be read. */
export function crcBytes(crc: number, block: number, off: number, length: number): number | undefined {
  while (length > 0) {
    if (!reach(block, off, 1, length)) return undefined;
    const i = off - fs._wOff;
    const n = Math.min(length, fs._wLen - i);
    crc = crc32(crc, fs._w.subarray(i, i + n));
    off += n;
    length -= n;
  }
  return crc;
}
