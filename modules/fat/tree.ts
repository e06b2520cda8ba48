import { ECORRUPT, EEXIST, EINVAL, EISDIR, ENODEV, ENOENT, ENOTDIR, EROFS } from '../contract/errno';
import { type DirIterator, TYPE_DIR, TYPE_FILE } from '../contract/filesystem';
import { le32 } from '../engine';
import { ATTR_READONLY, DIR, dirCluster, entryCluster, scan } from './dir';
import { FatFile } from './file';
import * as match from './match.lazy';
import * as names from './mend.lazy';
import { entryName, setName } from './name';
import { fail, fs, use, type Volume } from './volume';
import * as write from './write.lazy';

/** Begins an operation. */
export function begin(volume: Volume, operation: string, path: string, change: boolean): void {
  use(volume);
  if (volume._made) write.place();
  volume._operation = operation;
  volume._path = path;
  volume._forbid = volume._ignore = -1;
  volume._spread = false;
  if (!volume._mounted) fail(ENODEV);
  if (change && (volume._readonly || !volume._dev._bdev.writeblocks)) fail(EROFS);
  if (change && volume._doubt === 1) names.mend();
}

/**
 * Looks a path up: `_entry` and its place become the entry's (`_slot` -1: the root), or the name is ready to be made in
 * `_dir`. Gives the kind, 0 if only the last name is missing.
 * @throws ENOENT, ENOTDIR, EINVAL; ECORRUPT for a directory that lies in itself
 */
export function look(path: string): number {
  const names = path.split('/');
  const above: number[] = [];
  let kind = DIR;
  fs._slot = -1;
  for (let i = 1; i < names.length && names[i]; i++) {
    if (kind !== DIR) fail(kind ? ENOTDIR : ENOENT);
    fs._dir = dirCluster();
    if (fs._dir === fs._forbid) fail(EINVAL);
    above.push(fs._dir);
    const refused = setName(names[i]);
    kind = fs._odd ? match.findListed(fs._dir, fs._full) : 0;
    if (!kind) {
      if (refused) fail(EINVAL);
      fs._odd = false;
      kind = scan(fs._dir, 0, true) || (fs._odd ? match.findListed(fs._dir, fs._length) : 0);
    }
    if (kind === DIR && above.indexOf(entryCluster()) >= 0) fail(ECORRUPT);
  }
  return kind;
}

/** Looks up something that has to be there, of the kind that `dir` says, if it does. */
export function need(path: string, dir: boolean | undefined): number {
  const kind = look(path) || fail(ENOENT);
  if (dir !== undefined && dir !== (kind === DIR)) fail(dir ? ENOTDIR : EISDIR);
  return kind;
}

export function openFile(mode: string, writable: boolean): FatFile {
  const kind = look(fs._path);
  const emptied = mode.indexOf('w') >= 0;
  if (kind === DIR) fail(EISDIR);
  if (kind && mode.indexOf('x') >= 0) fail(EEXIST);
  if (kind && writable) write.checkUnused(true, ATTR_READONLY);
  if (!kind) {
    if (mode.indexOf('r') >= 0) fail(ENOENT);
    write.createFile();
  }
  // More than the volume can hold: what is asked to read all of it would take that much memory.
  if (kind && !emptied && entrySize(kind) > (fs._last - 1) * fs._clusterSize) fail(ECORRUPT);
  const f = new FatFile(writable);
  if (!kind) fs._made = f;
  if (writable && fs._shared.length && !emptied) names.ownChain(f);
  if (!kind || emptied) {
    if (f._size) write.truncate(f, 0);
    else write.change(f);
  }
  // One that cannot be opened is not open.
  f._open = true;
  fs._files.push(f);
  return f;
}

/** Writes what is still in RAM, and marks the volume as clean; and what was counted since it was clean. */
export function settle(): void {
  if (fs._touched || (fs._owed && fs._upTo > fs._last)) write.settle();
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
