/** Finding the free blocks by a walk over the whole volume: seldom needed, so a part that a device loads on demand. */
import { fill } from '../engine';
import { ECORRUPT } from '../errno';
import { ctzIndex, pointer } from './ctz';
import { fetch, KIND_CTZ, KIND_DIR, kindOf, type Mdir, ROW } from './mdir';
import type { Stream } from './stream';
import { NULL } from './tags';
import { fail, fs, limitSteps } from './volume';

/** Calls `visit` for each block of the CTZ list whose block `index` is `head`. */
function listCtz(head: number, index: number, visit: (block: number) => void): void {
  visit(head);
  while (index > 0) {
    // A block with an even index names the two before it.
    const even = 1 - (index & 1);
    if (even) visit(pointer(head, 0));
    head = pointer(head, even);
    visit(head);
    index -= 1 + even;
  }
}

/** Calls `visit` for the blocks that a pair names: of directories (a move that was cut leaves thread and tree in disagreement) and CTZ lists. */
function visitNamed(m: Mdir, visit: (block: number) => void): void {
  for (let id = 0; id < m._count; id++) {
    const x = m._rows[id * ROW + 1];
    const y = m._rows[id * ROW + 2];
    const kind = kindOf(m, id);
    if (kind === KIND_DIR) {
      visit(x);
      visit(y);
    } else if (kind === KIND_CTZ) listCtz(x, ctzIndex(y - 1), visit);
  }
}

/** Calls `visit` for every block in use: pairs on the thread and what they name, pairs that are being moved, what open files refer to. */
function traverse(visit: (block: number) => void): void {
  const moves = fs._moves;
  let a = 0;
  let b = 1;
  // What the disk still says counts as well as what it is going to say.
  fs._moves = [];
  for (let steps = 0; a !== NULL; steps++) {
    limitSteps(steps);
    const m = fetch(a, b);
    visit(a);
    visit(b);
    visitNamed(m, visit);
    a = m._tail0;
    b = m._tail1;
  }
  fs._moves = moves;
  for (let k = 0; k < moves.length; k += 4) visitNamed(fetch(moves[k + 2], moves[k + 3]), visit);
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (f._changed && !f._inline && f._size) listCtz(f._head, ctzIndex(f._size - 1), visit);
    if (f._wIndex >= 0) {
      visit((f._stream as Stream)._block);
      if (f._wIndex) listCtz(f._wPrev, f._wIndex - 1, visit);
    }
  }
}

/**
 * Fills the bitmap for the blocks ahead. Its window never reaches back to what this operation took and nothing refers
 * to yet: it is no longer than the blocks left to look at.
 */
export function fillMap(): void {
  const v = fs;
  const map = v._map;
  const count = v._blockCount;
  v._mapStart = (v._mapStart + v._mapNext) % count;
  v._mapSize = Math.min(map.length * 8, v._mapLeft);
  v._mapNext = 0;
  fill(map, 0);
  traverse(function (block: number): void {
    if (!(block >= 0 && block < count)) fail(ECORRUPT);
    const bit = (block - v._mapStart + count) % count;
    if (bit < v._mapSize) map[bit >> 3] |= 1 << (bit & 7);
  });
}
