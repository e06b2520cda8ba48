/** Finding free blocks: by a walk over the whole volume, and by following lists that came free. */
import { ECORRUPT } from '../contract/errno';
import { fill, le32 } from '../engine';
import { ctzIndex } from './content';
import { load, peekAt } from './disk';
import { fetch } from './mdir';
import { KIND_CTZ, KIND_DIR, ROW } from './table';
import { NULL } from './tags';
import { fail, fs, limitSteps, type Mdir, type Stream } from './volume';

/** Calls `visit` for each block of the CTZ list whose block `index` is `head`. */
function listCtz(head: number, index: number, visit: (block: number) => void): void {
  visit(head);
  while (index > 0) {
    // A block with an even index names the two before it.
    const even = 1 - (index & 1);
    const pointers = peekAt(head, 0, 8);
    const before = le32(pointers, 0);
    head = even ? le32(pointers, 4) : before;
    if (even) visit(before);
    visit(head);
    index -= 1 + even;
  }
}

/** Calls `visit` for the blocks that a pair names, of directories and CTZ lists; the directories' pairs go to `dirs`. */
function visitNamed(m: Mdir, visit: (block: number) => void, dirs: number[]): void {
  for (let id = 0; id < m._count; id++) {
    const x = m._rows[id * ROW + 1];
    const y = m._rows[id * ROW + 2];
    const kind = m._rows[id * ROW] >>> 30;
    if (kind === KIND_DIR) {
      visit(x);
      visit(y);
      dirs.push(x, y);
    } else if (kind === KIND_CTZ) listCtz(x, ctzIndex(y - 1), visit);
  }
}

/** Calls `visit` for every block in use: pairs on the thread and what they name, pairs that are being moved, what open files refer to. */
export function traverse(visit: (block: number) => void): void {
  const v = fs;
  const moves = v._moves;
  let a = 0;
  let b = 1;
  // What the disk still says counts as well as what it is going to say.
  v._moves = [];
  for (let steps = 0; a !== NULL; steps++) {
    limitSteps(steps);
    const m = fetch(a, b);
    visit(a);
    visit(b);
    visitNamed(m, visit, []);
    a = m._tail0;
    b = m._tail1;
  }
  // After a move that was cut the tree may lead to newer pairs than the thread.
  const todo = v._orphans ? [0, 1] : [];
  for (let steps = 0; todo.length; steps++) {
    limitSteps(steps);
    b = todo.pop() as number;
    const m = fetch(todo.pop() as number, b);
    visitNamed(m, visit, todo);
    if (m._split) todo.push(m._tail0, m._tail1);
  }
  v._moves = moves;
  for (let k = 0; k < moves.length; k += 4) visitNamed(fetch(moves[k + 2], moves[k + 3]), visit, []);
  for (let i = 0; i < v._files.length; i++) {
    const f = v._files[i];
    if (f._changed && !f._inline && f._size) listCtz(f._head, ctzIndex(f._size - 1), visit);
    if (f._wIndex >= 0) {
      visit((f._stream as Stream)._block);
      if (f._wIndex) listCtz(f._wPrev, f._wIndex - 1, visit);
    }
  }
}

/** Fills the bitmap for the blocks ahead. What this operation took counts as used, though nothing may refer to it yet. */
export function fillMap(): void {
  const v = fs;
  const map = v._map;
  const count = v._blockCount;
  const size = Math.min(map.length * 8, count);
  const mark = function (block: number): void {
    if (!(block >= 0 && block < count)) fail(ECORRUPT);
    const bit = (block - v._mapStart + count) % count;
    if (bit < size) map[bit >> 3] |= 1 << (bit & 7);
  };
  v._mapStart = (v._mapStart + v._mapNext) % count;
  // If the walk ends with an error, there is no bitmap.
  v._mapNext = v._mapSize = v._mapBehind = 0;
  v._released = [];
  v._leaving = undefined;
  fill(map, 0);
  traverse(mark);
  for (let i = 0; i < v._taken.length; i++) mark(v._taken[i]);
  v._mapSize = size;
  v._mapFound = size;
  for (let i = 0; i * 8 < size; i++) for (let x = map[i]; x; x &= x - 1) v._mapFound--;
}

/** So many steps, of two blocks each, at once. */
const STEPS = 8;

/** Skip pointer `n` of a block, NULL if it cannot be read. */
function pointerOf(block: number, n: number): number {
  const v = fs;
  return load(block, n * 4, 4, 8) ? NULL : le32(v._w, n * 4 - v._wOff);
}

/**
 * Blocks that come free of released lists, some at a time, from a block with an even index down. None was taken since; but
 * nothing guards the pointers in them, and what a wrong one leads to must not come free. The last block is known from the
 * entry; from there on each has to agree with the one before it about the one before that. (A block with an odd index has
 * one pointer only.)
 */
export function released(): number[] {
  const lists = fs._released;
  const blocks: number[] = [];
  for (let k = 0; lists.length && k < STEPS; k++) {
    const last = lists.length - 3;
    const block = lists[last];
    const index = lists[last + 1];
    const end = lists[last + 2];
    const before = index ? pointerOf(block, 0) : NULL;
    const further = index ? pointerOf(block, 1) : NULL;
    const right = further !== NULL && pointerOf(before, 0) === further;
    if (right || !index) blocks.push(block);
    if (right && index > end) blocks.push(before);
    if (!right || index - 2 < end) lists.splice(last, 3);
    else {
      lists[last] = further;
      lists[last + 1] = index - 2;
    }
  }
  return blocks;
}
