/** The bytes of an image, wherever they are. */
import { UsageError } from '../usage';

/** Bytes at positions. What is read beyond the end is 0xFF, and nothing can be written there. */
export interface Medium {
  readonly size: number;
  read(at: number, into: Uint8Array): void;
  write(at: number, bytes: Uint8Array): void;
}

/** Part of a medium. @throws UsageError if it is not there */
export function windowOf(medium: Medium, offset: number, size: number, title: string): Medium {
  if (offset > medium.size || offset + size > medium.size)
    throw new UsageError(`${title}: ${offset}+${size} lies beyond the ${medium.size} bytes that are there`);
  return {
    size,
    read: (at, into) => {
      const inside = Math.max(0, Math.min(into.length, size - at));
      if (inside < into.length) into.fill(0xff, inside);
      if (inside) medium.read(offset + at, into.subarray(0, inside));
    },
    write: (at, bytes) => {
      if (at < 0 || at + bytes.length > size) throw new RangeError(`${at}+${bytes.length} lies beyond ${title}`);
      medium.write(offset + at, bytes);
    },
  };
}

/** Bytes in memory. */
export function memoryMedium(bytes: Uint8Array): Medium {
  return {
    size: bytes.length,
    read: (at, into) => {
      into.fill(0xff);
      into.set(bytes.subarray(at, at + into.length));
    },
    write: (at, data) => bytes.set(data, at),
  };
}

/** So many bytes from a place. */
export function piece(medium: Medium, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  medium.read(at, bytes);
  return bytes;
}

/** Of a larger image only so much is looked at. */
const LOOKED_AT = 16 * 1024 * 1024;

/** Whether nothing is there but 0xFF, or but 0. */
export function isBlank(medium: Medium): boolean {
  const step = 65536;
  const [byte] = piece(medium, 0, 1);
  if (byte && byte !== 0xff) return false;
  for (let at = 0; at < Math.min(medium.size, LOOKED_AT); at += step)
    if (!piece(medium, at, Math.min(step, medium.size - at)).every((one) => one === byte)) return false;
  return true;
}
