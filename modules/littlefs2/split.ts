/** Changes that take more than one pair, or another place: new pairs, split ones, moved ones. */
import { ENOSPC } from '../contract/errno';
import { le32 } from '../engine';
import { allocate } from './alloc';
import { append } from './append';
import * as rarely from './compact.lazy';
import { isTired, stage, writeBlock } from './compaction';
import { load } from './disk';
import * as free from './free.lazy';
import { wantedDelta } from './gstate';
import * as marks from './marks.lazy';
import { fetch, forget, isMoving, keep, movingId, samePair } from './mdir';
import * as mount from './mount.lazy';
import { pairBytes, sizeOf } from './ops';
import { erase } from './stream';
import { KIND_DIR, newMdir, ROW } from './table';
import { ALL_STATE, DROPPED_STATE, MOVE, NO_ID, NO_STATE, NULL, RESERVE, TAIL } from './tags';
import { fail, fs, limitSteps, type Mdir, type Ops } from './volume';

/** Changes a pair: in a new one behind it, appended to its log, or written anew, split or moved if need be. Whether it was moved. */
export function commitPair(m: Mdir, ops: Ops): boolean {
  const v = fs;
  forget(m._a, m._b);
  const crowded = rarely.isCrowded(m, ops);
  if ((crowded && extend(m, ops)) || (!(crowded && m._count > 254) && append(m, ops))) return false;
  const moved = rewrite(m, ops);
  keep(m);
  // If it was moved, the commits that change what names it bring the new global state to the disk.
  if (!moved) v._gdisk.set(v._gstate);
  v._gdropped = new Int32Array(3);
  return moved;
}

/** Compacts the pair with the changes, after splitting off what would overfill it. Whether it was moved. */
function rewrite(m: Mdir, ops: Ops): boolean {
  const v = fs;
  const block = v._blockSize;
  const before = sizeOf(m, 0, m._count);
  const half = (block >> 1) + v._progSize - 1;
  const most = Math.min(block - RESERVE, half - (half % v._progSize));
  stage(m, ops);
  for (let begin = 1; begin; ) {
    const end = m._count;
    begin = 0;
    while (end - begin > 1 && (end - begin > 254 || sizeOf(m, begin, end) > most)) begin += (end - begin) >> 1;
    if (begin && (sizeOf(m, begin, end) > block - RESERVE || !splitOff(m, begin))) begin = 0;
  }
  if (m._a + m._b === 1 && isTired(m)) expandSuperblock(m);
  const size = sizeOf(m, 0, m._count);
  // The C library fills pairs further: what only shrinks, as by a removal, goes as long as it fits (4 is the revision, 8 the CRC).
  if (
    size > block - RESERVE &&
    (size > before || size + (m._tail0 === NULL ? 12 : 24) + (wantedDelta(m._delta, ALL_STATE, false) ? 16 : 0) > block)
  )
    fail(ENOSPC);
  return writeTwin(m, ALL_STATE);
}

/**
 * Writes the pair anew into its other block, or a free one when that is worn or bad, with its `share` of the global
 * state. Whether it was moved.
 */
export function writeTwin(m: Mdir, share: number): boolean {
  const old = m._b;
  const fixed = m._a + m._b === 1;
  let target = share && !fixed && isTired(m) ? newPlace(m) : old;
  if (target === NULL) target = old;
  while (!writeBlock(m, target, target === old ? share : Math.min(share, DROPPED_STATE))) {
    target = fixed ? NULL : takeReadable();
    if (target === NULL) fail(ENOSPC);
  }
  return target !== old;
}

/** Moves the entries from `begin` on to a new pair behind `m`; from 0: all, and the superblock entry stays in both. False if there is no room. */
function splitOff(m: Mdir, begin: number): boolean {
  const v = fs;
  const t = newPair(begin ? undefined : m);
  if (!t) return false;
  t._count = m._count - begin;
  t._rows = new Int32Array(t._count * ROW);
  t._rows.set(m._rows.subarray(begin * ROW, m._count * ROW));
  t._tail0 = m._tail0;
  t._tail1 = m._tail1;
  t._split = m._split;
  t._super = begin ? 0 : m._super;
  m._count = begin || 1;
  const kept: number[] = [];
  for (let k = 0; k < m._attrs.length; k += 3) {
    const id = m._attrs[k];
    if (id >= begin) t._attrs.push(id - begin, m._attrs[k + 1], m._attrs[k + 2]);
    if (id < m._count) kept.push(id, m._attrs[k + 1], m._attrs[k + 2]);
  }
  m._attrs = kept;
  writeTwin(t, NO_STATE);
  keep(t);
  const moving = movingId();
  if (moving >= begin && isMoving(m, moving)) v._gstate.set([MOVE + ((moving - begin) << 10), t._a, t._b]);
  for (let i = 0; i < v._files.length; i++) {
    const f = v._files[i];
    if (samePair(f, m._a, m._b) && f._id >= begin) {
      f._a = t._a;
      f._b = t._b;
      f._id -= begin;
    }
  }
  m._tail0 = t._a;
  m._tail1 = t._b;
  m._split = 1;
  return true;
}

/**
 * If the changes make an entry behind all others of the directory, it begins a new pair, and nothing is copied. What stays
 * free of the log of `m` is for removing. False, with nothing changed, for other changes, without room, or if that fails.
 */
