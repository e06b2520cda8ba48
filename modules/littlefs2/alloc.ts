import { fill } from '../engine';
import { ECORRUPT, ENOSPC } from '../errno';
import { ctzIndex, listCtz } from './ctz';
import { isMoving } from './gstate';
import { fetch, KIND_CTZ, KIND_DIR, kindOf, type Mdir, ROW } from './mdir';
import type { Stream } from './stream';
import { NULL } from './tags';
import { fail, fs, limitSteps } from './volume';

/** The operation under way may take every free block once more: what it took so far is reachable now. */
export function checkpoint(): void {
  fs._mapLeft = fs._blockCount;
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

/** Takes the blocks of a pair and of what it names off the free ones. */
export function countUsed(m: Mdir): void {
  fs._free -= 2;
  for (let id = 0; id < m._count; id++)
    if (kindOf(m, id) === KIND_CTZ && !isMoving(m, id)) fs._free -= ctzIndex(m._rows[id * ROW + 2] - 1) + 1;
}

/** How many blocks are free. */
export function countFree(): number {
  let a = 0;
  let b = 1;
  if (fs._free < 0) {
    fs._free = fs._blockCount;
    for (let steps = 0; a !== NULL; steps++) {
      limitSteps(steps);
      const m = fetch(a, b);
      countUsed(m);
      a = m._tail0;
      b = m._tail1;
    }
    for (let i = 0; i < fs._files.length; i++) {
      const f = fs._files[i];
      if (f._changed && !f._inline && f.size()) fs._free -= ctzIndex(f.size() - 1) + 1;
    }
    if (fs._free < 0) fs._free = 0;
  }
  return fs._free;
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

/** Takes a free block; NULL if there is none. */
export function allocate(): number {
  const v = fs;
  const map = v._map;
  for (; v._mapLeft > 0; v._mapLeft--) {
    if (v._mapNext >= v._mapSize) fillMap();
    const bit = v._mapNext++;
    if (!(map[bit >> 3] & (1 << (bit & 7)))) {
      v._mapLeft--;
      if (v._free > 0) v._free--;
      return (v._mapStart + bit) % v._blockCount;
    }
  }
  return NULL;
}

/** Takes a free block or ends the operation with ENOSPC. */
export function takeBlock(): number {
  const block = allocate();
  return block === NULL ? fail(ENOSPC) : block;
}

/** Blocks came free, or may have: they are counted when somebody asks. */
export function blocksFreed(): void {
  fs._free = NULL;
}
