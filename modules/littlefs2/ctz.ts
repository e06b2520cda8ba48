import { le32 } from '../engine';
import { peek } from './disk';
import { fs } from './volume';

/** How many bits of `x` are set. */
export function popcount(x: number): number {
  let n = 0;
  for (; x; x &= x - 1) n++;
  return n;
}

/** The index of the block that holds byte `pos` of a CTZ list; its offset there, pointers included, goes to `fs._off` (DESIGN.md, "CTZ skip-lists"). */
export function ctzIndex(pos: number): number {
  const b = fs._blockSize - 8;
  let i = Math.floor(pos / b);
  if (i) i = Math.floor((pos - 4 * (popcount(i - 1) + 2)) / b);
  fs._off = pos - b * i - 4 * popcount(i);
  return i;
}

/** Skip pointer `n` of a block. */
export function pointer(block: number, n: number): number {
  const i = peek(block, n * 4, 4, 4);
  return le32(fs._w, i);
}
