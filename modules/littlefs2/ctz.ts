import { le32 } from '../engine';
import { ECORRUPT } from '../errno';
import { peek } from './disk';
import { fail, type Volume } from './volume';

/** How many bits of `x` are set. */
function popcount(x: number): number {
  let n = 0;
  for (; x; x &= x - 1) n++;
  return n;
}

/** How many skip pointers block `index` of a CTZ list begins with: ctz(index) + 1, none for block 0. */
export function pointerCount(index: number): number {
  let n = 1;
  if (!index) return 0;
  for (; !(index & 1); index >>= 1) n++;
  return n;
}

/** The index of the block that holds byte `pos` of a CTZ list; its offset there, pointers included, goes to `fs._off` (DESIGN.md, "CTZ skip-lists"). */
export function ctzIndex(fs: Volume, pos: number): number {
  const b = fs._blockSize - 8;
  let i = Math.floor(pos / b);
  if (i) i = Math.floor((pos - 4 * (popcount(i - 1) + 2)) / b);
  fs._off = pos - b * i - 4 * popcount(i);
  return i;
}

/** A skip pointer, checked. */
export function pointer(fs: Volume, block: number, n: number): number {
  if (!(block >= 0 && block < fs._blockCount)) fail(fs, ECORRUPT, 'block ' + block + ' of a file is beyond the volume');
  const i = peek(fs, block, n * 4, 4, 4);
  return le32(fs._w, i);
}

/** Calls `visit` for each block of a CTZ list of `size` bytes; a negative size is minus (index of the head). */
export function listCtz(fs: Volume, head: number, size: number, visit: (block: number) => void): void {
  let index = size > 0 ? ctzIndex(fs, size - 1) : -size;
  visit(head);
  while (index > 0) {
    // A block with an even index names the two before it.
    if (index & 1) head = pointer(fs, head, 0);
    else {
      visit(pointer(fs, head, 0));
      head = pointer(fs, head, 1);
      index--;
    }
    index--;
    visit(head);
  }
}
