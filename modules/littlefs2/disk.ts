/** Reading the device: through a window, so that each byte is read once. */
import { readAt, viewAt } from '../blockdev';
import { ECORRUPT } from '../contract/errno';
import { crc32 } from '../engine';
import { NULL } from './tags';
import { fail, fs, use } from './volume';

/** Loads the window so that it holds `need` bytes of `block` at `off`, and `want` if it can; 0 or minus an errno. */
export function load(block: number, off: number, need: number, want: number): number {
  const v = fs;
  const i = off - v._wOff;
  return v._wBlock === block && i >= 0 && i + need <= v._wLen ? 0 : /*@__NOINLINE__*/ reload(block, off, need, want);
}

function reload(block: number, off: number, need: number, want: number): number {
  const v = fs;
  const size = v._readSize;
  if (off + need > v._blockSize || !(block >= 0 && block < v._blockCount)) return -ECORRUPT;
  const start = off - (off % size);
  const own = v._own.length;
  const end = Math.min(off + want + size - 1, v._blockSize);
  let length = end - (end % size) - start;
  let status = 0;
  // What is wanted ahead has room enough in the buffer that there is.
  if (want <= own && length > own && off + need <= start + own) length = own;
  v._wBlock = NULL;
  v._calls++;
  let view = viewAt(v._dev, block, start, length);
  if (!view) {
    view = length > own ? new Uint8Array(length) : v._own.subarray(0, length);
    status = readAt(v._dev, block, start, view);
  }
  use(v);
  // Media with error correction cannot read where a program was torn: what lies before that can be had all the same.
  if (status) return status === -ECORRUPT && want > need ? reload(block, off, need, need) : status;
  v._w = view;
  v._wLen = view.length;
  v._wOff = view.length === v._blockSize ? 0 : start;
  v._wBlock = block;
  return 0;
}

/** Lets go of a window larger than what is kept, where it is no view of the medium. */
export function shrinkWindow(): void {
  const v = fs;
  if (v._wLen > v._own.length && !v._dev._bdev.map) {
    v._wBlock = NULL;
    v._w = v._own;
  }
}

/** Bytes of a block, there until something else is read. */
export function peekAt(block: number, off: number, length: number): Uint8Array {
  const status = load(block, off, length, length);
  if (status) fail(status);
  const i = off - fs._wOff;
  return fs._w.subarray(i, i + length);
}

/** Copies bytes of a block, whole read units directly, the rest through the window. */
export function readBytes(block: number, off: number, buf: Uint8Array): void {
  const v = fs;
  const bdev = v._dev._bdev;
  const size = v._readSize;
  const length = buf.length;
  let status = 0;
  for (let at = 0, n = 0; at < length; at += n, off += n) {
    n = length - at;
    let i = off - v._wOff;
    if (bdev.readarray || bdev.map || n < size || off % size || (v._wBlock === block && i >= 0 && i < v._wLen)) {
      status = load(block, off, 1, Math.max(n, v._own.length));
      i = off - v._wOff;
      n = Math.min(n, v._wLen - i);
      if (!status) buf.set(v._w.subarray(i, i + n), at);
    } else {
      if (!(block >= 0 && block < v._blockCount)) fail(ECORRUPT);
      n -= n % size;
      v._calls++;
      status = readAt(v._dev, block, off, buf.subarray(at, at + n));
      use(v);
    }
    if (status) fail(status);
  }
  // A larger window is not kept, where it is no view of the medium.
  if (v._wLen > v._own.length && !bdev.map) {
    v._wBlock = NULL;
    v._w = v._own;
  }
}

/** The CRC from `crc` over `length` bytes of a block; `undefined` if they cannot be read. */
export function crcBytes(crc: number, block: number, off: number, length: number): number | undefined {
  while (length > 0) {
    const status = load(block, off, 1, length);
    if (status === -ECORRUPT) return undefined;
    if (status) fail(status);
    const i = off - fs._wOff;
    const n = Math.min(length, fs._wLen - i);
    crc = crc32(crc, fs._w.subarray(i, i + n));
    off += n;
    length -= n;
  }
  return crc;
}
