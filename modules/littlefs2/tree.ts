import { decodeText, encodeText } from '../engine';
import { EBUSY, ECORRUPT, EEXIST, EINVAL, EISDIR, ENAMETOOLONG, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY } from '../errno';
import { type DirEntry, type Stat, TYPE_DIR, TYPE_FILE } from '../filesystem';
import { blocksFreed } from './alloc';
import { commit, newPair, writeTwin } from './commit';
import { peek, readBytes } from './disk';
import { Lfs2File } from './file';
import { NOTHING, pairBytes, setMove } from './gstate';
import { fetch, KIND_CTZ, KIND_DIR, KIND_INLINE, kindOf, type Mdir, ROW } from './mdir';
import { begin } from './mount';
import { mtimeSeconds } from './mtime';
import { CREATE, DELETE, DIR, DIRSTRUCT, INLINESTRUCT, MTIME, mkTag, NO_ID, NULL, REG, TAIL, USERATTR } from './tags';
import { dropPair, findPred, samePair, setTail } from './thread';
import { fail, type Volume } from './volume';

/**
 * Compares an entry's name with `name`: negative, 0, positive. Bytewise, and of two that agree as far as they go the
 * *longer* is first, as the C library sorts (the specification is silent).
 */
function compareName(fs: Volume, m: Mdir, id: number, name: Uint8Array): number {
  const place = m._rows[id * ROW] & 0x3fffffff;
  const length = place & 0x3ff;
  const common = Math.min(length, name.length);
  for (let at = 0; at < common; ) {
    const off = (place >> 10) + at;
    const i = peek(fs, m._a, off, 1, common - at);
    const end = Math.min(common, at + fs._wOff + fs._wLen - off);
    for (let k = i - at; at < end; at++) {
      const difference = fs._w[k + at] - name[at];
      if (difference) return difference;
    }
  }
  return name.length - length;
}

/** Whether an entry is the source of a rename that was cut: it counts as gone. */
function isMoving(fs: Volume, m: Mdir, id: number): boolean {
  const g = fs._gstate;
  return !!(g[0] & 0x70000000) && ((g[0] >>> 10) & 0x3ff) === id && samePair(g[1], g[2], m._a, m._b);
}

/** The first entry of a directory from {a, b} that is not before `name`: `fs._m` and `fs._id`; whether it is `name`. */
function seek(fs: Volume, a: number, b: number, name: Uint8Array): boolean {
  for (let steps = 0; ; steps++) {
    if (steps > fs._blockCount) fail(fs, ECORRUPT, 'directory forms a loop');
    const m = fetch(fs, a, b);
    let low = m._super;
    let high = m._count;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compareName(fs, m, middle, name);
      if (!order) {
        fs._m = m;
        fs._id = middle;
        return !isMoving(fs, m, middle);
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    if (low < m._count || !m._split) {
      fs._m = m;
      fs._id = low;
      return false;
    }
    a = m._tail0;
    b = m._tail1;
  }
}

/**
 * Looks a path up: `fs._m` and `fs._id` become its entry (id -1: the root), or the place where it would go, `fs._name`
 * its last name. Gives the kind of the entry, 0 if only the last name is missing.
 * @throws ENOENT, ENOTDIR
 */
export function look(fs: Volume, path: string): number {
  let a = fs._root0;
  let b = fs._root1;
  let kind = KIND_DIR;
  fs._id = -1;
  for (let at = 1; at < path.length; ) {
    let end = path.indexOf('/', at);
    if (end < 0) end = path.length;
    if (!kind) fail(fs, ENOENT);
    if (kind !== KIND_DIR) fail(fs, ENOTDIR);
    if (fs._id >= 0) {
      a = fs._m._rows[fs._id * ROW + 1];
      b = fs._m._rows[fs._id * ROW + 2];
    }
    fs._name = encodeText(path.substring(at, end));
    kind = seek(fs, a, b, fs._name) ? kindOf(fs._m, fs._id) : 0;
    at = end + 1;
  }
  return kind;
}

/** Like `look`, for something that has to be there. */
function need(fs: Volume, path: string): number {
  const kind = look(fs, path);
  if (!kind) fail(fs, ENOENT);
  return kind;
}

/** Nothing may be open at the entry just looked up. */
function checkUnused(fs: Volume): void {
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (f._id === fs._id && (f._a === fs._m._a || f._a === fs._m._b)) fail(fs, EBUSY, 'file is open');
  }
}

function checkName(fs: Volume): void {
  if (fs._name.length > fs._nameMax) fail(fs, ENAMETOOLONG);
}

