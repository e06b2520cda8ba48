import { EBUSY, ECORRUPT, EEXIST, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY } from '../contract/errno';
import { type DirIterator, TYPE_DIR, TYPE_FILE } from '../contract/filesystem';
import { le32 } from '../engine';
import { ATTR_ARCHIVE, ATTR_READONLY, DIR, dirCluster, entryCluster, eraseSlots, newEntry, putEntry, reserve, scan } from './dir';
import { change, FatFile, shrink } from './file';
import { look } from './look';
import { ownChain } from './mend';
import { entryName } from './name';
import { finish, freeChain, touch } from './table';
import { fail, fs } from './volume';

const EACCES = 13;

/** Looks up something that has to be there, of the kind that `dir` says, if it does. */
export function need(path: string, dir: boolean | undefined): number {
  const kind = look(path) || fail(ENOENT);
  if (dir !== undefined && dir !== (kind === DIR)) fail(dir ? ENOTDIR : EISDIR);
  return kind;
}

/**
 * Nothing may be open at the entry just looked up, or, with `writers`, nothing for writing; nor may it be one of the attributes
 * `without`. The root has no entry.
 */
export function checkUnused(writers: boolean, without: number): void {
  if (fs._slot < 0) fail(EBUSY);
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (f._sector === fs._sector && f._at === fs._at && (f._writable || !writers)) fail(EBUSY);
  }
  if (fs._entry[11] & without) fail(EACCES);
}

export function openFile(mode: string, writable: boolean): FatFile {
  const kind = look(fs._path);
  if (kind === DIR) fail(EISDIR);
  if (kind && mode.indexOf('x') >= 0) fail(EEXIST);
  if (kind && writable) checkUnused(true, ATTR_READONLY);
  if (!kind) {
    if (mode.indexOf('r') >= 0) fail(ENOENT);
    touch();
    reserve();
    newEntry(ATTR_ARCHIVE, 0);
    putEntry(fs._hole);
  }
  // More than the volume can hold: what is asked to read all of it would take that much memory.
  if (kind && mode.indexOf('w') < 0 && entrySize(kind) > (fs._last - 1) * fs._clusterSize) fail(ECORRUPT);
  const f = new FatFile(writable);
  if (writable && fs._shared.length && mode.indexOf('w') < 0) ownChain(f);
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
  let dir = 0;
  let slot = 0;
  const start = function (): void {
    begin();
    // When directories have gone or moved it is looked up anew.
    if (epoch !== fs._epoch) {
      need(fs._path, true);
      if (dir !== dirCluster()) slot = 0;
      dir = dirCluster();
      epoch = fs._epoch;
    }
  };
  start();
  return {
    next: function () {
      start();
      const kind = scan(dir, slot, false);
      if (!kind) return { done: true };
      slot = fs._slot + 1;
      return { done: false, value: [entryName(), kind === DIR ? TYPE_DIR : TYPE_FILE, 0, entrySize(kind)] };
    },
  };
}

/** The size of the entry just found: 0 for a directory. */
export function entrySize(kind: number): number {
  return kind === DIR ? 0 : le32(fs._entry, 28) >>> 0;
}

/** Removes the entry, then frees its clusters. */
export function removeEntry(directory: boolean): void {
  need(fs._path, directory);
  checkUnused(false, ATTR_READONLY);
  const from = fs._from;
  const slot = fs._slot;
  const cluster = leaving(directory);
  touch();
  eraseSlots(fs._dir, from, slot);
  freeChain(cluster);
  finish();
}

/** First cluster of what was just looked up and is about to go. @throws ENOTEMPTY */
export function leaving(directory: boolean): number {
  const cluster = directory ? dirCluster() : entryCluster();
  if (directory) {
    if (scan(cluster, 0, false)) fail(ENOTEMPTY);
    fs._epoch++;
  }
  return cluster;
}
