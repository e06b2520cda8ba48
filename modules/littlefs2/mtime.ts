import { le32, now, putLe32 } from '../engine';

/**
 * The time of modification as MicroPython stores it: u64 nanoseconds since 1970. Half a microsecond more than the clock
 * says, so that what a double cannot hold does not make it a second less.
 */
export function mtimeBytes(): Uint8Array {
  const time = now() * 1e6 + 512;
  const bytes = new Uint8Array(8);
  putLe32(bytes, 0, time % 4294967296);
  putLe32(bytes, 4, time / 4294967296);
  return bytes;
}

/** Whole seconds since 1970 of such a time. */
export function mtimeSeconds(bytes: Uint8Array): number {
  return Math.floor(((le32(bytes, 4) >>> 0) * 4294967296 + (le32(bytes, 0) >>> 0)) / 1e9);
}
