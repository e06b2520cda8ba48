import { le32, now, putLe32 } from '../engine';

/** The time of modification as MicroPython stores it: u64 nanoseconds since 1970; ours are whole seconds. */
export function mtimeBytes(): Uint8Array {
  const seconds = Math.floor(now() / 1000);
  const high = (seconds >>> 16) * 1e9;
  const low = (seconds & 0xffff) * 1e9 + (high % 65536) * 65536;
  const bytes = new Uint8Array(8);
  putLe32(bytes, 0, low);
  putLe32(bytes, 4, Math.floor(high / 65536) + Math.floor(low / 4294967296));
  return bytes;
}

/** Whole seconds since 1970 of such a time. */
export function mtimeSeconds(bytes: Uint8Array): number {
  return Math.floor(((le32(bytes, 4) >>> 0) * 4294967296 + (le32(bytes, 0) >>> 0)) / 1e9);
}
