/** Letting the blocks of CTZ lists come free: a part that a device loads on demand. */
import { le32 } from '../engine';
import { freeBlock } from './alloc';
import { load } from './disk';
import { NULL } from './tags';
import { fs } from './volume';

/** So many steps, of two blocks each, at once. */
const STEPS = 8;

/** Skip pointer `n` of a block, NULL if it cannot be read. */
function pointerOf(block: number, n: number): number {
  return load(block, n * 4, 4, 8) ? NULL : le32(fs._w, n * 4 - fs._wOff);
}

/**
 * Lets blocks of released lists come free, from a block with an even index down. None was taken since; but nothing guards the
 * pointers in them, and what a wrong one leads to must not come free. The last block is known from the entry; from there on
 * each has to agree with the one before it about the one before that. (A block with an odd index has one pointer only.)
 */
export function release(): void {
  const lists = fs._released;
  for (let k = 0; lists.length && k < STEPS; k++) {
    const last = lists.length - 3;
    const block = lists[last];
    const index = lists[last + 1];
    const end = lists[last + 2];
    const before = index ? pointerOf(block, 0) : NULL;
    const further = index ? pointerOf(block, 1) : NULL;
    const right = further !== NULL && pointerOf(before, 0) === further;
    if (right || !index) freeBlock(block);
    if (right && index > end) freeBlock(before);
    if (!right || index - 2 < end) lists.splice(last, 3);
    else {
      lists[last] = further;
      lists[last + 1] = index - 2;
    }
  }
}
