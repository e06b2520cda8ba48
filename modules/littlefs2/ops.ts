/** What changes of a pair consist of, and how much room they take. */
import { putLe32 } from '../engine';
import { KIND_INLINE, ROW } from './table';
import { DELETED, MTIME, NOTHING, SECONDS } from './tags';
import type { Mdir, Ops } from './volume';

export function mkTag(type: number, id: number, length: number): number {
  return (type << 20) | (id << 10) | length;
}

export function tagAt(ops: Ops, k: number): number {
  const data = ops[k + 2] as Uint8Array | undefined;
  return mkTag(ops[k] as number, ops[k + 1] as number, data ? data.length : DELETED);
}

/** Two words as they are stored: a pair of block numbers, for instance. */
export function pairBytes(a: number, b: number): Uint8Array {
  const bytes = new Uint8Array(8);
  putLe32(bytes, 0, a);
  putLe32(bytes, 4, b);
  return bytes;
}

/**
 * The time of modification as MicroPython stores it: u64 nanoseconds since 1970. Half a microsecond more than the clock
 * says, so that what a double cannot hold does not make it a second less.
 */
export function mtimeBytes(ms: number): Uint8Array {
  const time = ms * 1e6 + 512;
  return pairBytes(time % 4294967296, time / 4294967296);
}

/** A time in milliseconds as the entry keeps one: in seconds where another driver has made it, else or besides as MicroPython does. */
export function timeOps(m: Mdir, id: number, ms: number): Ops {
  const attrs = m._attrs;
  const ops: Ops = [];
  const seconds = Math.floor(ms / 1000);
  for (let k = 0; k < attrs.length; k += 3) {
    const length = attrs[k + 2] & 0x3ff;
    if (attrs[k] === id && attrs[k + 1] === SECONDS && (length === 4 || length === 8))
      ops.push(SECONDS, id, pairBytes(seconds % 4294967296, seconds / 4294967296).subarray(0, length));
  }
  if (!ops.length || m._rows[id * ROW + 3]) ops.push(MTIME, id, mtimeBytes(ms));
  return ops;
}

/** How many bytes tags take with their data. */
export function sizeOfOps(ops: Ops): number {
  let size = 0;
  for (let k = 2; k < ops.length; k += 3) size += 4 + ((ops[k] as Uint8Array | undefined) || NOTHING).length;
  return size;
}

/** Size of the rows `begin` to `end` in a compacted log. */
export function sizeOf(m: Mdir, begin: number, end: number): number {
  const rows = m._rows;
  let size = 0;
  for (let id = begin; id < end; id++) {
    const r = id * ROW;
    size += 8 + (rows[r] & 0x3ff) + (m._rows[id * ROW] >>> 30 === KIND_INLINE ? rows[r + 2] : 8);
    if (rows[r + 3]) size += 4 + (rows[r + 3] & 0x3ff);
  }
  for (let k = 0; k < m._attrs.length; k += 3) if (m._attrs[k] >= begin && m._attrs[k] < end) size += 4 + (m._attrs[k + 2] & 0x3ff);
  return size;
}
