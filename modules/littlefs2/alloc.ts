/** The bitmap of free blocks: taking them, and letting them come free. */
import { ENOSPC } from '../contract/errno';
import * as free from './free.lazy';
import { NULL } from './tags';
import { fail, fs } from './volume';

/** Takes a free block; NULL if a search of the whole volume finds none. */
export function allocate(): number {
  const v = fs;
  const map = v._map;
  let searched = 0;
  if (v._released.length) {
    const blocks = free.released();
    for (let k = 0; k < blocks.length; k++) freeBlock(blocks[k]);
  }
  for (;;) {
    while (v._mapNext < v._mapSize) {
      const bit = v._mapNext++;
      const used = map[bit >> 3];
      if (used === 255) v._mapNext = (bit | 7) + 1;
      else if (!(used & (1 << (bit & 7)))) {
        const block = (v._mapStart + bit) % v._blockCount;
        map[bit >> 3] = used | (1 << (bit & 7));
        v._taken.push(block);
        if (v._free > 0) v._free--;
        return block;
      }
    }
    // What came free behind is taken when everything else was, so that wear spreads; unless that is only a part of what is free.
    if (v._mapBehind * 2 > v._mapFound && v._mapSize === v._blockCount) v._mapNext = v._mapBehind = 0;
    else if (searched >= v._blockCount) return NULL;
    else {
      free.fillMap();
      searched += v._mapSize;
    }
  }
}

/** Takes a free block or ends the operation with ENOSPC. */
export function takeBlock(): number {
  const block = allocate();
  return block === NULL ? fail(ENOSPC) : block;
}

/** A block is free again in the bitmap. */
export function freeBlock(block: number): void {
  const v = fs;
  const bit = (block - v._mapStart + v._blockCount) % v._blockCount;
  if (bit < v._mapSize) {
    v._map[bit >> 3] &= ~(1 << (bit & 7));
    if (bit < v._mapNext) v._mapBehind++;
  }
}
