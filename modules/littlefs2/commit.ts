import { ECORRUPT, ENOSPC } from '../contract/errno';
import { putLe32 } from '../engine';
import { blocksFreed, freeBlock, takeBlock } from './alloc';
import { bytesAt, erase, flushDevice } from './disk';
import { ALL_STATE, DROPPED_STATE, NOTHING, pairBytes, wantedDelta } from './gstate';
import { beginLog, endLog, logBytes, logOps, type Ops, tagAt } from './log';
import { applyTag, forget, KIND_DIR, KIND_INLINE, keep, kindOf, type Mdir, newMdir, ROW, scan } from './mdir';
import { expandSuperblock, extend, newPlace, splitOff } from './split';
import { CREATE, DELETE, DIR, DIRSTRUCT, MOVESTATE, MTIME, NO_ID, NULL, REG, SUPERBLOCK, TAIL } from './tags';
import { dropEmpty, relink, repairThread } from './thread';
import { fail, fs } from './volume';

/**
 * Changes one metadata pair atomically, then what names it if it had to move. Positions of open files follow.
 * If this throws, `fs._stale` stays set, and the next operation reads the state anew from the disk.
 */
export function commit(m: Mdir, ops: Ops): void {
  const outer = !fs._stale;
  const orphans = fs._orphans;
  let count = m._count;
  fs._stale = true;
  fs._changes++;
  for (let k = 0; k < ops.length; k += 3) {
    const id = ops[k + 1] as number;
    const shift = ops[k] === CREATE ? 1 : ops[k] === DELETE ? -1 : 0;
    count += shift;
    for (let i = 0; shift && i < fs._files.length; i++) {
      const f = fs._files[i];
      if ((f._a === m._a || f._a === m._b) && f._id >= id) f._id += shift;
    }
  }
  const drop = count || !m._count ? undefined : dropEmpty(m, ops);
  if (drop) {
    m = drop[0];
    ops = drop[1];
  }
  const a = m._a;
  const b = m._b;
  if (commitPair(m, ops)) relink(m, a, b);
  if (outer) {
    if (fs._repair) {
      repairThread(false);
      fs._orphans = orphans;
    }
    if (fs._moves.length) blocksFreed();
    fs._moves = [];
    // A search meanwhile may have found one free, and somebody may have taken it.
    for (let k = 0; k < fs._gone.length; k++) if (fs._taken.indexOf(fs._gone[k]) < 0) freeBlock(fs._gone[k]);
    fs._gone = [];
    fs._stale = false;
  }
}

/** Changes a pair: appended to its log where that fits, else it is compacted, and split or moved if need be. Whether it was moved. */
export function commitPair(m: Mdir, ops: Ops): boolean {
  let size = 0;
  for (let k = 0; k < ops.length; k += 3) size += 4 + (tagAt(ops, k) & 0x3ff);
  forget(m._a, m._b);
  const block = fs._blockSize;
  // An id has 10 bits: a pair of many entries is split, however much room its log has.
  const full = ops[0] === CREATE && m._count > 254;
  // A new entry for a pair whose log is three quarters full, and that would be split when it is full.
  const late = ops[0] === CREATE && m._end + size > block - (block >> 2) && sizeOf(m, 0, m._count) + size > block >> 1;
  const moved = !((late || full) && extend(m, ops, size)) && (full || !append(m, ops, size)) && rewrite(m, ops, size);
  keep(m);
  // If it was moved, the commits that change what names it bring the new global state to the disk.
  if (!moved) fs._gdisk.set(fs._gstate);
  fs._gdropped = new Int32Array(3);
  return moved;
}

/** What a compacted log needs besides the entries, in bytes: revision, tail, global state, CRC. Entries always leave room for it. */
const RESERVE = 40;

