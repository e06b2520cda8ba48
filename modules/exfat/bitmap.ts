import { fill } from '../engine';
import * as free from './free.lazy';
import { load } from './sector';
import { fs } from './volume';

/** Loads the sector of the allocation bitmap that tells of a cluster; gives the offset of the byte in it. */
function byteOf(cluster: number): number {
  const size = fs._sectorSize;
  const byte = Math.floor((cluster - 2) / 8);
  load(fs._map, fs._bitmap + Math.floor(byte / size), false);
  return byte % size;
}

/** Whether a cluster that exists is allocated. */
export function isUsed(cluster: number): boolean {
  const i = byteOf(cluster);
  return !!(fs._map._buf[i] & (1 << ((cluster - 2) & 7)));
}

/** Marks `count` clusters from `first` on as allocated, or as free. They exist. */
export function mark(first: number, count: number, used: boolean): void {
  const map = fs._map;
  for (let done = 0; count > 0; first += done, count -= done) {
    const i = byteOf(first);
    const bit = (first - 2) & 7;
    if (!bit && count > 15) {
      const bytes = Math.min(fs._sectorSize - i, Math.floor(count / 8));
      fill(map._buf.subarray(i, i + bytes), used ? 255 : 0);
      done = bytes * 8;
    } else {
      done = Math.min(8 - bit, count);
      const mask = ((1 << done) - 1) << bit;
      map._buf[i] = used ? map._buf[i] | mask : map._buf[i] & ~mask;
    }
    map._dirty = true;
  }
}

/** Takes a free cluster, the one behind `after` if that is free; 0 if there is none. */
export function takeCluster(after: number): number {
  const v = fs;
  let c = after + 1;
  if (!after || c > v._last || isUsed(c)) {
    if (!v._free) return 0;
    // Near by first, which needs no part.
    c = v._next;
    for (let n = 32; c && isUsed(c); ) c = --n && c < v._last ? c + 1 : free.findFree();
    if (!c) return 0;
  }
  mark(c, 1, true);
  v._next = c < v._last ? c + 1 : 2;
  if (v._free > 0) v._free--;
  return c;
}