function extend(m: Mdir, ops: Ops): boolean {
  const v = fs;
  const block = v._blockSize;
  const count = m._count;
  let last = count > 0 && !m._split && m._erased && m._end + 24 * count <= block - 64;
  for (let k = 1; k < ops.length; k += 3) last = last && ops[k] === count;
  const t = last ? newPair(undefined) : undefined;
  if (!t) return false;
  const own = ops.slice();
  for (let k = 1; k < own.length; k += 3) own[k] = 0;
  stage(t, own);
  t._tail0 = m._tail0;
  t._tail1 = m._tail1;
  writeTwin(t, NO_STATE);
  keep(t);
  const done = append(m, [TAIL + 1, NO_ID, pairBytes(t._a, t._b)]);
  // Nothing names the new pair then.
  if (!done) v._free = NULL;
  return done;
}

/** The superblock pair cannot move; so, if there is room, what is written often goes into a new root behind it. */
function expandSuperblock(m: Mdir): void {
  const v = fs;
  const room = mount.countFree() > v._blockCount >> 3;
  v._free = NULL;
  // Where it was expanded before, the root stays the last pair with a superblock entry.
  const root = samePair(m, v._root._a, v._root._b);
  if (room && splitOff(m, 0) && root) v._root = { _a: m._tail0, _b: m._tail1 };
}

/** Takes a free block that can be read: what is no more than torn can be after an erase. NULL if there is none. */
function takeReadable(): number {
  let block: number;
  do block = allocate();
  while (block !== NULL && !isReadable(block));
  return block;
}

/** Whether a free block can be read, if need be after an erase. Its revision is in the window then. */
function isReadable(block: number): boolean {
  return !load(block, 0, 4, 4) || (erase(block) && !load(block, 0, 4, 4));
}

/**
 * Takes a free block for a pair that moves for wear. A pair wears its blocks most of all, so these go round the volume by
 * themselves: in turn with other blocks, changes of one kind might lead to the same few for ever.
 */
function allocateApart(m: Mdir): number {
  const v = fs;
  const count = v._blockCount;
  if (!v._mapSize) free.fillMap();
  // After mounting they go on from the pair that is the first to move: from the block to which it came last.
  if (v._place === NULL)
    v._place = m._a + m._b === 1 ? v._mapStart + v._mapNext - 1 : (m._b - m._a + count) % count < count >> 1 ? m._b : m._a;
  const place = (v._place - v._mapStart + count) % count;
  for (let n = 1; n <= v._mapSize; n++) {
    const bit = ((place + n) % count) % v._mapSize;
    const mask = 1 << (bit & 7);
    if (!(v._map[bit >> 3] & mask)) {
      const block = (v._mapStart + bit) % count;
      v._map[bit >> 3] |= mask;
      v._taken.push(block);
      v._place = block;
      // Where both would have taken it, others go on behind it.
      if (bit >= v._mapNext && place < v._mapNext) v._mapNext = bit + 1;
      if (v._free > 0) v._free--;
      return block;
    }
  }
  return takeReadable();
}

/**
 * A block for a worn pair; NULL if there is none, or if it moved already and the thread was not told yet: were it to move twice
 * before that, it would be on it no more.
 */
function newPlace(m: Mdir): number {
  const v = fs;
  const moves = v._moves;
  let told = !v._torn && moves.length < v._blockCount;
  for (let k = 0; k < moves.length && told; k += 4) {
    if (samePair(m, moves[k + 2], moves[k + 3])) {
      const pred = findOnThread(m._a, m._b, false);
      told = !!pred && pred._tail0 + pred._tail1 === m._a + m._b;
    }
  }
  return told ? allocateApart(m) : NULL;
}

/** A new pair of two free blocks, not written yet; undefined if there are none. With `apart` it goes where pairs that move go. */
export function newPair(apart: Mdir | undefined): Mdir | undefined {
  const v = fs;
  let a = NULL;
  let b = NULL;
  let rev = 0;
  for (let k = 0; k < 2; k++) {
    let block: number;
    do block = apart ? allocateApart(apart) : takeReadable();
    while (block !== NULL && apart && !isReadable(block));
    if (block === NULL) {
      v._free = NULL;
      return undefined;
    }
    // The one that is written has the older revision. Of two alike the first, which is left sooner: it is the next to be worn again.
    const other = le32(v._w, 0);
    if (k && ((other - rev) | 0) < 0) b = block;
    else {
      b = a;
      a = block;
      rev = other;
    }
  }
  // The blocks may have been another pair's.
  forget(a, b);
  if (v._markCount) marks.dirMoved(a, b);
  const m = newMdir(a, b);
  // What is left of an older pair in `a` must not pass for newer; and a multiple of the cycles is not moved at once.
  if (v._cycles > 0) {
    rev = (rev + v._cycles - 1) >>> 0;
    rev -= rev % v._cycles;
  }
  m._rev = rev;
  return m;
}

/**
 * Walks the thread of all pairs from {0, 1}; gives the first pair whose tail is {a, b}, or, with `parents`, the first
 * that has an entry for the directory {a, b}, whose id goes to `fs._id`. Undefined where there is none.
 */
export function findOnThread(a: number, b: number, parents: boolean): Mdir | undefined {
  let m = fetch(0, 1);
  for (let steps = 0; ; steps++) {
    limitSteps(steps);
    if (parents) {
      for (let id = 0; id < m._count; id++) {
        if (
          m._rows[id * ROW] >>> 30 === KIND_DIR &&
          samePair({ _a: a, _b: b }, m._rows[id * ROW + 1], m._rows[id * ROW + 2]) &&
          !isMoving(m, id)
        ) {
          fs._id = id;
          return m;
        }
      }
    } else if (samePair({ _a: a, _b: b }, m._tail0, m._tail1)) return m;
    if (m._tail0 === NULL) return undefined;
    m = fetch(m._tail0, m._tail1);
  }
}
