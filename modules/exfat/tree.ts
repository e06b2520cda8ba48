import { EBUSY, EEXIST, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY } from '../contract/errno';
import { type DirIterator, TYPE_DIR, TYPE_FILE } from '../contract/filesystem';
import { fill } from '../engine';
import { chainOf, freeClusters, makeChain } from './chain';
import { finish, touch } from './clean';
import { eraseSlots, putSet, reserve } from './dir';
import { change, ExFatFile, shrink } from './file';
import { directoryOf, look } from './look';
import * as mend from './mend.lazy';
import { setText, UNITS } from './name';
import { ATTR_ARCHIVE, ATTR_READONLY, DIR, FILE_ENTRY, NAME_ENTRY, STREAM_ENTRY, scan } from './scan';
import { le64 } from './sector';
import { putTime } from './time';
import { type Chain, fail, fs } from './volume';

const EACCES = 13;

/** Looks up something that has to be there, of the kind that `dir` says, if it does. */
export function need(path: string, dir: boolean | undefined): number {
  const kind = look(path) || fail(ENOENT);
  if (dir !== undefined && dir !== (kind === DIR)) fail(dir ? ENOTDIR : EISDIR);
  return kind;
}

/**
 * Nothing may be open at the entry set just looked up, or, with `writers`, nothing for writing; nor may it be one of the
 * attributes `without`. The root has no entry.
 */
export function checkUnused(writers: boolean, without: number): void {
  if (fs._slot < 0) fail(EBUSY);
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (f._sector === fs._sector && f._at === fs._at && (f._writable || !writers)) fail(EBUSY);
  }
  if (fs._set[4] & without) fail(EACCES);
}

/** Makes `_set` that of something new with the name that was looked up; gives the number of its entries. Its first 64 bytes stay unless it is `fresh`. */
export function newSet(attr: number, fresh: boolean): Uint8Array {
  const names = Math.ceil(fs._length / UNITS);
  const set = fs._set.subarray(0, names * 32 + 64);
  fill(fresh ? set : set.subarray(64), 0);
  if (fresh) {
    set[4] = attr;
    putTime(set, true);
    set[32] = STREAM_ENTRY;
    set[33] = 1;
  }
  set[0] = FILE_ENTRY;
  set[1] = names + 1;
  set[35] = fs._length;
  set[36] = fs._hash;
  set[37] = fs._hash >> 8;
  for (let i = 0; i < names; i++) set[64 + i * 32] = NAME_ENTRY;
  for (let k = 0; k < fs._length; k++) {
    const at = 66 + k * 2 + Math.floor(k / UNITS) * 2;
    set[at] = fs._name[k];
    set[at + 1] = fs._name[k] >> 8;
  }
  fs._count = names + 1;
  return set;
}

/** Makes an entry set for the name that was looked up in vain. */
export function makeEntry(set: Uint8Array): void {
  reserve(set.length / 32);
  fs._slot = fs._hole;
  putSet(fs._dir, fs._hole, set);
  // Where the first entry lies, which was written last.
  fs._sector = fs._meta._sector;
  fs._at = (fs._hole * 32) % fs._sectorSize;
}

export function openFile(mode: string, writable: boolean): ExFatFile {
  const kind = look(fs._path);
  if (kind === DIR) fail(EISDIR);
  if (kind && mode.indexOf('x') >= 0) fail(EEXIST);
  if (kind && writable) checkUnused(true, ATTR_READONLY);
  if (!kind) {
    if (mode.indexOf('r') >= 0) fail(ENOENT);
    touch();
    makeEntry(newSet(ATTR_ARCHIVE, true));
  }
  const f = new ExFatFile(writable);
  if (writable && f._size && fs._wasDirty && mode.indexOf('w') < 0) mend.ownClusters(f);
  if (!kind || mode.indexOf('w') >= 0) {
    change(f);
    if (f._size) shrink(f, 0);
  }
  // One that cannot be opened is not open.
  fs._files.push(f);
  return f;
}

/** Iterates over a directory in the order of its slots. */
export function listDir(begin: () => void): DirIterator {
  let epoch = -1;
  let dir: Chain | undefined;
  let slot = 0;
  const start = function (): void {
    begin();
    // When directories have gone, moved or grown it is looked up anew.
    if (epoch !== fs._epoch) {
      need(fs._path, true);
      const again = directoryOf();
      if (dir && again._first !== dir._first) slot = 0;
      dir = again;
      epoch = fs._epoch;
    }
  };
  start();
  return {
    next: function () {
      start();
      const kind = scan(dir as Chain, slot, false);
      if (!kind) return { done: true };
      slot = fs._slot + fs._count + 1;
      return { done: false, value: [setText(fs._set), kind === DIR ? TYPE_DIR : TYPE_FILE, 0, entrySize(kind)] };
    },
  };
}

/** The size of the entry just found: 0 for a directory. */
export function entrySize(kind: number): number {
  return kind === DIR ? 0 : le64(fs._set, 56);
}

/** The clusters of what was just looked up and is about to go; none where its numbers are impossible. @throws ENOTEMPTY */
export function leaving(directory: boolean): Chain {
  let chain = makeChain(0, true, 0);
  if (directory) {
    const dir = fs._dir;
    const slot = fs._slot;
    const count = fs._count;
    const set = new Uint8Array(fs._set);
    chain = directoryOf();
    if (scan(chain, 0, false)) fail(ENOTEMPTY);
    fs._dir = dir;
    fs._slot = slot;
    fs._count = count;
    fs._set.set(set);
    fs._epoch++;
    return chain;
  }
  try {
    chain = chainOf(fs._set);
  } catch (_damaged) {
    // Its name can go all the same.
  }
  return chain;
}

/** Removes the entry set, then frees its clusters. */
export function removeEntry(directory: boolean): void {
  need(fs._path, directory);
  checkUnused(false, ATTR_READONLY);
  const chain = leaving(directory);
  touch();
  eraseSlots(fs._dir, fs._slot, fs._count + 1);
  freeClusters(chain._first, chain._count, chain._contiguous);
  finish();
}
