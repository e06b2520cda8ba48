/** Writing all that a table names into a block anew. */
import { putLe32 } from '../engine';
import { readBytes } from './disk';
import { wantedDelta } from './gstate';
import { beginLog, endLog, logBytes, logOps } from './log';
import { pairBytes, sizeOfOps, tagAt } from './ops';
import { erase } from './stream';
import { apply, KIND_DIR, KIND_INLINE, newMdir, ROW } from './table';
import { DIR, DIRSTRUCT, MOVESTATE, MTIME, NO_ID, NOTHING, NULL, REG, SUPERBLOCK, TAIL } from './tags';
import { fs, type Mdir, type Ops } from './volume';

/** Whether the pair is to move, for wear, when it is written anew. */
export function isTired(m: Mdir): boolean {
  const v = fs;
  return v._cycles > 0 && ((m._rev + 1) >>> 0) % v._cycles === 0;
}

/** Puts the changes into the table, with places beyond the block. */
export function stage(m: Mdir, ops: Ops): void {
  const v = fs;
  const pending = new Uint8Array(sizeOfOps(ops));
  v._source = m._a;
  v._pending = pending;
  for (let k = 0, at = 0; k < ops.length; k += 3) {
    const data = (ops[k + 2] as Uint8Array | undefined) || NOTHING;
    pending.set(data, at);
    const tag = tagAt(ops, k);
    apply[tag >> 28](m, tag, v._blockSize + at, data, 0);
    at += data.length;
  }
}

/** Writes all that the table names into `block`, which becomes the pair's valid one, with a share of the global state; false if it is bad. */
export function writeBlock(m: Mdir, block: number, share: number): boolean {
  const out = newMdir(0, 0);
  const word = new Uint8Array(4);
  if (!erase(block)) return false;
  out._rows = new Int32Array((m._count + 2) * ROW);
  putLe32(word, 0, m._rev + 1);
  beginLog(block, 0, NULL);
  logBytes(word);
  for (let id = 0; id < m._count && fs._log._ok; id++) logOps(out, entryOps(m, id, id, undefined));
  if (m._tail0 !== NULL) logOps(out, [TAIL + m._split, NO_ID, pairBytes(m._tail0, m._tail1)]);
  const delta = wantedDelta(m._delta, share, false);
  if (delta) logOps(out, [MOVESTATE, NO_ID, delta]);
  if (!endLog(out)) {
    // It may be valid all the same, and would be newer than its twin.
    erase(block);
    return false;
  }
  m._rev++;
  m._b = m._a;
  m._a = block;
  m._rows = out._rows;
  m._attrs = out._attrs;
  m._delta = out._delta;
  m._end = out._end;
  m._tag = out._tag;
  m._erased = out._erased;
  return true;
}

/** What entry `id` consists of, for `newId`, with another name or its own; places are in `fs._source` and `fs._pending`. */
export function entryOps(m: Mdir, id: number, newId: number, name: Uint8Array | undefined): Ops {
  const v = fs;
  const rows = m._rows;
  const r = id * ROW;
  const kind = m._rows[id * ROW] >>> 30;
  const ops: Ops = [];
  const add = function (type: number, place: number, bytes: Uint8Array | undefined): void {
    const off = (place >>> 10) - v._blockSize;
    const length = place & 0x3ff;
    if (!bytes && off >= 0) bytes = v._pending.subarray(off, off + length);
    if (!bytes) {
      bytes = new Uint8Array(length);
      readBytes(v._source, place >>> 10, bytes);
    }
    ops.push(type, newId, bytes);
  };
  add(!id && m._super ? SUPERBLOCK : kind === KIND_DIR ? DIR : REG, rows[r] & 0x3fffffff, name);
  add(DIRSTRUCT + kind - 1, (rows[r + 1] << 10) | rows[r + 2], kind === KIND_INLINE ? undefined : pairBytes(rows[r + 1], rows[r + 2]));
  if (rows[r + 3]) add(MTIME, rows[r + 3], undefined);
  for (let k = 0; k < m._attrs.length; k += 3) if (m._attrs[k] === id) add(m._attrs[k + 1], m._attrs[k + 2], undefined);
  return ops;
}
