import { le32 } from '../engine';
import { ENOSPC } from '../errno';
import { load } from './disk';
import { NULL } from './tags';
import { fillMap } from './traverse';
import { fail, fs } from './volume';

/** What the operation under way took so far is reachable now. */
export function checkpoint(): void {
  fs._taken = [];
}

/** Takes a free block; NULL if a search of the whole volume finds none. */
export function allocate(): number {
  const v = fs;
  const map = v._map;
  let searched = 0;
  release();
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
    // What came free behind is taken when everything else was, so that wear spreads.
    if (v._mapBehind && v._mapSize === v._blockCount) v._mapNext = v._mapBehind = 0;
    else if (searched >= v._blockCount) return NULL;
    else {
      fillMap();
      searched += v._mapSize;
    }
  }
}

/** Takes a free block or ends the operation with ENOSPC. */
export function takeBlock(): number {
  const block = allocate();
  return block === NULL ? fail(ENOSPC) : block;
}

/** Blocks came free, or may have: they are counted when somebody asks. */
export function blocksFreed(): void {
  fs._free = NULL;
}

/**
 * Nothing refers any more to the list `fs._leaving`, from its block with index `end` on. The blocks come free in the bitmap, a
 * few at once; a search of the whole volume finds those that nobody got round to.
 */
export function releaseList(end: number): void {
  const list = fs._leaving;
  if (list && list[1] >= end) {
    // Many lists at once: the first ones can wait for that search.
    if (fs._released.length > 48) fs._released.splice(0, 3);
    fs._released.push(list[0], list[1], end);
    release();
  }
}

/** Lets a few blocks of released lists come free. Their blocks are intact: none was taken since. */
function release(): void {
  const v = fs;
  const lists = v._released;
  for (let k = 0; lists.length && k < 4; k++) {
    const last = lists.length - 3;
    const block = lists[last];
    const bit = (block - v._mapStart + v._blockCount) % v._blockCount;
    if (bit < v._mapSize) {
      v._map[bit >> 3] &= ~(1 << (bit & 7));
      if (bit < v._mapNext) v._mapBehind = 1;
    }
    if (lists[last + 1]-- > lists[last + 2] && !load(block, 0, 4, 4)) lists[last] = le32(v._w, -v._wOff);
    else lists.splice(last, 3);
  }
}
