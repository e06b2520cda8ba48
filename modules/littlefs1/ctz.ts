import { ECORRUPT } from '../contract/errno';
import { le32 } from '../engine';
import { peek } from './disk';
import { fail, fs } from './volume';

/** How many bits of `x` are set. */
export function popcount(x: number): number {
  let n = 0;
  for (; x; x &= x - 1) n++;
  return n;
}

/** The index of the block that holds byte `pos` of a CTZ list; its offset there, pointers included, goes to `fs._off` (DESIGN.md, "CTZ linked-lists"). */
export function ctzIndex(pos: number): number {
  const b = fs._blockSize - 8;
  let i = Math.floor(pos / b);
  if (i) i = Math.floor((pos - 4 * (popcount(i - 1) + 2)) / b);
  fs._off = pos - b * i - 4 * popcount(i);
  return i;
}

/** How many blocks a file of `size` bytes has. */
export function ctzBlocks(size: number): number {
  return size > 0 ? ctzIndex(size - 1) + 1 : 0;
}

/** Skip pointer `n` of a block: a block of a file, which is none of the superblock's. */
export function pointer(block: number, n: number): number {
  const i = peek(block, n * 4, 4, 8);
  const to = le32(fs._w, i);
  return to > 1 && to < fs._blockCount ? to : fail(ECORRUPT);
}

/** Calls `visit` for each block of the list that ends in the block `head`, with this index; with none for -1. */
export function eachBlock(head: number, index: number, visit: (block: number) => void): void {
  if (index >= fs._blockCount) fail(ECORRUPT);
  if (index >= 0) visit(head);
  while (index > 0) {
    // A block with an even index names the two before it.
    const even = 1 - (index & 1);
    if (even) visit(pointer(head, 0));
    head = pointer(head, even);
    visit(head);
    index -= 1 + even;
  }
}
