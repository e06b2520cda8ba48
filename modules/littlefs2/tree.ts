/** The tree of names: look-up, and what entries say. */
import { EBUSY, ECORRUPT, ENAMETOOLONG, ENOENT, ENOTDIR } from '../contract/errno';
import { type Stat, TYPE_DIR, TYPE_FILE } from '../contract/filesystem';
import { encodeText, le32 } from '../engine';
import { peekAt } from './disk';
import * as marksOf from './marks.lazy';
import { fetch, isMoving, MARK } from './mdir';
import { compare, nameAt } from './names';
import * as others from './seconds.lazy';
import { KIND_DIR, KIND_INLINE, ROW } from './table';
import { NULL } from './tags';
import { fail, fs, limitSteps, type Mdir, type OpenFile, type Pair, SHARED_ALL } from './volume';

/** The last landmark of the directory that begins at `dir` whose pair begins with `name` or before it, -1 if there is none. */
function nearest(dir: number, name: Uint8Array): number {
  const marks = fs._marks;
  const end = fs._markCount * MARK;
  let low = 0;
  while (low < end && marks[low] !== dir) low += MARK;
  let high = low;
  while (high < end && marks[high] === dir) high += MARK;
  low -= MARK;
  while (high - low > MARK) {
    const middle = low + (((high - low) / MARK) >> 1) * MARK;
    if (compare(peekAt(marks[middle + 1], marks[middle + 3] >> 10, marks[middle + 3] & 0x3ff), name) > 0) high = middle;
    else low = middle;
  }
  return low >= 0 && marks[low] === dir ? low : NULL;
}

/** The first entry of the directory `dir` that is not before `name`, if that is given: `fs._m` and `fs._id`; whether it is `name`. */
export function seek(dir: Pair, name: Uint8Array | undefined): boolean {
  const v = fs;
  const marks = v._marks;
  v._passed = 0;
  let a = dir._a;
  let b = dir._b;
  let before: Mdir | undefined;
  let at = name && v._markCount ? /*@__NOINLINE__*/ nearest(a, name) : NULL;
  if (at >= 0) {
    a = marks[at + 1];
    b = marks[at + 2];
  }
  for (let steps = 0; ; steps++) {
    limitSteps(steps);
    const m = fetch(a, b);
    if (steps) at = marksOf.passOn(dir._a, at, before, m);
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
      v._m = m;
      v._id = low;
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
    kind = seek(dir, fs._name) ? fs._m._rows[fs._id * ROW] >>> 30 : 0;
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

/** Nothing may be open at the entry just looked up; or, with `writable`, nothing for writing. */
export function checkUnused(writable: boolean): void {
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (f._id === fs._id && (f._a === fs._m._a || f._a === fs._m._b) && (f._writable || !writable)) fail(EBUSY);
  }
}

export function statEntry(path: string): Stat {
  const dir = (look(path) || fail(ENOENT)) === KIND_DIR;
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
  const bytes = peekAt(m._a, place >>> 10, 8);
  return Math.floor(((le32(bytes, 4) >>> 0) * 4294967296 + (le32(bytes, 0) >>> 0)) / 1e9);
}

/** Takes the content of the file from its entry; none without an entry. */
export function loadStruct(f: OpenFile): void {
  const m = fetch(f._a, f._b);
  const rows = m._rows;
  const fresh = f._id < 0;
  const r = fresh ? 0 : f._id * ROW;
  f._changed = false;
  f._clean = 0;
  f._shared = SHARED_ALL;
  f._wIndex = NULL;
  f._seen = [];
  f._head = rows[r + 1];
  f._size = fresh ? 0 : rows[r + 2];
  f._inline = undefined;
  if (fresh || rows[r] >>> 30 === KIND_INLINE) {
    f._inline = new Uint8Array(f._writable ? Math.max(f._size, fs._inlineMax) : f._size);
    if (f._size) f._inline.set(peekAt(m._a, f._head, f._size));
  }
}
