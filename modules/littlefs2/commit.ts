import { le32, putLe32 } from '../engine';
import { EIO, ENOSPC } from '../errno';
import { allocate, countFree, takeBlock } from './alloc';
import { erase, load, readBytes } from './disk';
import { pairBytes, wantedDelta } from './gstate';
import { beginLog, endLog, logBytes, logTag } from './log';
import { applyTag, forget, KIND_DIR, KIND_INLINE, keep, kindOf, type Mdir, newMdir, ROW, scan } from './mdir';
import { CREATE, DELETE, DIR, DIRSTRUCT, MOVESTATE, MTIME, mkTag, NO_ID, NULL, REG, SUPERBLOCK, TAIL, USERATTR } from './tags';
import { dropPair, findPred, relink, repairThread } from './thread';
import { fail, type Volume } from './volume';

/**
 * Changes one metadata pair atomically. `ops` are tags and their data, in turn. Appended to the log where it fits, else
 * the pair is compacted, split or moved; then what refers to it is changed too. Positions of open files follow.
 * If this throws, `fs._stale` stays set, and the next operation reads the state anew from the disk.
 */
export function commit(fs: Volume, m: Mdir, ops: (number | Uint8Array)[]): void {
  const outer = !fs._stale;
  fs._stale = true;
  const a = m._a;
  const b = m._b;
  let size = 0;
  let count = m._count;
  for (let k = 0; k < ops.length; k += 2) {
    const type = (ops[k] as number) >>> 20;
    size += 4 + (ops[k + 1] as Uint8Array).length;
    if (type === CREATE) count++;
    if (type === DELETE) count--;
  }
  let pred: Mdir | undefined;
  if (!count && m._count) {
    // A pair of a directory that becomes empty is dropped, unless it is the first.
    pred = findPred(fs, a, b);
    if (pred && !pred._split) pred = undefined;
  }
  if (pred) {
    for (let k = 0; k < ops.length; k += 2)
      if ((ops[k] as number) >> 28 === 6) applyTag(m, ops[k] as number, 0, ops[k + 1] as Uint8Array, 0);
    dropPair(fs, pred, m);
  } else {
    forget(fs, a, b);
    const appended = append(fs, m, ops, size);
    movePositions(fs, m, ops);
    if (appended || !compactAll(fs, m, ops, size)) {
      fs._gdisk.set(fs._gstate);
      keep(fs, m);
    } else {
      // Relocated: the commits that change what names the pair also bring the new global state to the disk.
      keep(fs, m);
      relink(fs, a, b, m);
      if (!outer) fs._repair = true;
    }
  }
  if (outer) {
    if (fs._repair) {
      // A pair moved while another's move was being made known: the two may have missed each other.
      fs._repair = false;
      fs._mdirs = [];
      repairThread(fs, false);
    }
    fs._stale = false;
  }
}

/** Appends the commit to the log; false if it does not fit or cannot be programmed, with the table as it was. */
function append(fs: Volume, m: Mdir, ops: (number | Uint8Array)[], size: number): boolean {
  const delta = wantedDelta(fs, m._delta);
  if (!m._erased || m._end + size + (delta ? 16 : 0) > fs._blockSize - 8) return false;
  beginLog(fs, m._a, m._end, m._tag);
  for (let k = 0; k < ops.length; k += 2) logTag(fs, m, ops[k] as number, ops[k + 1] as Uint8Array);
  if (delta) logTag(fs, m, mkTag(MOVESTATE, NO_ID, 12), delta);
  if (endLog(fs, m)) return true;
  if (!scan(fs, m, fs._blockSize)) fail(fs, EIO, 'metadata block ' + m._a + ' was lost while writing');
  return false;
}

/** Shifts the positions of open files as the entries of their pair shift. */
function movePositions(fs: Volume, m: Mdir, ops: (number | Uint8Array)[]): void {
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (f._a !== m._a && f._a !== m._b) continue;
    for (let k = 0; k < ops.length; k += 2) {
      const type = (ops[k] as number) >>> 20;
      const id = ((ops[k] as number) >>> 10) & 0x3ff;
      if (type === CREATE && id <= f._id) f._id++;
      else if (type === DELETE && id < f._id) f._id--;
    }
  }
}

