import { be32, le32 } from '../engine';
import { ECORRUPT } from '../errno';
import { crcBytes, load, peek } from './disk';
import { CCRC, CREATE, CTZSTRUCT, DELETE, DELETED, DIRSTRUCT, FCRC, INLINESTRUCT, MOVESTATE, MTIME, NULL, SUPERBLOCK } from './tags';
import { fail, type Volume } from './volume';

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

/** A metadata pair, scanned once. */
export interface Mdir {
  /** The valid block and its twin. */
  _a: number;
  _b: number;
  _rev: number;
  /** Where the log ends, and the running tag there. */
  _end: number;
  _tag: number;
  /** Whether the block is known to be erased from `_end`, so that a commit can be appended. */
  _erased: boolean;
  _count: number;
  _rows: Int32Array;
  /** Attributes but the time: id, type, offset << 10 | length, id, type, ... */
  _attrs: number[];
  _tail0: number;
  _tail1: number;
  /** 1 if the directory goes on in the tail (hard tail), 0 if the tail is only the thread's next pair. */
  _split: number;
  /** 1 if id 0 is the superblock entry. */
  _super: number;
  /** This pair's delta of the global state. */
  _delta: Int32Array;
}

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

/** Gives the table `count` rows at least; new ones are empty. */
function growRows(m: Mdir, count: number): void {
  if (count * ROW > m._rows.length) {
    const rows = new Int32Array((count + (count >> 3) + 2) * ROW);
    rows.set(m._rows);
    m._rows = rows;
  }
}

/** Brings the table up to date with one tag, whose data begins at `off` of the log and at `i` of `data`. */
export function applyTag(m: Mdir, tag: number, off: number, data: Uint8Array, i: number): void {
  const type = (tag >>> 20) & 0x7ff;
  const id = (tag >>> 10) & 0x3ff;
  const length = tag & 0x3ff;
  const place = (off << 10) | length;
  const row = id * ROW;
  let rows = m._rows;
  if (type < 0x100 || type === CREATE) {
    if (type === CREATE || id >= m._count) {
      const count = Math.max(id, m._count) + 1;
      growRows(m, count);
      rows = m._rows;
      if (type === CREATE) {
        rows.set(rows.subarray(row, (count - 1) * ROW), row + ROW);
        shiftAttrs(m, id, 1);
      }
      for (let k = type === CREATE ? row : m._count * ROW; k < row + ROW; k++) rows[k] = 0;
      m._count = count;
    }
    if (type !== CREATE) rows[row] = (rows[row] & -0x40000000) | place;
    if (type === SUPERBLOCK && !id) m._super = 1;
  } else if (type === DELETE) {
    if (id >= m._count) return;
    rows.set(rows.subarray(row + ROW, m._count * ROW), row);
    shiftAttrs(m, id, -1);
    m._count--;
    rows[m._count * ROW] = rows[m._count * ROW + 1] = rows[m._count * ROW + 2] = rows[m._count * ROW + 3] = 0;
  } else if (type >= DIRSTRUCT && type <= CTZSTRUCT) {
    if (id >= m._count) return;
    rows[row] = (rows[row] & 0x3fffffff) | ((type - DIRSTRUCT + 1) << 30);
    rows[row + 1] = type === INLINESTRUCT ? off : length >= 8 ? le32(data, i) : NULL;
    rows[row + 2] = type === INLINESTRUCT ? length : length >= 8 ? le32(data, i + 4) : NULL;
  } else if (type >> 8 === 3) {
    if (id >= m._count) return;
    if ((type & 0xff) === MTIME) rows[row + 3] = length === DELETED ? 0 : place;
    else {
      const attrs = m._attrs;
      let k = 0;
      while (k < attrs.length && (attrs[k] !== id || attrs[k + 1] !== (type & 0xff))) k += 3;
      if (length === DELETED) attrs.splice(k, 3);
      else if (k < attrs.length) attrs[k + 2] = place;
      else attrs.push(id, type & 0xff, place);
    }
  } else if (type >> 8 === 6 && length >= 8) {
    m._tail0 = le32(data, i);
    m._tail1 = le32(data, i + 4);
    m._split = type & 1;
  } else if (type === MOVESTATE && length >= 12) {
    for (let k = 0; k < 3; k++) m._delta[k] = le32(data, i + k * 4);
  }
}

/** Renumbers the attribute list after an id was inserted (1) or removed (-1). */
function shiftAttrs(m: Mdir, id: number, by: number): void {
  const attrs = m._attrs;
  for (let k = attrs.length - 3; k >= 0; k -= 3) {
    if (by < 0 && attrs[k] === id) attrs.splice(k, 3);
    else if (attrs[k] >= id) attrs[k] += by;
  }
}

/**
 * Scans the log in block `m._a` up to `limit` into the table (SPEC.md, "Metadata pairs"). Whether there is a valid commit.
 * Tags are applied as they come; if the last commit turns out torn, the block is scanned again without it.
 */
