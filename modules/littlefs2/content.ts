/** What a file holds: bytes in its entry, or a list of blocks (DESIGN.md, "CTZ skip-lists"). */
import { le32 } from '../engine';
import { peekAt, readBytes } from './disk';
import { fs, type OpenFile } from './volume';

/** The index of the block that holds byte `pos` of a list; its offset there, pointers included, goes to `fs._off`. */
export function ctzIndex(pos: number): number {
  const b = fs._blockSize - 8;
  let i = Math.floor(pos / b);
  // How many bits are set: so many pointers fewer than two for each block lie before it.
  let bits = 0;
  if (i) {
    for (let x = i - 1; x; x &= x - 1) bits++;
    i = Math.floor((pos - 4 * (bits + 2)) / b);
    bits = 0;
    for (let x = i; x; x &= x - 1) bits++;
  }
  fs._off = pos - b * i - 4 * bits;
  return i;
}

/** The block with `index` in the file's list, found from the nearest one passed before. */
export function findBlock(f: OpenFile, index: number): number {
  const seen = f._seen;
  while (seen.length && seen[seen.length - 2] < index) seen.splice(seen.length - 2, 2);
  if (!seen.length) seen.push(ctzIndex(f._size - 1), f._head);
  let i = seen[seen.length - 2];
  let block = seen[seen.length - 1];
  while (i > index) {
    let skip = 0;
    while (!(i & ((2 << skip) - 1)) && i - (2 << skip) >= index) skip++;
    block = le32(peekAt(block, skip * 4, 4), 0);
    i -= 1 << skip;
    seen.push(i, block);
  }
  return block;
}

/** Reads what is there: all of `buf` lies before the end. */
export function readContent(f: OpenFile, pos: number, buf: Uint8Array): void {
  const length = buf.length;
  if (f._inline) buf.set(f._inline.subarray(pos, pos + length));
  else {
    for (let at = 0, n = 0; at < length; at += n) {
      const index = ctzIndex(pos + at);
      const off = fs._off;
      n = Math.min(length - at, fs._blockSize - off);
      readBytes(findBlock(f, index), off, n === length ? buf : buf.subarray(at, at + n));
    }
  }
}
