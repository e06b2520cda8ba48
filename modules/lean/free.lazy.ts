/** Which blocks are in use. */
import { ECORRUPT } from '../contract/errno';
import { le32 } from '../engine';
import { mark } from './blocks';
import { indexOf } from './ctz';
import { word } from './disk';
import { dataOf, fetch, fetchNext } from './table';
import { fail, NULL, v } from './volume';

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
  // Less than none: what is counted by half is counted again.
  v._free = 0;
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
  v._free += v._blocks;
}