export function scan(fs: Volume, m: Mdir, limit: number): boolean {
  const block = m._a;
  const size = fs._blockSize;
  const ahead = fs._own.length;
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
  m._delta = new Int32Array(3);
  while (off + 4 <= limit) {
    // Bytes are summed before the window moves past them, so that each is read once.
    if (fs._wBlock !== block || off < fs._wOff || off + 4 > fs._wOff + fs._wLen) {
      crc = crcBytes(fs, crc, block, summed, off - summed);
      summed = off;
      if (crc === undefined || load(fs, block, off, 4, ahead)) break;
    }
    const next = be32(fs._w, off - fs._wOff) ^ tag;
    if (next < 0) {
      ended = clean;
      break;
    }
    const type = (next >>> 20) & 0x7ff;
    const length = (next & 0x3ff) === DELETED ? 0 : next & 0x3ff;
    const data = off + 4;
    if (data + length > limit) break;
    const need = Math.min(length, 12);
    if (data + need > fs._wOff + fs._wLen || (type & 0x780) === CCRC) {
      crc = crcBytes(fs, crc, block, summed, data - summed);
      summed = data;
      if (crc === undefined || load(fs, block, data, need, ahead)) break;
    }
    if ((type & 0x780) === CCRC) {
      if (length < 4 || le32(fs._w, data - fs._wOff) !== crc) break;
      tag = next ^ ((type & 1) << 31);
      m._tag = tag;
      off = good = summed = data + length;
      crc = -1;
      clean = true;
    } else {
      clean = false;
      fcrcSize = 0;
      if (type === FCRC && length >= 8) {
        fcrcSize = le32(fs._w, data - fs._wOff);
        fcrc = le32(fs._w, data - fs._wOff + 4);
      } else applyTag(m, next, data, fs._w, data - fs._wOff);
      tag = next;
      off = data + length;
    }
  }
  if (!good) return false;
  if (!clean) return scan(fs, m, good);
  m._end = good;
  m._erased =
    ended &&
    good % fs._progSize === 0 &&
    (fs._minor === 0 || (fcrcSize > 0 && good + fcrcSize <= size && crcBytes(fs, -1, block, good, fcrcSize) === fcrc));
  return true;
}

/** The scanned pair {a, b}: from the list of those kept, or from the disk. */
export function fetch(fs: Volume, a: number, b: number): Mdir {
  const list = fs._mdirs;
  for (let i = 0; i < list.length; i++) {
    const held = list[i];
    if ((held._a === a && held._b === b) || (held._a === b && held._b === a)) {
      if (i) {
        list.splice(i, 1);
        list.unshift(held);
      }
      return held;
    }
  }
  if (!(a >= 0 && a < fs._blockCount && b >= 0 && b < fs._blockCount) || a === b)
    fail(fs, ECORRUPT, 'metadata pair {' + a + ', ' + b + '} is impossible');
  const m = newMdir(a, b);
  // The newer revision is tried first, compared as a signed difference (SPEC.md, "Metadata pairs").
  const ra = readRev(fs, a);
  const rb = readRev(fs, b);
  m._rev = ra;
  if (((rb - ra) | 0) > 0) swap(m, rb);
  if (!scan(fs, m, fs._blockSize)) {
    swap(m, m._rev === ra && m._a === a ? rb : ra);
    if (!scan(fs, m, fs._blockSize)) fail(fs, ECORRUPT, 'metadata pair {' + a + ', ' + b + '} holds no valid commit');
  }
  for (let id = 0; id < m._count; id++)
    if (!kindOf(m, id)) fail(fs, ECORRUPT, 'entry without a struct in metadata pair {' + a + ', ' + b + '}');
  keep(fs, m);
  return m;
}

function readRev(fs: Volume, block: number): number {
  const i = peek(fs, block, 0, 4, 4);
  return le32(fs._w, i);
}

function swap(m: Mdir, rev: number): void {
  const a = m._a;
  m._a = m._b;
  m._b = a;
  m._rev = rev;
}

/** Puts a pair at the head of those kept, in place of what is kept of it, and lets go of the least used above the budget. */
export function keep(fs: Volume, m: Mdir): void {
  forget(fs, m._a, m._b);
  const list = fs._mdirs;
  list.unshift(m);
  let bytes = 0;
  for (let i = 0; i < list.length; i++) {
    bytes += list[i]._rows.length * 4 + 64;
    // A few are always kept: an operation works on up to three pairs.
    if (i > 3 && bytes > fs._tableBytes) {
      list.splice(i, list.length - i);
    }
  }
}

/** Lets go of a pair's table. */
export function forget(fs: Volume, a: number, b: number): void {
  const list = fs._mdirs;
  for (let i = list.length - 1; i >= 0; i--) {
    const m = list[i];
    if (m._a === a || m._b === a || m._a === b || m._b === b) list.splice(i, 1);
  }
}
