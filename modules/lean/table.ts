/**
 * The entries of a metadata pair, from its log (SPEC.md, "Metadata pairs", "Metadata tags"). Each has two words in the table, of its
 * name and of its content: kind << 28 | length << 16 | place. A place is an offset in the block, or while a change is
 * written that of its data among what is changed, with PENDING. Kinds of names: 1 a file, 2 a directory, 3 the
 * superblock entry; of content: 1 a directory's pair, 2 bytes, 3 a CTZ list.
 */
import { ECORRUPT } from '../contract/errno';
import { crc32, le32 } from '../engine';
import { CCRC, CREATE, DELETE, MOVESTATE } from '../littlefs/tags';
import { bytesAt, PIECE, tagWord, word } from './disk';
import { fail, NULL, v } from './volume';

/** The id of tags that are about no entry, and the length of one that deletes. */
export const NONE = 0x3ff;

export const PENDING = 1 << 26;

/** Bits of the first word of the global state: there may be orphans; which entry is moving. */
export const ORPHANS = 1 << 31;
export const MOVING = 0x4ff00000;

/** What a change of a pair consists of: tag and data of each in turn. */
export type Ops = (number | Uint8Array)[];

export function tag(type: number, id: number, length: number): number {
  return (type << 20) | (id << 10) | length;
}

/** Data that a word of the table, or the second of an attribute, tells the place of. */
export function dataOf(placed: number, ops: Ops): Uint8Array {
  const at = placed & 0xffff;
  return placed & PENDING ? (ops[at] as Uint8Array) : bytesAt(v._source, at, (placed >> 16) & NONE);
}

/** What a tag does to the pair, with its data at `at`. */
export function apply(t: number, at: number, ops: Ops): void {
  const type = t >> 20;
  const id = (t >> 10) & NONE;
  const kind = type >> 8;
  const placed = ((t & NONE) << 16) | at;
  const attrs = v._attrs;
  let rows = v._rows;
  let k = attrs.length;
  // Logs that were written anew have no tags that create, and the names in any order.
  if (id >= v._count && (type === CREATE || !kind)) {
    v._count = id + 1;
    if (v._count * 2 > rows.length) {
      v._rows = new Int32Array(v._count * 2 + 16);
      v._rows.set(rows);
    }
  } else if (id < v._count && (type === CREATE || type === DELETE)) {
    // From there on all entries go up or down.
    const up = type === DELETE ? -1 : 1;
    while (k) {
      k -= 2;
      const whose = attrs[k] & NONE;
      if (up < 0 && whose === id) attrs.splice(k, 2);
      else if (whose >= id) attrs[k] += up;
    }
    if (v._count * 2 === rows.length) {
      rows = new Int32Array(rows.length + 16);
      rows.set(v._rows);
      v._rows = rows;
    }
    const from = id * 2;
    const to = v._count * 2;
    const gap = up > 0 ? from : to - 2;
    if (up > 0) rows.set(rows.subarray(from, to), from + 2);
    else rows.set(rows.subarray(from + 2, to), from);
    rows[gap] = rows[gap + 1] = 0;
    v._count += up;
  }
  if (kind === 0 || (kind === 2 && id < v._count)) {
    v._rows[id * 2 + (kind >> 1)] = ((kind ? (type & 3) + 1 : type & 3) << 28) | placed;
  } else if (kind === 3 && id < v._count) {
    const key = ((type & 0xff) << 10) | id;
    k = attrs.length - 2;
    while (k >= 0 && attrs[k] !== key) k -= 2;
    if (k >= 0) attrs.splice(k, 2);
    if ((t & NONE) !== NONE) attrs.push(key, placed);
  } else if (kind === 6) {
    const data = dataOf(placed, ops);
    v._tail = [le32(data, 0), le32(data, 4)];
    v._split = type & 1;
    // Either block missing ends the order of pairs.
    if (v._tail[1] === NULL) v._tail[0] = NULL;
  } else if (type === MOVESTATE) {
    const data = dataOf(placed, ops);
    v._delta = [le32(data, 0), le32(data, 4), le32(data, 8)];
  }
}

/**
 * Walks along the log of a block, to its last valid commit, or with `end` to there, where it fills the table. Whether there is one;
 * its end and the running tag are the volume's then.
 */
function walk(block: number, end: number): boolean {
  let from = 0;
  let off = 4;
  let running = -1;
  let found = false;
  while (off + 4 <= (end || v._size)) {
    const t = tagWord(block, off) ^ running;
    const length = (t & NONE) === NONE ? 0 : t & NONE;
    const next = off + 4 + length;
    if (t < 0 || next > v._size) break;
    running = t;
    if (((t >> 20) & 0x780) === CCRC) {
      if (!end) {
        if (next < off + 8) break;
        let crc = -1;
        for (; from < off + 4; from += PIECE) crc = crc32(crc, bytesAt(block, from, Math.min(PIECE, off + 4 - from)));
        if (crc !== word(block, off + 4)) break;
        found = true;
        v._end = from = next;
      }
      running ^= ((t >> 20) & 1) << 31;
      if (!end) v._tag = running;
    } else if (end) apply(t, off + 4, []);
    off = next;
  }
  return found;
}

/** Reads a pair, if it is not at hand. @throws ECORRUPT */
export function fetch(pair: number[]): void {
  const one = pair[0];
  const other = pair[1];
  v._steps = 0;
  if (!v._stale && isHere(one, other)) return;
  v._a = NULL;
  // The newer one first; revisions go round.
  let a = (word(one, 0) - word(other, 0)) | 0;
  a = a > 0 ? one : other;
  if (one === other || !walk(a, 0)) {
    a = one + other - a;
    if (one === other || !walk(a, 0)) fail(ECORRUPT, 'damaged: no commit in blocks ' + one + ' and ' + other);
  }
  v._source = a;
  v._rev = word(a, 0);
  v._rows = new Int32Array(8);
  v._count = v._split = 0;
  v._attrs = [];
  v._tail = [NULL, NULL];
  v._delta = [0, 0, 0];
  walk(a, v._end);
  v._a = a;
  v._b = one + other - a;
  const state = v._state;
  v._hidden = state[0] & 0x70000000 && isHere(state[1], state[2]) ? (state[0] >> 10) & NONE : -1;
}

/** Whether these two are the blocks of the pair at hand. */
export function isHere(one: number, other: number): boolean {
  return v._a !== NULL && (one === v._a ? other === v._b : one === v._b && other === v._a);
}

/** The next pair of all of the volume, if there is one. @throws ECORRUPT where they go round in a circle */
export function fetchNext(): boolean {
  const steps = v._steps + 1;
  const there = v._tail[0] !== NULL;
  if (steps > v._blocks) fail(ECORRUPT, 'damaged: directories in a circle');
  if (there) fetch(v._tail);
  v._steps = steps;
  return there;
}

/** Two words as bytes, three with a third. */
export function wordBytes(words: number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  for (let k = 0; k < bytes.length; k++) bytes[k] = words[k >> 2] >> (8 * (k & 3));
  return bytes;
}
