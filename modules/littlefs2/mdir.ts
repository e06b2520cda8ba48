/** Metadata pairs: a log scanned into a table, the tables that are kept, and the global state that is spread over all pairs. */
import { ECORRUPT } from '../contract/errno';
import { be32, le32 } from '../engine';
import { ctzIndex } from './content';
import { crcBytes, reach } from './disk';
import {
  CCRC,
  CREATE,
  CTZSTRUCT,
  DELETE,
  DELETED,
  DIRSTRUCT,
  FCRC,
  INLINESTRUCT,
  MOVESTATE,
  MTIME,
  NULL,
  SUPERBLOCK,
  USERATTR,
} from './tags';
import { fail, fs, type Mdir, type Pair } from './volume';

/** What an entry is, from its struct tag. */
export const KIND_DIR = 1;
export const KIND_INLINE = 2;
export const KIND_CTZ = 3;

/**
 * A row of the table, one for each id, is `ROW` words:
 * name (kind << 30 | offset << 10 | length), two words of struct (directory: pair; inline: offset, length; CTZ: head, size),
 * place of the time attribute (offset << 10 | length, 0 for none).
 * An offset of the block size or more is one into the commit that is being made.
 */
export const ROW = 4;

export function newMdir(a: number, b: number): Mdir {
  return {
    _a: a,
    _b: b,
    _rev: 0,
    _end: 0,
    _tag: 0,
    _erased: false,
    _count: 0,
    _rows: new Int32Array(ROW),
    _attrs: [],
    _tail0: NULL,
    _tail1: NULL,
    _split: 0,
    _super: 0,
    _delta: new Int32Array(3),
  };
}

export function kindOf(m: Mdir, id: number): number {
  return m._rows[id * ROW] >>> 30;
}

/** Whether two pairs share a block: a pair that was relocated shares one with what it was. */
export function samePair(a0: number, b0: number, a1: number, b1: number): boolean {
  return a0 === a1 || a0 === b1 || b0 === a1 || b0 === b1;
}

/** The id of the entry that is on the move (SPEC.md, "Move state"), -1 if there is none. */
export function movingId(): number {
  return fs._gstate[0] & 0x70000000 ? (fs._gstate[0] >> 10) & 0x3ff : -1;
}

/** Whether an entry is the source of a rename that was cut: it counts as gone. */
export function isMoving(m: Mdir, id: number): boolean {
  return movingId() === id && samePair(fs._gstate[1], fs._gstate[2], m._a, m._b);
}

/** Brings the table up to date with one tag, whose data begins at `off` of the log and at `i` of `data`. */
export function applyTag(m: Mdir, tag: number, off: number, data: Uint8Array, i: number): void {
  const type = tag >>> 20;
  const id = (tag >> 10) & 0x3ff;
  const length = tag & 0x3ff;
  const place = (off << 10) | length;
  const row = id * ROW;
  const attrs = m._attrs;
  // Compacted logs have no create tags, and the names in any order.
  const shift = type === CREATE ? 1 : type === DELETE ? -1 : 0;
  const last = m._count * ROW;
  const count = Math.max(m._count, shift > 0 || type < 0x100 ? id + 1 - shift : 0) + shift;
  if (type < CCRC && id >= m._count && count <= m._count) return;
  let rows = m._rows;
  if (count * ROW > rows.length) {
    m._rows = new Int32Array((count + (count >> 3) + 2) * ROW);
    m._rows.set(rows);
    rows = m._rows;
  }
  if (type < CCRC) m._count = count;
  if (shift) {
    // Rows behind the last are zero.
    if (shift > 0) rows.set(rows.subarray(row, Math.max(row, last)), row + ROW);
    else rows.set(rows.subarray(row + ROW, last), row);
    const empty = shift > 0 ? row : last - ROW;
    rows[empty] = rows[empty + 1] = rows[empty + 2] = rows[empty + 3] = 0;
    for (let k = attrs.length - 3; k >= 0; k -= 3) {
      if (shift < 0 && attrs[k] === id) attrs.splice(k, 3);
      else if (attrs[k] >= id) attrs[k] += shift;
    }
  }
  if (type < 0x100) {
    rows[row] = (rows[row] & -0x40000000) | place;
    if (type === SUPERBLOCK && !id) m._super = 1;
  } else if (type >= DIRSTRUCT && type <= CTZSTRUCT) {
    rows[row] = (rows[row] & 0x3fffffff) | ((type - DIRSTRUCT + 1) << 30);
    rows[row + 1] = type === INLINESTRUCT ? off : length < 8 ? NULL : le32(data, i);
    rows[row + 2] = type === INLINESTRUCT ? length : length < 8 ? NULL : le32(data, i + 4);
  } else if (type >= USERATTR && type < 0x400) {
    if (type === MTIME) rows[row + 3] = length === DELETED ? 0 : place;
    else {
      let k = 0;
      while (k < attrs.length && (attrs[k] !== id || attrs[k + 1] !== type)) k += 3;
      attrs.splice(k, 3);
      if (length !== DELETED) attrs.push(id, type, place);
    }
  } else if (type >> 8 === 6 && length > 7) {
    m._tail0 = le32(data, i);
    m._tail1 = le32(data, i + 4);
    m._split = type & 1;
    // Either block missing ends the thread.
    if (m._tail1 === NULL) m._tail0 = NULL;
  } else if (type === MOVESTATE && length > 11) for (let k = 0; k < 3; k++) m._delta[k] = le32(data, i + k * 4);
}

/**
 * Scans the log in block `m._a` up to `limit` into the table (SPEC.md, "Metadata pairs"). Whether there is a valid commit.
 * Tags are applied as they come; if the last commit turns out torn, the block is scanned again without it.
 */
