import { ENOSPC } from '../errno';
import { NULL } from './tags';
import { fillMap } from './traverse';
import { fail, fs } from './volume';

/** The operation under way may take every free block once more: what it took so far is reachable now. */
export function checkpoint(): void {
  fs._mapLeft = fs._blockCount;
}

/** Takes a free block; NULL if there is none. */
export function allocate(): number {
  const v = fs;
  const map = v._map;
  for (; v._mapLeft > 0; v._mapLeft--) {
    if (v._mapNext >= v._mapSize) fillMap();
    const bit = v._mapNext++;
    if (!(map[bit >> 3] & (1 << (bit & 7)))) {
      v._mapLeft--;
      if (v._free > 0) v._free--;
      return (v._mapStart + bit) % v._blockCount;
    }
  }
  return NULL;
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