export function openFile(fs: Volume, path: string, mode: string): Lfs2File {
  const writable = mode.indexOf('r') < 0 || mode.indexOf('+') >= 0;
  begin(fs, 'open', path, writable);
  const kind = look(fs, path);
  if (kind === KIND_DIR) fail(fs, EISDIR);
  if (kind && mode.indexOf('x') >= 0) fail(fs, EEXIST);
  if (!kind) {
    if (mode.indexOf('r') >= 0) fail(fs, ENOENT);
    checkName(fs);
    const id = fs._id;
    const name = fs._name;
    const ops = [mkTag(CREATE, id, 0), NOTHING, mkTag(REG, id, name.length), name, mkTag(INLINESTRUCT, id, 0), NOTHING];
    commit(fs, fs._m, ops);
    look(fs, path);
  }
  if (writable) {
    for (let i = 0; i < fs._files.length; i++) {
      const other = fs._files[i];
      if (other._writable && other._id === fs._id && (other._a === fs._m._a || other._a === fs._m._b))
        fail(fs, EBUSY, 'file is open for writing');
    }
  }
  const f = new Lfs2File(fs, path, fs._m._a, fs._m._b, fs._id, writable);
  if (writable && mode.indexOf('w') >= 0 && f._size) f.truncate(0);
  if (!kind && fs._mtime) f._dirty = true;
  fs._files.push(f);
  return f;
}

/** Iterates over a directory in the order of names; entries made or removed meanwhile are seen or not, the others once. */
export function listDir(fs: Volume, path: string): { next(): { done: boolean; value?: DirEntry } } {
  begin(fs, 'listdir', path, false);
  if (need(fs, path) !== KIND_DIR) fail(fs, ENOTDIR);
  const root = fs._id < 0;
  let a = root ? fs._root0 : fs._m._rows[fs._id * ROW + 1];
  let b = root ? fs._root1 : fs._m._rows[fs._id * ROW + 2];
  let last: Uint8Array | undefined;
  return {
    next: function (): { done: boolean; value?: DirEntry } {
      begin(fs, 'listdir', path, false);
      if (root) {
        a = fs._root0;
        b = fs._root1;
      }
      // The entry behind the last one given: found by name, so that changes in between do no harm.
      if (!last) {
        fs._m = fetch(fs, a, b);
        fs._id = fs._m._super;
      } else if (seek(fs, a, b, last)) fs._id++;
      for (;;) {
        const m = fs._m;
        if (fs._id >= m._count) {
          if (!m._split) return { done: true };
          fs._m = fetch(fs, m._tail0, m._tail1);
          fs._id = 0;
        } else if (isMoving(fs, m, fs._id)) fs._id++;
        else break;
      }
      // Names out of order would lead round in circles.
      if (last && compareName(fs, fs._m, fs._id, last) <= 0) fail(fs, ECORRUPT, 'names are not in order');
      const row = fs._id * ROW;
      const kind = kindOf(fs._m, fs._id);
      const place = fs._m._rows[row] & 0x3fffffff;
      last = new Uint8Array(place & 0x3ff);
      readBytes(fs, fs._m._a, place >> 10, last, 0);
      return {
        done: false,
        value: [decodeText(last), kind === KIND_DIR ? TYPE_DIR : TYPE_FILE, 0, kind === KIND_DIR ? 0 : fs._m._rows[row + 2]],
      };
    },
  };
}

export function statEntry(fs: Volume, path: string): Stat {
  begin(fs, 'stat', path, false);
  const kind = need(fs, path);
  let size = 0;
  let time = 0;
  if (fs._id >= 0) {
    const row = fs._id * ROW;
    const place = fs._m._rows[row + 3];
    if (kind !== KIND_DIR) size = fs._m._rows[row + 2];
    if ((place & 0x3ff) === 8) {
      const bytes = new Uint8Array(8);
      readBytes(fs, fs._m._a, place >>> 10, bytes, 0);
      time = mtimeSeconds(bytes);
    }
  }
  return [kind === KIND_DIR ? TYPE_DIR : TYPE_FILE, 0, 0, 0, 0, 0, size, time, time, time];
}

export function makeDir(fs: Volume, path: string): void {
  begin(fs, 'mkdir', path, true);
  if (look(fs, path)) fail(fs, EEXIST);
  checkName(fs);
  const dir = newPair(fs);
  if (!dir) fail(fs, ENOSPC);
  // The new pair follows the last one of the parent on the thread.
  let pred = fs._m;
  while (pred._split) pred = fetch(fs, pred._tail0, pred._tail1);
  dir._tail0 = pred._tail0;
  dir._tail1 = pred._tail1;
  writeTwin(fs, dir, 0, NOTHING, false);
  const inParent = pred._a === fs._m._a;
  if (!inParent) {
    fs._orphans++;
    setTail(fs, pred, 0, dir._a, dir._b);
    fs._orphans--;
    look(fs, path);
  }
  const id = fs._id;
  const pair = pairBytes(dir._a, dir._b);
  const ops = [mkTag(CREATE, id, 0), NOTHING, mkTag(DIR, id, fs._name.length), fs._name, mkTag(DIRSTRUCT, id, 8), pair];
  if (inParent) ops.push(mkTag(TAIL, NO_ID, 8), pair);
  commit(fs, fs._m, ops);
}

