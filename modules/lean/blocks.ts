/** The bitmap of free blocks. */
import { NULL, v } from './volume';

/** Marks a block as used. */
export function mark(block: number): void {
  const map = v._map as Uint8Array;
  const bit = 1 << (block & 7);
  if (block < 0 || block >= v._blocks || map[block >> 3] & bit) return;
  map[block >> 3] |= bit;
  v._free--;
}

/** Takes the next free block that is known, or NULL. */
export function take(): number {
  const map = v._map as Uint8Array;
  for (let k = v._free ? v._blocks : 0; k; k--) {
    const block = v._next;
    v._next = (block + 1) % v._blocks;
    if (!(map[block >> 3] & (1 << (block & 7)))) {
      mark(block);
      return block;
    }
  }
  return NULL;
}

/** Two free blocks for directories, nothing if there are none. */
export function takePair(): number[] | undefined {
  return v._free < 2 ? undefined : [take(), take()];
}