/** Size of the rows `begin` to `end` in a compacted log. */
function sizeOf(m: Mdir, begin: number, end: number): number {
  const rows = m._rows;
  let size = 0;
  for (let id = begin; id < end; id++) {
    const r = id * ROW;
    size += 8 + (rows[r] & 0x3ff) + (kindOf(m, id) === KIND_INLINE ? rows[r + 2] : 8);
    if (rows[r + 3]) size += 4 + (rows[r + 3] & 0x3ff);
  }
  for (let k = 0; k < m._attrs.length; k += 3) if (m._attrs[k] >= begin && m._attrs[k] < end) size += 4 + (m._attrs[k + 2] & 0x3ff);
  return size;
}

/** Compacts the pair with the changes, after splitting off what would overfill it. Whether it was relocated. */
function compactAll(fs: Volume, m: Mdir, ops: (number | Uint8Array)[], size: number): boolean {
  const block = fs._blockSize;
  // The changes are put into the table with places beyond the block, in `pending`.
  const pending = new Uint8Array(size);
  size = 0;
  for (let k = 0; k < ops.length; k += 2) {
    const data = ops[k + 1] as Uint8Array;
    pending.set(data, size);
    applyTag(m, ops[k] as number, block + size, data, 0);
    size += data.length;
  }
  const source = m._a;
  let half = (block >> 1) + fs._progSize - 1;
  half -= half % fs._progSize;
  // 40 bytes: tail, global state, a delete to end a move, CRC.
  const most = Math.min(block - 40, half);
  let end = m._count;
  for (;;) {
    let begin = 0;
    while (end - begin > 1 && (end - begin > 254 || sizeOf(m, begin, end) > most)) begin += (end - begin) >> 1;
    if (!begin || !splitOff(fs, m, source, pending, begin)) break;
    end = begin;
  }
  if (m._super && isTired(fs, m._rev) && samePlace(m) && countFree(fs) > fs._blockCount >> 3) {
    // The superblock pair cannot move; so what is written often goes into a new root behind it.
    if (splitOff(fs, m, source, pending, 0)) {
      fs._root0 = m._tail0;
      fs._root1 = m._tail1;
    }
  }
  if (sizeOf(m, 0, m._count) > block - 40) fail(fs, ENOSPC);
  return writeTwin(fs, m, source, pending, true);
}

function samePlace(m: Mdir): boolean {
  return m._a + m._b === 1;
}

function isTired(fs: Volume, rev: number): boolean {
  return fs._cycles > 0 && ((rev + 1) >>> 0) % ((fs._cycles + 1) | 1) === 0;
}

/** Moves the entries from `begin` on to a new pair behind `m`; from 0: all, and the superblock entry stays in both. False if there is no room. */
function splitOff(fs: Volume, m: Mdir, source: number, pending: Uint8Array, begin: number): boolean {
  const t = newPair(fs);
  if (!t) return false;
  const count = m._count - begin;
  t._rows = new Int32Array(count * ROW);
  t._rows.set(m._rows.subarray(begin * ROW, m._count * ROW));
  t._count = count;
  const kept: number[] = [];
  for (let k = 0; k < m._attrs.length; k += 3) {
    const id = m._attrs[k];
    if (id >= begin) t._attrs.push(id - begin, m._attrs[k + 1], m._attrs[k + 2]);
    if (id < begin || (!begin && !id)) kept.push(id, m._attrs[k + 1], m._attrs[k + 2]);
  }
  t._tail0 = m._tail0;
  t._tail1 = m._tail1;
  t._split = m._split;
  t._super = begin ? 0 : m._super;
  writeTwin(fs, t, source, pending, false);
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if ((f._a === m._a || f._a === m._b) && f._id >= begin) {
      f._a = t._a;
      f._b = t._b;
      f._id -= begin;
    }
  }
  keep(fs, t);
  m._attrs = kept;
  m._count = begin || 1;
  m._tail0 = t._a;
  m._tail1 = t._b;
  m._split = 1;
  return true;
}