/** Appends the commit to the log; false if it does not fit or cannot be programmed, with the table as it was. */
export function append(m: Mdir, ops: Ops, size: number): boolean {
  const delta = wantedDelta(m._delta, ALL_STATE, true);
  const end = m._end;
  const room = fs._blockSize - size;
  if (!m._erased || end + (delta ? 16 : 0) > room - 8 || (end > room - RESERVE && sizeOf(m, 0, m._count) > room - RESERVE)) return false;
  beginLog(m._a, end, m._tag);
  logOps(m, ops);
  if (delta) logOps(m, [MOVESTATE, NO_ID, delta]);
  if (endLog(m)) return true;
  if (!scan(m, fs._blockSize)) fail(ECORRUPT);
  // If only its padding failed, the commit is there all the same; but nothing is to follow it.
  m._erased = false;
  if (m._end === end) return false;
  flushDevice();
  return true;
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
function rewrite(m: Mdir, ops: Ops, size: number): boolean {
  const block = fs._blockSize;
  const before = sizeOf(m, 0, m._count);
  // The changes are put into the table with places beyond the block.
  const pending = new Uint8Array(size);
  fs._source = m._a;
  fs._pending = pending;
  size = 0;
  for (let k = 0; k < ops.length; k += 3) {
    const data = (ops[k + 2] as Uint8Array | undefined) || NOTHING;
    pending.set(data, size);
    applyTag(m, tagAt(ops, k), block + size, data, 0);
    size += data.length;
  }
  const half = (block >> 1) + fs._progSize - 1;
  const most = Math.min(block - RESERVE, half - (half % fs._progSize));
  for (let begin = 1; begin; ) {
    const end = m._count;
    begin = 0;
    while (end - begin > 1 && (end - begin > 254 || sizeOf(m, begin, end) > most)) begin += (end - begin) >> 1;
    if (begin && (sizeOf(m, begin, end) > block - RESERVE || !splitOff(m, begin))) begin = 0;
  }
  if (isFixed(m) && isTired(m)) expandSuperblock(m);
  size = sizeOf(m, 0, m._count);
  // The C library fills pairs further: what only shrinks, as by a removal, goes as long as it fits (4 is the revision, 8 the CRC).
  if (
    size > block - RESERVE &&
    (size > before || size + (m._tail0 === NULL ? 12 : 24) + (wantedDelta(m._delta, ALL_STATE, false) ? 16 : 0) > block)
  )
    fail(ENOSPC);
  return writeTwin(m, ALL_STATE);
}

/** Whether this is the superblock pair {0, 1}. */
function isFixed(m: Mdir): boolean {
  return m._a + m._b === 1;
}

function isTired(m: Mdir): boolean {
  return fs._cycles > 0 && ((m._rev + 1) >>> 0) % fs._cycles === 0;
}

/**
 * Writes the pair anew into its other block, or a free one when that is worn or bad, with its `share` of the global
 * state. Whether it was moved.
 */
export function writeTwin(m: Mdir, share: number): boolean {
  const old = m._b;
  let target = share && !isFixed(m) && isTired(m) ? newPlace(m) : old;
  if (target === NULL) target = old;
  m._rev++;
  while (!erase(target) || !writeAll(m, target, target === old ? share : Math.min(share, DROPPED_STATE))) {
    if (isFixed(m)) fail(ENOSPC);
    // It may be valid all the same, and would be newer than its twin.
    erase(target);
    target = takeBlock();
  }
  m._b = m._a;
  m._a = target;
  return target !== old;
}

/** What entry `id` consists of, for `newId`, with another name or its own; places are in `fs._source` and `fs._pending`. */
export function entryOps(m: Mdir, id: number, newId: number, name: Uint8Array | undefined): Ops {
  const rows = m._rows;
  const r = id * ROW;
  const kind = kindOf(m, id);
  const ops: Ops = [];
  const add = function (type: number, place: number, bytes: Uint8Array | undefined): void {
    const off = (place >>> 10) - fs._blockSize;
    const length = place & 0x3ff;
    if (!bytes) bytes = off < 0 ? bytesAt(fs._source, place >>> 10, length, fs._own.length) : fs._pending.subarray(off, off + length);
    ops.push(type, newId, bytes);
  };
  add(!id && m._super ? SUPERBLOCK : kind === KIND_DIR ? DIR : REG, rows[r] & 0x3fffffff, name);
  add(DIRSTRUCT + kind - 1, (rows[r + 1] << 10) | rows[r + 2], kind === KIND_INLINE ? undefined : pairBytes(rows[r + 1], rows[r + 2]));
  if (rows[r + 3]) add(MTIME, rows[r + 3], undefined);
  for (let k = 0; k < m._attrs.length; k += 3) if (m._attrs[k] === id) add(m._attrs[k + 1], m._attrs[k + 2], undefined);
  return ops;
}

/** Writes everything the table names into an erased block; false if that fails, with the table as it was. */
function writeAll(m: Mdir, target: number, share: number): boolean {
  const out = newMdir(0, 0);
  const word = new Uint8Array(4);
  out._rows = new Int32Array((m._count + 2) * ROW);
  putLe32(word, 0, m._rev);
  beginLog(target, 0, NULL);
  logBytes(word);
  for (let id = 0; id < m._count && fs._log._ok; id++) logOps(out, entryOps(m, id, id, undefined));
  if (m._tail0 !== NULL) logOps(out, [TAIL + m._split, NO_ID, pairBytes(m._tail0, m._tail1)]);
  const delta = wantedDelta(m._delta, share, false);
  if (delta) logOps(out, [MOVESTATE, NO_ID, delta]);
  const written = endLog(out);
  if (written) {
    m._rows = out._rows;
    m._attrs = out._attrs;
    m._delta = out._delta;
    m._end = out._end;
    m._tag = out._tag;
    m._erased = out._erased;
  }
  return written;
}
