import { type Device, mapBlock, readPiece } from '../blockdev';
import { ECORRUPT, vfsError } from '../contract/errno';

/** An image, bytes in memory or on a block device, and where in it reading goes on. */
export interface Image {
  /** What it lies on, if not in memory. */
  _dev: Device | undefined;
  /** Bytes of it, and where they begin: all of what lies in memory, a block of a device. */
  _window: Uint8Array;
  _from: number;
  /** Its records, from here to there. */
  _base: number;
  _end: number;
  /** What the next byte is. */
  _at: number;
  /** The error for what is not as it should be. */
  _damage: number;
  /** What is being done, for errors. */
  _operation: string;
  _path: string;
}

export function fail(image: Image, code: number, detail?: string): never {
  throw vfsError(code, image._operation, image._path, detail);
}

/**
 * Bytes of the image where they are; undefined where a device cannot show them, or not in one piece. Blocks of a memory-mapped
 * device lie in one buffer, one behind the other.
 */
export function inPlace(image: Image, at: number, length: number): Uint8Array | undefined {
  const dev = image._dev;
  if (!dev) return image._window.subarray(at, at + length);
  const size = dev._blockSize;
  const offset = at % size;
  const first = Math.floor(at / size);
  const last = Math.floor((at + Math.max(length, 1) - 1) / size);
  const head = mapBlock(dev, first);
  if (!head || last === first) return head && head.subarray(offset, offset + length);
  const tail = mapBlock(dev, last);
  if (!tail || tail.buffer !== head.buffer || tail.byteOffset - head.byteOffset !== (last - first) * size) return undefined;
  const view = new Uint8Array(head.buffer, head.byteOffset + offset, length);
  // Espruino's views do not reach as far as their numbers.
  return view.byteOffset === head.byteOffset + offset ? view : undefined;
}

/** Copies bytes of the image to `buf`. @throws what the device says */
export function copyOut(image: Image, at: number, buf: Uint8Array): void {
  const dev = image._dev;
  if (!dev) {
    buf.set(image._window.subarray(at, at + buf.length));
    return;
  }
  const size = dev._blockSize;
  for (let done = 0, n = 0; done < buf.length; done += n, at += n) {
    const offset = at % size;
    const block = Math.floor(at / size);
    n = Math.min(size - offset, buf.length - done);
    const mapped = mapBlock(dev, block);
    const piece = buf.subarray(done, done + n);
    if (mapped) piece.set(mapped.subarray(offset, offset + n));
    else {
      const status = readPiece(dev, block, offset, piece);
      if (status) fail(image, status);
    }
  }
}

/** Some bytes of the image, in place where that can be. */
export function bytesAt(image: Image, at: number, length: number): Uint8Array {
  let bytes = inPlace(image, at, length);
  if (!bytes) {
    bytes = new Uint8Array(length);
    copyOut(image, at, bytes);
  }
  return bytes;
}

/** Reads a number that ends before `end`: groups of seven bits, the highest first, all bytes but the last with their top bit set. */
export function readNumber(image: Image, end: number): number {
  let value = 0;
  for (;;) {
    const at = image._at++;
    const dev = image._dev;
    if (at >= end || value > 1e12) fail(image, image._damage);
    if (dev && (at < image._from || at >= image._from + image._window.length)) {
      image._from = at - (at % dev._blockSize);
      image._window = bytesAt(image, image._from, dev._blockSize);
    }
    const byte = image._window[at - image._from];
    value = value * 128 + (byte & 127);
    if (byte < 128) return value;
  }
}

/** Kinds of records; others are skipped. */
export const DATA = 2;
export const INDIRECT = 3;
export const DIRECTORY = 4;
export const FILE = 5;

/**
 * Reads the head of the record at `_at`, and has `_at` where its content begins; gives its kind, and in `range[1]` where it ends.
 * @throws ECORRUPT if it is longer than what it lies in, or none
 */
export function readHead(image: Image, range: number[]): number {
  const end = range[1];
  const kind = readNumber(image, end);
  const length = readNumber(image, end);
  range[1] = image._at + length;
  if (!kind || range[1] > end) fail(image, ECORRUPT);
  return kind;
}
