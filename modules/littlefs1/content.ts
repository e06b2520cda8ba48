import { ctzIndex, pointer } from './ctz';
import { readBytes } from './disk';
import { fail, fs, type OpenFile } from './volume';

/** The content of an open file: a CTZ list (DESIGN.md). */
export interface Content extends OpenFile {
  /** Whether what follows the content in its last block is erased: 1 yes, 0 perhaps, -1 its entry still names it, even if it reads so. */
  _clean: number;
  /** Index and block of list members found last, from the head down. */
  _seen: number[];
}

export function sizeOf(f: Content): number {
  return f._wIndex < 0 ? f._size : Math.max(f._size, f._wPos);
}

/** Reads bytes of one block, which have to be there. */
export function readInto(block: number, off: number, buf: Uint8Array): void {
  const status = readBytes(block, off, buf, fs._own.length);
  if (status) fail(status);
}

/** The block with `index` in the file's list, found from the nearest one passed before. */
export function findBlock(f: Content, index: number): number {
  const seen = f._seen;
  while (seen.length && seen[seen.length - 2] < index) seen.splice(seen.length - 2, 2);
  if (!seen.length) seen.push(ctzIndex(f._size - 1), f._head);
  let i = seen[seen.length - 2];
  let block = seen[seen.length - 1];
  while (i > index) {
    let skip = 0;
    while (!(i & ((2 << skip) - 1)) && i - (2 << skip) >= index) skip++;
    block = pointer(block, skip);
    i -= 1 << skip;
    seen.push(i, block);
  }
  return block;
}

/** Reads what is there: all of `buf` lies before the end. */
export function readOn(f: Content, pos: number, buf: Uint8Array): void {
  const length = buf.length;
  for (let at = 0, n = 0; at < length; at += n) {
    const index = ctzIndex(pos + at);
    const off = fs._off;
    n = Math.min(length - at, fs._blockSize - off);
    readInto(findBlock(f, index), off, n === length ? buf : buf.subarray(at, at + n));
  }
}
