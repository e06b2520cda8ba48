/** Changes of directories: a part that a device loads for one. */
import { EBUSY, EEXIST, EINVAL, EISDIR, ENOTDIR, ENOTEMPTY } from '../contract/errno';
import { putLe32 } from '../engine';
import { begin } from './begin';
import { commit, drop, newPair, splice, unthread } from './commit';
import { checkUnused, dirPair, ENTRY, look, need } from './dir';
import { after, fetch, HEADER, nameAt, wordAt } from './mdir';
import { DIR, fail, fs, limitSteps, type Mdir, MOVED, NULL, type Volume } from './volume';
import { anyEntry, findPred } from './walk';

/** An entry for the name just looked up (SPEC.md, "Entries"). */
export function newEntry(type: number, x: number, y: number): Uint8Array {
  const length = fs._name.length;
  const entry = new Uint8Array(ENTRY + length);
  entry[0] = type;
  entry[1] = 8;
  entry[3] = length;
  putLe32(entry, 4, x);
  putLe32(entry, 8, y);
  entry.set(fs._name, ENTRY);
  return entry;
}

/** Puts an entry where one was looked up and not found. */
export function append(entry: Uint8Array): void {
  const m = fs._roomy;
  const end = m._bytes.length;
  commit(m, splice(m, end, end, entry), m._split, m._tail0, m._tail1);
}

export function makeDir(v: Volume, path: string): void {
  begin(v, 'mkdir', path, true);
  if (look(path)) fail(EEXIST);
  // The last pair of the parent: entry and thread in one commit.
  const m = v._m;
  const end = m._bytes.length;
  const dir = newPair(new Uint8Array(0), false, m._tail0, m._tail1);
  commit(m, splice(m, end, end, newEntry(DIR, dir._a, dir._b)), false, dir._a, dir._b);
}

/** The pair before the directory just looked up on the thread, which has to be empty: it is about to lose its entry. */
function predOfEmpty(): Mdir {
  const pair = dirPair();
  let m = fetch(pair[0], pair[1]);
  const first = m;
  for (let steps = 0; m._split && m._bytes.length === HEADER; steps++) {
    limitSteps(steps);
    m = fetch(m._tail0, m._tail1);
  }
  if (m._bytes.length > HEADER) fail(ENOTEMPTY);
  return first;
}

/** Takes a directory off the thread that has lost its entry. */
function release(dir: Mdir): void {
  unthread(findPred(dir._a, dir._b));
}

export function removeDir(v: Volume, path: string): void {
  begin(v, 'rmdir', path, true);
  if (need(path) !== DIR) fail(ENOTDIR);
  if (!v._at) fail(EBUSY);
  const dir = predOfEmpty();
  v._mended = false;
  drop(v._m, v._at);
  release(dir);
  v._mended = true;
}

export function removeFile(v: Volume, path: string): void {
  begin(v, 'remove', path, true);
  if (need(path) === DIR) fail(EISDIR);
  checkUnused(path, false);
  drop(v._m, v._at);
}

/** Marks the entry just looked up as being moved. An empty file gets data of its own, so that it is not taken for another. */
function markMoved(): void {
  const v = fs;
  const entries = new Uint8Array(v._m._bytes.subarray(HEADER));
  const at = v._at - HEADER;
  entries[at] |= MOVED;
  if (entries[at] !== (DIR | MOVED) && !wordAt(v._m, v._at, 1)) {
    let mark = NULL - 1;
    const taken = function (m: Mdir, i: number): boolean {
      return wordAt(m, i, 0) === mark;
    };
    while (anyEntry(taken)) mark--;
    putLe32(entries, at + 4, mark);
  }
  commit(v._m, entries, v._m._split, v._m._tail0, v._m._tail1);
}

export function renameEntry(v: Volume, from: string, to: string): void {
  begin(v, 'rename', from, true);
  const kind = need(from);
  const source = v._m;
  if (!v._at || to.indexOf(from + '/') === 0) fail(EINVAL);
  if (kind !== DIR) checkUnused(from, false);
  const old = look(to);
  if (from === to) return;
  if (!v._at) fail(EBUSY);
  if (old && (old === DIR) !== (kind === DIR)) fail(kind === DIR ? ENOTDIR : EISDIR);
  if (old && kind !== DIR) checkUnused(to, false);
  const replaced = old === DIR ? predOfEmpty() : undefined;
  v._mended = false;
  const inPlace = (old ? v._m : v._roomy)._a === source._a;
  if (!inPlace) {
    need(from);
    markMoved();
  }
  v._seesMoved = true;
  need(from);
  try {
    moveEntry(to, inPlace);
  } catch (failure) {
    try {
      // Without room there the entry stays, and its mark goes at once if it can.
      begin(v, 'rename', from, true);
    } catch (_later) {
      // Then with the next change.
    }
    throw failure;
  }
  if (!inPlace) {
    need(from);
    drop(v._m, v._at);
  }
  v._seesMoved = false;
  if (replaced) release(replaced);
  v._mended = true;
  for (let i = 0; i < v._files.length; i++) {
    const f = v._files[i];
    if (f._path.indexOf(from + '/') === 0) f._path = to + f._path.substring(from.length);
  }
}

/** Puts the entry just looked up at another path, in the place of what is there; with `inPlace` also away from where it was, in the same commit. */
function moveEntry(to: string, inPlace: boolean): void {
  const v = fs;
  const source = v._m;
  const at = v._at;
  const behind = after(source._bytes, at);
  const length = behind - at - nameAt(source, at).length;
  const old = look(to);
  const entry = new Uint8Array(length + v._name.length);
  entry.set(source._bytes.subarray(at, at + length));
  entry[0] &= ~MOVED;
  entry[3] = v._name.length;
  entry.set(v._name, length);
  const m = old ? v._m : v._roomy;
  const start = old ? v._at : m._bytes.length;
  const end = old ? after(m._bytes, start) : start;
  let entries = splice(m, start, end, entry);
  if (inPlace) {
    // The place of the source has moved if what came before it got another length.
    const gap = at < start ? at : at - (end - start) + entry.length;
    const shift = gap - HEADER;
    const rest = new Uint8Array(entries.length - (behind - at));
    rest.set(entries.subarray(0, shift));
    rest.set(entries.subarray(shift + behind - at), shift);
    entries = rest;
  }
  commit(m, entries, m._split, m._tail0, m._tail1);
}
