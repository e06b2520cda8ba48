/** Names of entries, and their order. */
import { espruinoE } from '../engine/native';
import { peekAt } from './disk';
import { ROW } from './table';
import type { Mdir } from './volume';

/** The name of an entry, there until something else is read. */
export function nameAt(m: Mdir, id: number): Uint8Array {
  const place = m._rows[id * ROW] & 0x3fffffff;
  return peekAt(m._a, place >> 10, place & 0x3ff);
}

/**
 * Compares two names: negative, 0, positive. Bytewise, and of two that agree as far as they go the *longer* is first, as
 * the C library sorts (the specification is silent).
 */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const x = espruinoE && espruinoE.toString(a);
  const y = espruinoE && espruinoE.toString(b);
  if (x && y) return x === y ? 0 : x < y !== (x.substring(0, y.length) === y || y.substring(0, x.length) === x) ? -1 : 1;
  for (let k = 0; k < a.length && k < b.length; k++) if (a[k] !== b[k]) return a[k] - b[k];
  return b.length - a.length;
}
