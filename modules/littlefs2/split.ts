import { le32 } from '../engine';
import { allocate, blocksFreed } from './alloc';
import { append, writeTwin } from './commit';
import { countFree } from './count';
import { erase, load } from './disk';
import { hasMove, movingId, NO_STATE, NOTHING, pairBytes } from './gstate';
import { type Ops, tagAt } from './log';
import { applyTag, forget, keep, type Mdir, newMdir, ROW, samePair } from './mdir';
import { dirMoved, setMove } from './moved';
import { NO_ID, NULL, TAIL } from './tags';
import { findOnThread } from './thread';
import { fillMap } from './traverse';
import { fs } from './volume';

/** Moves the entries from `begin` on to a new pair behind `m`; from 0: all, and the superblock entry stays in both. False if there is no room. */
export function splitOff(m: Mdir, begin: number): boolean {
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
  if (hasMove(m._a, m._b) && movingId() >= begin) setMove(movingId() - begin, t._a, t._b);
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (samePair(f._a, f._b, m._a, m._b) && f._id >= begin) {
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
export function extend(m: Mdir, ops: Ops, size: number): boolean {
  const block = fs._blockSize;
  const count = m._count;
  let last = count > 0 && !m._split && m._erased && m._end + 24 * count <= block - 64;
  for (let k = 1; k < ops.length; k += 3) last = last && ops[k] === count;
  const t = last ? newPair(undefined) : undefined;
  if (!t) return false;
  fs._pending = new Uint8Array(size);
  for (let k = 0, at = 0; k < ops.length; k += 3) {
    const data = (ops[k + 2] as Uint8Array | undefined) || NOTHING;
    fs._pending.set(data, at);
    applyTag(t, tagAt([ops[k], 0, ops[k + 2]], 0), block + at, data, 0);
    at += data.length;
  }
  t._tail0 = m._tail0;
  t._tail1 = m._tail1;
  writeTwin(t, NO_STATE);
  keep(t);
  const done = append(m, [TAIL + 1, NO_ID, pairBytes(t._a, t._b)], 12);
  // Nothing names the new pair then.
  if (!done) blocksFreed();
  return done;
}

/** The superblock pair cannot move; so, if there is room, what is written often goes into a new root behind it. */
export function expandSuperblock(m: Mdir): void {
  const room = countFree() > fs._blockCount >> 3;
  blocksFreed();
  // Where it was expanded before, the root stays the last pair with a superblock entry.
  const root = samePair(m._a, m._b, fs._root._a, fs._root._b);
  if (room && splitOff(m, 0) && root) fs._root = { _a: m._tail0, _b: m._tail1 };
}

/**
 * Takes a free block for a pair that moves for wear. A pair wears its blocks most of all, so these go round the volume by
 * themselves: in turn with other blocks, changes of one kind might lead to the same few for ever.
 */
function allocateApart(m: Mdir): number {
  const v = fs;
  const count = v._blockCount;
  if (!v._mapSize) fillMap();
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
  return allocate();
}

/**
 * A block for a worn pair; NULL if there is none, or if it moved already and the thread was not told yet: were it to move twice
 * before that, it would be on it no more.
 */
export function newPlace(m: Mdir): number {
  const moves = fs._moves;
  let told = !fs._torn && moves.length < fs._blockCount;
  for (let k = 0; k < moves.length && told; k += 4) {
    if (samePair(m._a, m._b, moves[k + 2], moves[k + 3])) {
      const pred = findOnThread(m._a, m._b, false);
      told = !!pred && pred._tail0 + pred._tail1 === m._a + m._b;
    }
  }
  return told ? allocateApart(m) : NULL;
}

/** A free block that can be read: what is no more than torn can be after an erase. */
function allocateReadable(apart: Mdir | undefined): number {
  for (;;) {
    const block = apart ? allocateApart(apart) : allocate();
    if (block === NULL || !load(block, 0, 4, 4) || (erase(block) && !load(block, 0, 4, 4))) return block;
  }
}

/** A new pair of two free blocks, not written yet; undefined if there are none. With `apart` it goes where pairs that move go. */
export function newPair(apart: Mdir | undefined): Mdir | undefined {
  let a = NULL;
  let b = NULL;
  let rev = 0;
  for (let k = 0; k < 2; k++) {
    const block = allocateReadable(apart);
    if (block === NULL) {
      blocksFreed();
      return undefined;
    }
    // The one that is written has the older revision. Of two alike the first, which is left sooner: it is the next to be worn again.
    const other = le32(fs._w, 0);
    if (k && ((other - rev) | 0) < 0) b = block;
    else {
      b = a;
      a = block;
      rev = other;
    }
  }
  // The blocks may have been another pair's.
  forget(a, b);
  dirMoved(a, b);
  const m = newMdir(a, b);
  // What is left of an older pair in `a` must not pass for newer; and a multiple of the cycles is not moved at once.
  if (fs._cycles > 0) {
    rev = (rev + fs._cycles - 1) >>> 0;
    rev -= rev % fs._cycles;
  }
  m._rev = rev;
  return m;
}
