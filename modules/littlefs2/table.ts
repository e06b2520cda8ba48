/** The table of a metadata pair: what its entries are, in a row for each id. */
import { le32 } from '../engine';
import { CREATE, CTZSTRUCT, DELETE, DELETED, DIRSTRUCT, INLINESTRUCT, MOVESTATE, MTIME, NULL, SUPERBLOCK } from './tags';
import type { Mdir } from './volume';

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

/** No table yet. */
const NO_ROWS = new Int32Array(0);
/** Of most pairs: nobody writes into a delta. */
export const NO_DELTA = new Int32Array(3);

export function newMdir(a: number, b: number): Mdir {
  return {
    _a: a,
    _b: b,
    _rev: 0,
    _end: 0,
    _tag: 0,
    _erased: false,
    _count: 0,
    _rows: NO_ROWS,
    _attrs: [],
    _tail0: NULL,
    _tail1: NULL,
    _split: 0,
    _super: 0,
    _delta: NO_DELTA,
  };
}

export function kindOf(m: Mdir, id: number): number {
  return m._rows[id * ROW] >>> 30;
}

/** Makes the table `count` rows long. Rows behind the last are zero. */
function extend(m: Mdir, count: number): void {
  m._count = count;
  if (count * ROW > m._rows.length) {
    const rows = new Int32Array((count + (count >> 2) + 2) * ROW);
    rows.set(m._rows);
    m._rows = rows;
  }
}

function applyName(m: Mdir, tag: number, off: number): void {
  const id = (tag >> 10) & 0x3ff;
  // Compacted logs have no create tags, and the names in any order.
  if (id >= m._count) extend(m, id + 1);
  m._rows[id * ROW] = (m._rows[id * ROW] & -0x40000000) | (off << 10) | (tag & 0x3ff);
  if (tag >> 10 === SUPERBLOCK << 10) m._super = 1;
}

function applyStruct(m: Mdir, tag: number, off: number, data: Uint8Array, i: number): void {
  const id = (tag >> 10) & 0x3ff;
  const length = tag & 0x3ff;
  const row = id * ROW;
  const rows = m._rows;
  const type = tag >> 20;
  if (id >= m._count || type > CTZSTRUCT) return;
  rows[row] = (rows[row] & 0x3fffffff) | ((type - DIRSTRUCT + 1) << 30);
  rows[row + 1] = type === INLINESTRUCT ? off : length < 8 ? NULL : le32(data, i);
  rows[row + 2] = type === INLINESTRUCT ? length : length < 8 ? NULL : le32(data, i + 4);
}

/** Entries that are made or removed. */
function applySplice(m: Mdir, tag: number): void {
  const id = (tag >> 10) & 0x3ff;
  if (id >= m._count && tag >> 20 === CREATE) extend(m, id + 1);
  else if (id < m._count) /*@__NOINLINE__*/ shift(m, tag);
}

/** Makes room for a row before others, or closes its gap; attributes go along. */
function shift(m: Mdir, tag: number): void {
  const id = (tag >> 10) & 0x3ff;
  const type = tag >> 20;
  const by = type === CREATE ? 1 : type === DELETE ? -1 : 0;
  const row = id * ROW;
  const last = m._count * ROW;
  const attrs = m._attrs;
  if (!by) return;
  extend(m, m._count + by);
  const rows = m._rows;
  if (by > 0) rows.set(rows.subarray(row, last), row + ROW);
  else rows.set(rows.subarray(row + ROW, last), row);
  const empty = by > 0 ? row : last - ROW;
  rows[empty] = rows[empty + 1] = rows[empty + 2] = rows[empty + 3] = 0;
  for (let k = attrs.length - 3; k >= 0; k -= 3) {
    if (by < 0 && attrs[k] === id) attrs.splice(k, 3);
    else if (attrs[k] >= id) attrs[k] += by;
  }
}

/** Attributes, and what is about the pair. */
function applyOther(m: Mdir, tag: number, off: number, data: Uint8Array, i: number): void {
  const type = tag >> 20;
  const id = (tag >> 10) & 0x3ff;
  const length = tag & 0x3ff;
  const attrs = m._attrs;
  if (type >> 8 === 3 && id < m._count) {
    if (type === MTIME) m._rows[id * ROW + 3] = length === DELETED ? 0 : (off << 10) | length;
    else {
      let k = 0;
      while (k < attrs.length && (attrs[k] !== id || attrs[k + 1] !== type)) k += 3;
      attrs.splice(k, 3);
      if (length !== DELETED) attrs.push(id, type, (off << 10) | length);
    }
  } else if (type >> 8 === 6 && length > 7) {
    m._tail0 = le32(data, i);
    m._tail1 = le32(data, i + 4);
    m._split = type & 1;
    // Either block missing ends the thread.
    if (m._tail1 === NULL) m._tail0 = NULL;
  } else if (type === MOVESTATE && length > 11) m._delta = new Int32Array([le32(data, i), le32(data, i + 4), le32(data, i + 8)]);
}

/**
 * What brings the table up to date with one tag, by the tag's upper three bits. The tag's data begins at `off` of the log and at
 * `i` of `data`. Espruino reads all of a function at each call: so one for each kind that comes often.
 */
export const apply: ((m: Mdir, tag: number, off: number, data: Uint8Array, i: number) => void)[] = [
  applyName,
  applyOther,
  applyStruct,
  applyOther,
  applySplice,
  applyOther,
  applyOther,
  applyOther,
];
