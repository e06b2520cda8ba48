/** Bytes of the device. */
import { ECORRUPT, EIO } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { be32, equal, fill, le32 } from '../engine';
import { fail, NOTHING, type Stream, v } from './volume';

/** Bytes of a window and of a stream's buffer. */
export const PIECE = 256;

/** A result of the device, which is success or an error. */
export function check(result: unknown): void {
  if (result) fail((result as number) < 0 ? (result as number) : EIO);
}

/** `length` bytes of a block from `off`, to be read only. @throws ECORRUPT for what is not on the volume */
export function bytesAt(block: number, off: number, length: number): Uint8Array {
  const bdev = v._bdev as BlockDevice;
  if (block < 0 || block >= v._blocks || off + length > v._size) fail(ECORRUPT, 'damaged: names block ' + (block >>> 0));
  // Flash reads no array of nothing.
  let bytes = length ? bdev.readarray && bdev.readarray(block, off, length) : NOTHING;
  if (!bytes) {
    bytes = new Uint8Array(length);
    check(bdev.readblocks(block, bytes, off));
  }
  return bytes;
}

/** Where in the window the word at `off` lies. */
function see(block: number, off: number): number {
  let at = off - v._wOff;
  if (v._wBlock !== block || at < 0 || at + 4 > v._w.length) {
    v._w = bytesAt(block, off, Math.min(PIECE, v._size - off));
    v._wBlock = block;
    v._wOff = off;
    at = 0;
  }
  return at;
}

/** Tags are big-endian, everything else is little-endian (SPEC.md). */
export function tagWord(block: number, off: number): number {
  const at = see(block, off);
  return be32(v._w, at);
}

export function word(block: number, off: number): number {
  const at = see(block, off);
  return le32(v._w, at);
}

export function ones(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(bytes, 255);
  return bytes;
}

/** Whether bytes of a block are erased. */
export function isErased(block: number, from: number, to: number): boolean {
  for (let at = from; at < to; at += PIECE) {
    const length = Math.min(PIECE, to - at);
    if (!equal(bytesAt(block, at, length), ones(length))) return false;
  }
  return true;
}

/** Begins in a block at `off`; at its beginning it is erased first. */
export function newStream(block: number, off: number): Stream {
  if (!off) check((v._bdev as Required<BlockDevice>).ioctl(6, block));
  // What is written is not in the window, which takes RAM.
  v._w = NOTHING;
  return { _block: block, _at: off, _buf: new Uint8Array(PIECE), _fill: 0 };
}

/** Programs what was gathered, filled up to what the device programs at once, and reads it back. @throws EIO */
export function flush(s: Stream): void {
  const length = s._fill;
  const end = length + v._unit - 1;
  const data = s._buf.subarray(0, end - (end % v._unit));
  if (!length) return;
  fill(data.subarray(length), 255);
  check((v._bdev as Required<BlockDevice>).writeblocks(s._block, data, s._at));
  v._w = NOTHING;
  if (!equal(bytesAt(s._block, s._at, data.length), data)) fail(EIO, 'block ' + s._block + ' does not take what is written');
  s._at += length;
  s._fill = 0;
}

export function put(s: Stream, data: Uint8Array): void {
  const length = data.length;
  for (let done = 0; done < length; ) {
    const n = Math.min(PIECE - s._fill, length - done);
    s._buf.set(data.subarray(done, done + n), s._fill);
    s._fill += n;
    done += n;
    if (s._fill === PIECE) flush(s);
  }
}
