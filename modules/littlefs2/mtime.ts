import { le32, now, putLe32 } from '../engine';
import { bytesAt } from './disk';
import { type Mdir, ROW } from './mdir';
import { fs } from './volume';

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

/** The time to commit for an entry, if times are kept; not within the second that it has already, which is all that is told of it. */
export function newTime(m: Mdir, id: number): Uint8Array | undefined {
  return fs._mtime && secondsOf(m, id) !== Math.floor(now() / 1000) ? mtimeBytes() : undefined;
}

/** Whole seconds since 1970 of an entry's time of modification, 0 if it has none. */
export function secondsOf(m: Mdir, id: number): number {
  const place = m._rows[id * ROW + 3];
  if ((place & 0x3ff) !== 8) return 0;
  const bytes = bytesAt(m._a, place >>> 10, 8, 0);
  return Math.floor(((le32(bytes, 4) >>> 0) * 4294967296 + (le32(bytes, 0) >>> 0)) / 1e9);
}
