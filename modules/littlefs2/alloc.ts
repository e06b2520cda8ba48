import { fill } from '../engine';
import { ECORRUPT, ENOSPC } from '../errno';
import { listCtz } from './ctz';
import { fetch, KIND_CTZ, kindOf, ROW } from './mdir';
import { NULL } from './tags';
import { fail, type Volume } from './volume';

/** The operation under way may take every free block once more: what it took so far is reachable now. */
export function checkpoint(fs: Volume): void {
  fs._mapLeft = fs._blockCount;
}

/** Marks a block as used in the bitmap's window. */
function mark(fs: Volume, block: number): void {
  if (!(block >= 0 && block < fs._blockCount)) fail(fs, ECORRUPT, 'block ' + block + ' is beyond the volume');
  let bit = block - fs._mapStart;
  if (bit < 0) bit += fs._blockCount;
  const at = bit >> 3;
  if (at < fs._map.length && !(fs._map[at] & (1 << (bit & 7)))) {
    fs._map[at] |= 1 << (bit & 7);
    fs._free--;
  }
}

/** Fills the bitmap from everything that is reachable: pairs on the thread, CTZ lists, open files. */
function traverse(fs: Volume): void {
  fill(fs._map, 0);
  const bits = fs._map.length * 8;
  fs._free = fs._blockCount;
  const marker = function (block: number): void {
    mark(fs, block);
  };
  let a = 0;
  let b = 1;
  for (let steps = 0; a !== NULL; steps++) {
    if (steps > fs._blockCount) fail(fs, ECORRUPT, 'metadata pairs form a loop');
    const m = fetch(fs, a, b);
    mark(fs, a);
    mark(fs, b);
    for (let id = 0; id < m._count; id++) if (kindOf(m, id) === KIND_CTZ) listCtz(fs, m._rows[id * ROW + 1], m._rows[id * ROW + 2], marker);
    a = m._tail0;
    b = m._tail1;
  }
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (!f._inline && f._size) listCtz(fs, f._head, f._size, marker);
    if (f._wIndex >= 0) {
      mark(fs, f._stream!._block);
      if (f._wIndex) listCtz(fs, f._wPrev, 1 - f._wIndex, marker);
    }
  }
  // With a window smaller than the volume the count is only what was seen of it.
  if (bits < fs._blockCount) fs._free = NULL;
}

/** How many blocks are free. */
export function countFree(fs: Volume): number {
  if (fs._free < 0) {
    const map = fs._map;
    const start = fs._mapStart;
    fs._map = new Uint8Array((fs._blockCount + 7) >> 3);
    fs._mapStart = 0;
    traverse(fs);
    const free = fs._free;
    if (map.length === fs._map.length) {
      // The allocator goes on at the same block.
      fs._mapNext = (start + fs._mapNext) % fs._blockCount;
    } else {
      fs._map = map;
      fs._mapStart = start;
      fs._free = NULL;
    }
    return free;
  }
  return fs._free;
}

/** Takes a free block; NULL if there is none. */
export function allocate(fs: Volume): number {
  const map = fs._map;
  const window = Math.min(map.length * 8, fs._blockCount);
  while (fs._mapLeft > 0) {
    if (fs._mapNext >= window) {
      fs._mapStart = (fs._mapStart + window) % fs._blockCount;
      fs._mapNext = 0;
      if (window < fs._blockCount || fs._free < 0) traverse(fs);
    }
    const bit = fs._mapNext;
    const at = bit >> 3;
    fs._mapNext++;
    fs._mapLeft--;
    if (!(map[at] & (1 << (bit & 7)))) {
      map[at] |= 1 << (bit & 7);
      if (fs._free > 0) fs._free--;
      return (fs._mapStart + bit) % fs._blockCount;
    }
  }
  return NULL;
}

/** Takes a free block or ends the operation with ENOSPC. */
export function takeBlock(fs: Volume): number {
  const block = allocate(fs);
  if (block === NULL) fail(fs, ENOSPC);
  return block;
}

/** Blocks came free that nobody listed: the bitmap is filled anew when it runs out, the count when it is asked for. */
export function blocksFreed(fs: Volume): void {
  fs._free = NULL;
}
