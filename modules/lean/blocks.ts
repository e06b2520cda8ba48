/** Free blocks, and CTZ lists (SPEC.md, "CTZ skip-lists"). */
import { ECORRUPT, ENOSPC } from '../contract/errno';
import { le32 } from '../engine';
import { bytesAt, word } from './disk';
import { dataOf, fetch, fetchNext } from './table';
import { fail, NULL, v } from './volume';

/** How many bits are set. */
function bits(n: number): number {
  let count = 0;
  for (; n; n &= n - 1) count++;
  return count;
}

/** How many pointers block `index` of a list begins with. */
export function pointersOf(index: number): number {
  return index ? bits((index & -index) - 1) + 1 : 0;
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

/** Marks a block as used. */
function mark(block: number): void {
  const map = v._map as Uint8Array;
  const bit = 1 << (block & 7);
  if (block < 0 || block >= v._blocks || map[block >> 3] & bit) return;
  map[block >> 3] |= bit;
  v._free--;
}

/** Marks the blocks of a list up to the one at `index`. */
function markList(head: number, index: number): void {
  if (index >= v._blocks) fail(ECORRUPT, 'damaged: a file larger than the volume');
  for (; index >= 0 && head !== NULL; index--) {
    mark(head);
    if (index) head = word(head, 0);
  }
}

/** Finds out which blocks are in use: by the directories, by their files, and by open files. */
export function countFree(): void {
  v._map = new Uint8Array((v._blocks + 7) >> 3);
  v._free = v._blocks;
  fetch([0, 1]);
  do {
    mark(v._a);
    mark(v._b);
    for (let id = 0; id < v._count; id++) {
      const content = v._rows[id * 2 + 1];
      if (content >> 28 !== 3) continue;
      const list = dataOf(content, []);
      const size = le32(list, 4);
      if (size > 0) markList(le32(list, 0), indexOf(size - 1));
    }
  } while (fetchNext());
  for (let k = 0; k < v._files.length; k++) {
    const f = v._files[k];
    if (!f._data && f._size) markList(f._head, indexOf(f._size - 1));
    if (f._stream) {
      mark(f._stream._block);
      markList(f._before, f._index - 1);
    }
  }
}

/** Sees to it that there are blocks for a change of directories, if there are any. */
export function makeRoom(): void {
  if (!v._map || v._free < 4) countFree();
}

/** Takes the next free block that is known, or NULL. */
function take(): number {
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

/** A free block for a file. The pair at hand may be another then. @throws ENOSPC */
export function takeBlock(): number {
  if (!v._map || !v._free) countFree();
  const block = take();
  if (block === NULL) fail(ENOSPC);
  return block;
}
