import { ECORRUPT, ENOSPC } from '../contract/errno';
import { fill } from '../engine';
import { fail, fs } from './volume';
import { traverse } from './walk';

/** What the operation under way took so far is reachable now. */
export function checkpoint(): void {
  fs._taken = [];
}

/** Fills the bitmap for the blocks ahead. What this operation took counts as used, though nothing may refer to it yet. */
function fillMap(): void {
  const v = fs;
  const map = v._map;
  const count = v._blockCount;
  const size = Math.min(map.length * 8, count);
  const mark = function (block: number): void {
    if (!(block >= 0 && block < count)) fail(ECORRUPT);
    const bit = (block - v._mapStart + count) % count;
    if (bit < size) map[bit >> 3] |= 1 << (bit & 7);
  };
  v._mapStart = (v._mapStart + v._mapNext) % count;
  // If the walk ends with an error, there is no bitmap.
  v._mapNext = v._mapSize = 0;
  fill(map, 0);
  traverse(mark);
  for (let i = 0; i < v._taken.length; i++) mark(v._taken[i]);
  v._mapSize = size;
}

/** Takes a free block or ends the operation with ENOSPC. */
export function takeBlock(): number {
  const v = fs;
  const map = v._map;
  let searched = 0;
  for (;;) {
    while (v._mapNext < v._mapSize) {
      const bit = v._mapNext++;
      const used = map[bit >> 3];
      if (used === 255) v._mapNext = (bit | 7) + 1;
      else if (!(used & (1 << (bit & 7)))) {
        const block = (v._mapStart + bit) % v._blockCount;
        v._taken.push(block);
        v._free = -1;
        return block;
      }
    }
    if (searched >= v._blockCount) fail(ENOSPC);
    fillMap();
    searched += v._mapSize;
  }
}
