/** CTZ lists (SPEC.md, "CTZ skip-lists"). */
import { bytesAt, word } from './disk';
import { v } from './volume';

/** How many bits are set. */
function bits(n: number): number {
  let count = 0;
  for (; n; n &= n - 1) count++;
  return count;
}

/** The index of the block of a list that holds the byte at `pos`. */
export function indexOf(pos: number): number {
  const bytes = v._size - 8;
  const most = Math.floor(pos / bytes);
  return most && Math.floor((pos - 4 * (bits(most - 1) + 2)) / bytes);
}

/** Where in that block it lies. */
export function offsetOf(pos: number, index: number): number {
  return pos - (v._size - 8) * index - 4 * bits(index);
}

/** The block of a list at index `to`, from block `head` at `index` on. */
export function blockAt(head: number, index: number, to: number): number {
  while (index > to) {
    let skip = 0;
    while (!((index >> skip) & 1) && 2 << skip <= index - to) skip++;
    head = word(head, 4 * skip);
    index -= 1 << skip;
  }
  return head;
}

/** Reads of a list of `size` bytes, the last block of which is `head`. */
export function readList(head: number, size: number, pos: number, buf: Uint8Array): void {
  for (let done = 0; done < buf.length; ) {
    const index = indexOf(pos + done);
    const off = offsetOf(pos + done, index);
    const length = Math.min(buf.length - done, v._size - off, 512);
    buf.set(bytesAt(blockAt(head, indexOf(size - 1), index), off, length), done);
    done += length;
  }
}