export function scan(m: Mdir, limit: number): boolean {
  const v = fs;
  const block = m._a;
  const ahead = v._own.length;
  let off = 4;
  let tag = -1;
  let crc: number | undefined = -1;
  let summed = 0;
  let good = 0;
  let clean = true;
  let ended = false;
  let fcrcSize = 0;
  let fcrc = 0;
  m._count = m._split = m._super = 0;
  m._tail0 = m._tail1 = NULL;
  m._attrs = [];
  m._rows = new Int32Array(m._rows.length);
  m._delta = new Int32Array(3);
  while (off + 4 <= limit) {
    // Bytes are summed before the window moves past them, so that each is read once.
    if (v._wBlock !== block || off < v._wOff || off + 4 > v._wOff + v._wLen) {
      crc = crcBytes(crc, block, summed, off - summed);
      summed = off;
      if (crc === undefined || !reach(block, off, 4, ahead)) break;
    }
    const next = be32(v._w, off - v._wOff) ^ tag;
    if (next < 0) {
      ended = clean;
      break;
    }
    const type = next >> 20;
    const length = (next & 0x3ff) === DELETED ? 0 : next & 0x3ff;
    const data = off + 4;
    const need = Math.min(length, 12);
    const isCrc = (type & 0x780) === CCRC;
    if (data + length > limit) break;
    if (data + need > v._wOff + v._wLen || isCrc) {
      crc = crcBytes(crc, block, summed, data - summed);
      summed = data;
      if (crc === undefined || !reach(block, data, need, ahead)) break;
    }
    const i = data - v._wOff;
    off = data + length;
    if (isCrc) {
      if (length < 4 || le32(v._w, i) !== crc) break;
      tag = next ^ ((type & 1) << 31);
      m._tag = tag;
      good = summed = off;
      crc = -1;
      clean = true;
    } else {
      clean = false;
      fcrcSize = 0;
      if (type === FCRC && length > 7) {
        fcrcSize = le32(v._w, i);
        fcrc = le32(v._w, i + 4);
      } else applyTag(m, next, data, v._w, i);
      tag = next;
    }
  }
  if (!good) return false;
  if (!clean) return scan(m, good);
  m._end = good;
  m._erased =
    ended &&
    good % v._progSize === 0 &&
    (!v._minor || (fcrcSize > 0 && good + fcrcSize <= v._blockSize && crcBytes(-1, block, good, fcrcSize) === fcrc));
  return true;
}

/** The scanned pair {a, b}: from the list of those kept, or from the disk. */
export function fetch(a: number, b: number): Mdir {
  const list = fs._mdirs;
  const moves = fs._moves;
  let m: Mdir;
  for (let i = 0; i < moves.length; i += 4) {
    if ((moves[i] === a && moves[i + 1] === b) || (moves[i] === b && moves[i + 1] === a)) {
      a = moves[i + 2];
      b = moves[i + 3];
    }
  }
  for (let i = 0; i < list.length; i++) {
    m = list[i];
    if ((m._a === a && m._b === b) || (m._a === b && m._b === a)) {
      if (i) {
        list.splice(i, 1);
        list.unshift(m);
      }
      return m;
    }
  }
  // Numbers from the medium: what is negative here is 2^31 and more.
  if (a === b || !(a >= 0 && a < fs._blockCount && b >= 0 && b < fs._blockCount)) fail(ECORRUPT);
  m = newMdir(a, b);
  // The newer revision is tried first, compared as a signed difference (SPEC.md, "Metadata pairs"); a block that cannot be read last.
  const ra = readRev(a);
  const rb = readRev(b);
  const newer = ra === undefined || (((rb as number) - ra) | 0) > 0;
  for (let k = 0; k < 2; k++) {
    const second = newer === !k;
    m._a = second ? b : a;
    m._b = second ? a : b;
    m._rev = (second ? rb : ra) as number;
    if (scan(m, fs._blockSize)) {
      for (let id = 0; id < m._count; id++) {
        const size = m._rows[id * ROW + 2];
        const kind = kindOf(m, id);
        if (
          !kind ||
          (m._rows[id * ROW] & 0x3ff) === DELETED ||
          (kind === KIND_INLINE && size === DELETED) ||
          (kind === KIND_CTZ && (size < 1 || ctzIndex(size - 1) >= fs._blockCount))
        )
          fail(ECORRUPT);
      }
      keep(m);
      return m;
    }
  }
  return fail(ECORRUPT, 'no valid commit in pair ' + a + ', ' + b);
}

/** The revision in a block; undefined where the medium says that it is damaged. */
function readRev(block: number): number | undefined {
  return reach(block, 0, 4, 4) ? le32(fs._w, 0) : undefined;
}

/** Puts a pair at the head of those kept, in place of what is kept of it, and lets go of the least used above the budget. */
export function keep(m: Mdir): void {
  forget(m._a, m._b);
  const list = fs._mdirs;
  list.unshift(m);
  let bytes = 0;
  for (let i = 0; i < list.length; i++) {
    bytes += list[i]._rows.length * 4 + 64;
    // A few are always kept: an operation works on up to three pairs.
    if (i > 3 && bytes > fs._tableBytes) list.splice(i, list.length);
  }
}

/** Lets go of what is known of a pair. */
export function forget(a: number, b: number): void {
  const lists: Pair[][] = [fs._mdirs, fs._landmarks];
  for (let k = 0; k < 2; k++) {
    const list = lists[k];
    for (let i = list.length - 1; i >= 0; i--) if (samePair(a, b, list[i]._a, list[i]._b)) list.splice(i, 1);
  }
}