/** The pair of the directory just looked up, which must be empty. */
function emptyDir(fs: Volume): Mdir {
  const row = fs._id * ROW;
  const dir = fetch(fs, fs._m._rows[row + 1], fs._m._rows[row + 2]);
  if (dir._count || dir._split) fail(fs, ENOTEMPTY);
  return dir;
}

/** Takes a directory that has no entry any more off the thread. */
function unthread(fs: Volume, a: number, b: number): void {
  fs._orphans--;
  const pred = findPred(fs, a, b);
  if (pred) dropPair(fs, pred, fetch(fs, a, b));
}

export function removeEntry(fs: Volume, path: string, directory: boolean): void {
  begin(fs, directory ? 'rmdir' : 'remove', path, true);
  const kind = need(fs, path);
  if (fs._id < 0) fail(fs, directory ? EBUSY : EISDIR);
  if (directory && kind !== KIND_DIR) fail(fs, ENOTDIR);
  if (!directory && kind === KIND_DIR) fail(fs, EISDIR);
  let a = NULL;
  let b = NULL;
  if (directory) {
    const m = fs._m;
    const dir = emptyDir(fs);
    fs._m = m;
    a = dir._a;
    b = dir._b;
    fs._orphans++;
  } else checkUnused(fs);
  if (kind !== KIND_INLINE) blocksFreed(fs);
  commit(fs, fs._m, [mkTag(DELETE, fs._id, 0), NOTHING]);
  if (directory) unthread(fs, a, b);
}

export function renameEntry(fs: Volume, from: string, to: string): void {
  begin(fs, 'rename', from, true);
  let kind = need(fs, from);
  if (fs._id < 0 || to.indexOf(from + '/') === 0) fail(fs, EINVAL);
  if (kind !== KIND_DIR) checkUnused(fs);
  fs._path = to;
  const oldKind = look(fs, to);
  if (fs._id < 0) fail(fs, EBUSY);
  if (from === to) return;
  if (!oldKind) checkName(fs);
  let a = NULL;
  let b = NULL;
  const target = fs._m;
  const id = fs._id;
  const name = fs._name;
  if (oldKind === KIND_DIR) {
    if (kind !== KIND_DIR) fail(fs, EISDIR);
    const dir = emptyDir(fs);
    a = dir._a;
    b = dir._b;
  } else if (oldKind) {
    if (kind === KIND_DIR) fail(fs, ENOTDIR);
    checkUnused(fs);
  }
  fs._path = from;
  kind = need(fs, from);
  const source = fs._m;
  const row = fs._id * ROW;
  const rows = source._rows;
  let sourceId = fs._id;
  const ops: (number | Uint8Array)[] = [];
  if (oldKind) ops.push(mkTag(DELETE, id, 0), NOTHING);
  ops.push(mkTag(CREATE, id, 0), NOTHING, mkTag(kind === KIND_DIR ? DIR : REG, id, name.length), name);
  // What the entry is made of goes along: struct and attributes.
  if (kind === KIND_INLINE) ops.push(mkTag(INLINESTRUCT, id, rows[row + 2]), bytesOf(fs, source, rows[row + 1], rows[row + 2]));
  else ops.push(mkTag(DIRSTRUCT + kind - 1, id, 8), pairBytes(rows[row + 1], rows[row + 2]));
  const time = rows[row + 3];
  if (time) ops.push(mkTag(USERATTR + MTIME, id, time & 0x3ff), bytesOf(fs, source, time >>> 10, time & 0x3ff));
  for (let k = 0; k < source._attrs.length; k += 3) {
    const place = source._attrs[k + 2];
    if (source._attrs[k] === sourceId)
      ops.push(mkTag(USERATTR + source._attrs[k + 1], id, place & 0x3ff), bytesOf(fs, source, place >>> 10, place & 0x3ff));
  }
  if (a !== NULL) fs._orphans++;
  if (oldKind === KIND_CTZ) blocksFreed(fs);
  if (source._a === target._a) {
    if (!oldKind && id <= sourceId) sourceId++;
    ops.push(mkTag(DELETE, sourceId, 0), NOTHING);
    commit(fs, target, ops);
  } else {
    // The first commit says that the source is on the move; a cut before the second is mended by the next change.
    setMove(fs, sourceId, source._a, source._b);
    commit(fs, target, ops);
    if (fs._gstate[0] & 0x70000000) {
      const m = fetch(fs, fs._gstate[1], fs._gstate[2]);
      setMove(fs, NO_ID, NULL, NULL);
      commit(fs, m, [mkTag(DELETE, sourceId, 0), NOTHING]);
    }
  }
  if (a !== NULL) unthread(fs, a, b);
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (f._path.indexOf(from + '/') === 0) f._path = to + f._path.substring(from.length);
  }
}

/** A copy of bytes of a pair's log. */
export function bytesOf(fs: Volume, m: Mdir, off: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  readBytes(fs, m._a, off, bytes, 0);
  return bytes;
}
