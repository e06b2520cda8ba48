import { allocate, blocksFreed } from './alloc';
import { append, writeTwin } from './commit';
import { countFree } from './count';
import { hasMove, movingId, NO_STATE, NOTHING, pairBytes } from './gstate';
import { type Ops, tagAt } from './log';
import { applyTag, forget, keep, type Mdir, newMdir, ROW, readRev, samePair } from './mdir';
import { dirMoved, setMove } from './moved';
import { NO_ID, NULL, TAIL } from './tags';
import { fs } from './volume';

/** Moves the entries from `begin` on to a new pair behind `m`; from 0: all, and the superblock entry stays in both. False if there is no room. */
export function splitOff(m: Mdir, begin: number): boolean {
  const t = newPair();
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
  const t = last ? newPair() : undefined;
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
  if (room && splitOff(m, 0)) fs._root = { _a: m._tail0, _b: m._tail1 };
}

/** A new pair of two free blocks, not written yet; undefined if there are none. */
export function newPair(): Mdir | undefined {
  const a = allocate();
  const b = allocate();
  if (b === NULL) {
    blocksFreed();
    return undefined;
  }
  // The blocks may have been another pair's.
  forget(a, b);
  dirMoved(a, b);
  const m = newMdir(a, b);
  // What is left of an older pair in `a` must not pass for newer; and a multiple of the cycles is not moved at once.
  let rev = readRev(a);
  if (fs._cycles > 0) {
    const every = (fs._cycles + 1) | 1;
    rev = (rev + every - 1) >>> 0;
    rev -= rev % every;
  }
  m._rev = rev;
  return m;
}
