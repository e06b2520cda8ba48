/** The tree of names: look-up, and what entries say. */
import { EBUSY, ECORRUPT, ENAMETOOLONG, ENOENT, ENOTDIR } from '../contract/errno';
import { type Stat, TYPE_DIR, TYPE_FILE } from '../contract/filesystem';
import { encodeText, le32 } from '../engine';
import { bytesAt, readBytes } from './disk';
import { fetch, isMoving, KIND_DIR, KIND_INLINE, kindOf, ROW } from './mdir';
import * as others from './seconds.lazy';
import { NULL } from './tags';
import { fail, fs, type Landmark, limitSteps, type Mdir, type OpenFile, type Pair, SHARED_ALL } from './volume';

export function nameAt(m: Mdir, id: number): Uint8Array {
  const place = m._rows[id * ROW] & 0x3fffffff;
  return bytesAt(m._a, place >> 10, place & 0x3ff, 0);
}

/**
 * Compares two names: negative, 0, positive. Bytewise, and of two that agree as far as they go the *longer* is first, as
 * the C library sorts (the specification is silent).
 */
export function compare(a: Uint8Array, b: Uint8Array): number {
  for (let k = 0; k < a.length && k < b.length; k++) if (a[k] !== b[k]) return a[k] - b[k];
  return b.length - a.length;
}

/** The first entry of the directory `dir` that is not before `name`, if that is given: `fs._m` and `fs._id`; whether it is `name`. */
export function seek(dir: Pair, name: Uint8Array | undefined): boolean {
  const marks = fs._landmarks;
  const dir0 = dir._a;
  const dir1 = dir._b;
  let a = dir0;
  let b = dir1;
  let nearest: Landmark | undefined;
  let before: Mdir | undefined;
  for (let i = 0; name && i < marks.length; i++) {
    const mark = marks[i];
    if (mark._dir0 === a && mark._dir1 === b && compare(mark._first, name) <= 0 && !(nearest && compare(mark._first, nearest._first) < 0))
      nearest = mark;
  }
  if (nearest) {
    a = nearest._a;
    b = nearest._b;
  }
  for (let steps = 0; ; steps++) {
    limitSteps(steps);
    const m = fetch(a, b);
    let known = steps ? marks.length : 0;
    while (--known >= 0 && (marks[known]._a !== a || marks[known]._b !== b || marks[known]._dir0 !== dir0));
    if (steps && known < 0 && m._count) {
      const first = nameAt(m, 0);
      // Pairs out of order would be found or not, depending on where a search begins.
      if (before && compare(nameAt(before, before._count - 1), first) >= 0) fail(ECORRUPT);
      if (steps % fs._stride === 0) marks.push({ _a: a, _b: b, _dir0: dir0, _dir1: dir1, _first: first });
      // When there are too many, every other one goes, and new ones come as far apart.
      if (marks.length * 128 > fs._tableBytes) {
        for (let i = marks.length - 1; i >= 0; i -= 2) marks.splice(i, 1);
        fs._stride *= 2;
      }
    }
    let low = m._super;
    let high = m._count;
    let order = 1;
    while (low < high && order) {
      const middle = (low + high) >> 1;
      order = name ? compare(nameAt(m, middle), name) : 1;
      if (order < 0) low = middle + 1;
      else high = middle;
      if (!order) low = middle;
    }
    if (low < m._count || !m._split) {
      fs._m = m;
      fs._id = low;
      return !order && !isMoving(m, low);
    }
    // Empty pairs may lie between.
    if (m._count > m._super) before = m;
    a = m._tail0;
    b = m._tail1;
  }
}

/**
 * Looks a path up: `fs._m` and `fs._id` become its entry (id -1: the root), or the place where it would go, `fs._name`
 * its last name. Gives the kind of the entry, 0 if only the last name is missing.
 * @throws ENOENT, ENOTDIR; ECORRUPT for a directory that lies in itself
 */
export function look(path: string): number {
  const above: number[] = [];
  let kind = KIND_DIR;
  fs._id = -1;
  for (let at = 1; at < path.length; ) {
    let end = path.indexOf('/', at);
    if (end < 0) end = path.length;
    if (!kind) fail(ENOENT);
    if (kind !== KIND_DIR) fail(ENOTDIR);
    fs._name = encodeText(path.substring(at, end));
    if (fs._name.length > fs._nameMax) fail(ENAMETOOLONG);
    const dir = dirPair();
    above.push(Math.min(dir._a, dir._b));
    kind = seek(dir, fs._name) ? kindOf(fs._m, fs._id) : 0;
    at = end + 1;
    if (kind === KIND_DIR && above.indexOf(Math.min(fs._m._rows[fs._id * ROW + 1], fs._m._rows[fs._id * ROW + 2])) >= 0) fail(ECORRUPT);
  }
  return kind;
}

/** The pair of the directory just looked up. */
export function dirPair(): Pair {
  const row = fs._id * ROW;
  return fs._id < 0 ? fs._root : { _a: fs._m._rows[row + 1], _b: fs._m._rows[row + 2] };
}

/** Like `look`, for something that has to be there. */
export function need(path: string): number {
  return look(path) || fail(ENOENT);
}

/** Nothing may be open at the entry just looked up; or, with `writable`, nothing for writing. */
export function checkUnused(writable: boolean): void {
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (f._id === fs._id && (f._a === fs._m._a || f._a === fs._m._b) && (f._writable || !writable)) fail(EBUSY);
  }
}

export function statEntry(path: string): Stat {
  const dir = need(path) === KIND_DIR;
  const row = fs._id * ROW;
  const rows = fs._m._rows;
  const time = fs._id < 0 ? 0 : secondsOf(fs._m, fs._id);
  return [dir ? TYPE_DIR : TYPE_FILE, 0, 0, 0, 0, 0, dir ? 0 : rows[row + 2], time, time, time];
}

/** Whole seconds since 1970 of an entry's time of modification, 0 if it has none. */
export function secondsOf(m: Mdir, id: number): number {
  const place = m._rows[id * ROW + 3];
  if (!place && m._attrs.length) return others.secondsOf(m, id);
  if ((place & 0x3ff) !== 8) return 0;
  const bytes = bytesAt(m._a, place >>> 10, 8, 0);
  return Math.floor(((le32(bytes, 4) >>> 0) * 4294967296 + (le32(bytes, 0) >>> 0)) / 1e9);
}

/** Takes the content of the file from its entry. */
export function loadStruct(f: OpenFile): void {
  const m = fetch(f._a, f._b);
  const rows = m._rows;
  const r = f._id * ROW;
  f._changed = false;
  f._clean = 0;
  f._shared = SHARED_ALL;
  f._wIndex = NULL;
  f._seen = [];
  f._head = rows[r + 1];
  f._size = rows[r + 2];
  f._inline = undefined;
  if (kindOf(m, f._id) === KIND_INLINE) {
    f._inline = new Uint8Array(f._writable ? Math.max(f._size, fs._inlineMax) : f._size);
    readBytes(m._a, f._head, f._inline.subarray(0, f._size), 0);
  }
}