/** A new pair of two free blocks, not written yet; undefined if there are none. */
export function newPair(fs: Volume): Mdir | undefined {
  const a = allocate(fs);
  const b = a === NULL ? NULL : allocate(fs);
  if (b === NULL) return undefined;
  const m = newMdir(a, b);
  // What is left of an older pair in `a` must not pass for newer; and a multiple of the cycles is not moved at once.
  let rev = 0;
  if (!load(fs, a, 0, 4, 4)) rev = le32(fs._w, 0);
  if (fs._cycles > 0) {
    const every = (fs._cycles + 1) | 1;
    rev = (rev + every - 1) >>> 0;
    rev -= rev % every;
  }
  m._rev = rev | 0;
  return m;
}

/**
 * Writes the pair anew into its other block, or a free one when that is worn or bad. Whether it was relocated.
 * `withState`: the pair is on the thread, so it may carry the global state.
 */
export function writeTwin(fs: Volume, m: Mdir, source: number, pending: Uint8Array, withState: boolean): boolean {
  const fixed = samePlace(m);
  let target = m._b;
  let relocated = false;
  if (withState && !fixed && isTired(fs, m._rev)) {
    const fresh = allocate(fs);
    if (fresh !== NULL) {
      target = fresh;
      relocated = true;
    }
  }
  m._rev = (m._rev + 1) | 0;
  while (!erase(fs, target) || !writeAll(fs, m, target, source, pending, withState && !relocated)) {
    if (fixed) fail(fs, EIO, 'superblock pair cannot be written');
    target = takeBlock(fs);
    relocated = true;
  }
  m._b = m._a;
  m._a = target;
  return relocated;
}

/** Writes everything the table names into an erased block; false if that fails, with the table as it was. */
function writeAll(fs: Volume, m: Mdir, target: number, source: number, pending: Uint8Array, withState: boolean): boolean {
  const rows = m._rows;
  const out = newMdir(target, m._a);
  out._rows = new Int32Array((m._count + 2) * ROW);
  const fetchPlace = function (off: number, length: number): Uint8Array {
    if (off >= fs._blockSize) return pending.subarray(off - fs._blockSize, off - fs._blockSize + length);
    const data = new Uint8Array(length);
    readBytes(fs, source, off, data, fs._own.length);
    return data;
  };
  const word = new Uint8Array(4);
  putLe32(word, 0, m._rev);
  beginLog(fs, target, 0, NULL);
  logBytes(fs, word);
  for (let id = 0; id < m._count && fs._log._ok; id++) {
    const r = id * ROW;
    const kind = kindOf(m, id);
    const length = rows[r] & 0x3ff;
    const type = !id && m._super ? SUPERBLOCK : kind === KIND_DIR ? DIR : REG;
    logTag(fs, out, mkTag(type, id, length), fetchPlace((rows[r] & 0x3fffffff) >> 10, length));
    const struct = kind === KIND_INLINE ? fetchPlace(rows[r + 1], rows[r + 2]) : pairBytes(rows[r + 1], rows[r + 2]);
    logTag(fs, out, mkTag(DIRSTRUCT + kind - 1, id, struct.length), struct);
    let place = rows[r + 3];
    if (place) logTag(fs, out, mkTag(USERATTR + MTIME, id, place & 0x3ff), fetchPlace(place >>> 10, place & 0x3ff));
    for (let k = 0; k < m._attrs.length; k += 3) {
      place = m._attrs[k + 2];
      if (m._attrs[k] === id)
        logTag(fs, out, mkTag(USERATTR + m._attrs[k + 1], id, place & 0x3ff), fetchPlace(place >>> 10, place & 0x3ff));
    }
  }
  if (m._tail0 !== NULL) logTag(fs, out, mkTag(TAIL + m._split, NO_ID, 8), pairBytes(m._tail0, m._tail1));
  let delta = withState ? wantedDelta(fs, m._delta) : undefined;
  const old = m._delta;
  if (!delta && (old[0] || old[1] || old[2])) {
    delta = new Uint8Array(12);
    for (let k = 0; k < 3; k++) putLe32(delta, k * 4, old[k]);
  }
  if (delta) logTag(fs, out, mkTag(MOVESTATE, NO_ID, 12), delta);
  if (!endLog(fs, out)) return false;
  m._rows = out._rows;
  m._attrs = out._attrs;
  m._delta = out._delta;
  m._end = out._end;
  m._tag = out._tag;
  m._erased = out._erased;
  return true;
}
