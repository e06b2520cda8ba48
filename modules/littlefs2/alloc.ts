import { ENOSPC } from '../contract/errno';
import { release } from './release';
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
  if (v._released.length) release();
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

/** A block is free again in the bitmap. */
export function freeBlock(block: number): void {
  const v = fs;
  const bit = (block - v._mapStart + v._blockCount) % v._blockCount;
  if (bit < v._mapSize) {
    v._map[bit >> 3] &= ~(1 << (bit & 7));
    if (bit < v._mapNext) v._mapBehind++;
  }
}

/**
 * Nothing refers any more to the list `fs._leaving`, from its block with index `end` on. Its last block comes free in the bitmap
 * at once, those before it when a block is wanted next, if `release` can trust the pointers; a search of the whole volume
 * finds the others.
 */
export function releaseList(end: number): void {
  const list = fs._leaving;
  if (list && list[1] >= end) {
    if (list[1] & 1 || list[1] === end) freeBlock(list[0]);
    else if (fs._released.length < 48) fs._released.push(list[0], list[1], end);
  }
}
