import { eraseBlock, mapBlock, progAt, readAt, syncDevice } from '../blockdev';
import { crc32, equal } from '../engine';
import { ECORRUPT } from '../errno';
import { fail, type Volume } from './volume';

/** Loads the window so that it holds `need` bytes of `block` at `off`, and `want` if it can; 0 or minus an errno. */
export function load(fs: Volume, block: number, off: number, need: number, want: number): number {
  if (fs._wBlock === block && off >= fs._wOff && off + need <= fs._wOff + fs._wLen) return 0;
  if (off + need > fs._blockSize || !(block >= 0 && block < fs._blockCount)) return -ECORRUPT;
  fs._wBlock = -1;
  const view = mapBlock(fs._dev, block);
  let status = 0;
  if (view) {
    fs._w = view;
    fs._wOff = 0;
    fs._wLen = fs._blockSize;
  } else {
    const size = fs._readSize;
    const start = off - (off % size);
    let end = off + want + size - 1;
    end -= end % size;
    if (end > fs._blockSize) end = fs._blockSize;
    if (end - start > fs._own.length) end = start + fs._own.length;
    fs._w = fs._own;
    fs._wOff = start;
    fs._wLen = end - start;
    status = readAt(fs._dev, block, start, fs._own.subarray(0, end - start));
  }
  if (!status) fs._wBlock = block;
  return status;
}

/** Like `load`, for reads that have to succeed: gives the index in `fs._w`. `need` is at most 16. */
export function peek(fs: Volume, block: number, off: number, need: number, want: number): number {
  const status = load(fs, block, off, need, want);
  if (status) fail(fs, status, 'cannot read block ' + block);
  return off - fs._wOff;
}

/** Copies bytes of a block into `buf`, whole read units directly, the rest through the window, which may read `ahead` bytes. */
export function readBytes(fs: Volume, block: number, off: number, buf: Uint8Array, ahead: number): void {
  const size = fs._readSize;
  let left = buf.length;
  let at = 0;
  while (left) {
    const held = fs._wBlock === block && off >= fs._wOff && off < fs._wOff + fs._wLen;
    if (!held && block >= 0 && block < fs._blockCount && left >= size && off % size === 0 && (left >= fs._own.length || left % size === 0) && !fs._dev._bdev.map) {
      const n = left - (left % size);
      const status = readAt(fs._dev, block, off, buf.subarray(at, at + n));
      if (status) fail(fs, status, 'cannot read block ' + block);
      at += n;
      off += n;
      left -= n;
    } else {
      const i = peek(fs, block, off, 1, Math.max(left, ahead));
      const n = Math.min(left, fs._wOff + fs._wLen - off);
      buf.set(fs._w.subarray(i, i + n), at);
      at += n;
      off += n;
      left -= n;
    }
  }
}

/** The CRC from `crc` over `length` bytes of a block; `undefined` if they cannot be read. */
export function crcBytes(fs: Volume, crc: number, block: number, off: number, length: number): number | undefined {
  while (length > 0) {
    if (load(fs, block, off, 1, length)) return undefined;
    const i = off - fs._wOff;
    const n = Math.min(length, fs._wLen - i);
    crc = crc32(crc, fs._w.subarray(i, i + n));
    off += n;
    length -= n;
  }
  return crc;
}

/** Programs aligned bytes and reads them back; whether they are there. */
export function program(fs: Volume, block: number, off: number, buf: Uint8Array): boolean {
  if (fs._wBlock === block) fs._wBlock = -1;
  if (progAt(fs._dev, block, off, buf)) return false;
  const size = fs._own.length;
  for (let at = 0; at < buf.length; at += size) {
    const n = Math.min(size, buf.length - at);
    if (load(fs, block, off + at, n, n)) return false;
    const i = off + at - fs._wOff;
    if (!equal(fs._w.subarray(i, i + n), buf.subarray(at, at + n))) return false;
  }
  return true;
}

export function erase(fs: Volume, block: number): boolean {
  if (fs._wBlock === block) fs._wBlock = -1;
  return !eraseBlock(fs._dev, block);
}

/** Makes everything programmed so far durable, on devices that buffer. */
export function flushDevice(fs: Volume): void {
  const status = syncDevice(fs._dev);
  if (status) fail(fs, status);
}
