/** What changes the tree: a part that a device loads for as long as that takes. */

import { EEXIST, EISDIR, ENOSPC, ENOTDIR, ENOTEMPTY } from '../contract/errno';
import { copy, encodeText } from '../engine';
import { ATTR_DIRECTORY, ATTR_READONLY, DIR, dirCluster, entryCluster, scan } from './dir';
import { loadMeta, sectorOf } from './sector';
import { begin, look, need } from './tree';
import { fail, fs, type Volume } from './volume';
import * as write from './write.lazy';

/** Makes, removes or renames, as the operation says. @param to the new name */
export function change(volume: Volume, operation: string, path: string, to: string): void {
  begin(volume, operation, path, true);
  write.during(function (): void {
    if (operation === 'mkdir') makeDir();
    else if (operation === 'rename') renameEntry(to);
    else removeEntry(operation === 'rmdir');
  }, false);
}

/** Makes a directory: its cluster, then the FAT, then the entry. */
function makeDir(): void {
  const v = fs;
  if (look(v._path)) fail(EEXIST);
  write.reserve();
  const cluster = write.takeCluster(0) || fail(ENOSPC);
  const dots = new Uint8Array(64);
  write.newEntry(ATTR_DIRECTORY, cluster);
  for (let k = 0; k < 64; k += 32) {
    copy(v._entry, 0, encodeText(k ? '..         ' : '.          '));
    copy(dots, k, v._entry);
  }
  setParent(dots);
  write.clearCluster(cluster, dots);
  write.putEntry(v._hole);
  write.finish(0);
}

/** Lets the second entry of a directory lead to `_dir`; the root is 0 there. */
function setParent(b: Uint8Array): void {
  const v = fs;
  write.setCluster(b, 32, v._dir === v._root ? 0 : v._dir);
}

/**
 * Renames or moves. The new entry is written before the old one goes; where both lie in one sector, and the new one does
 * not lie behind, in one write, so that neither a cut between writes nor one within a sector loses the name. What has
 * the new name already hands its entry over, and its clusters are freed last.
 */
function renameEntry(to: string): void {
  const v = fs;
  const directory = need(v._path, undefined) === DIR;
  const oldDir = v._dir;
  const from = v._from;
  const slot = v._slot;
  const sector = v._sector;
  const at = v._at;
  const moved = new Uint8Array(32);
  let freed = 0;
  let erase = slot;
  write.checkUnused(false, 0);
  copy(moved, 0, v._entry);
  // Of two names of one chain the one that is 10 ms younger is the new one: see `mend`.
  moved[13] = (moved[13] + 1) % 200;
  const first = entryCluster();
  const cluster = directory ? dirCluster() : 0;
  if (directory) v._forbid = cluster;
  const target = look(to);
  const same = target && v._sector === sector && v._at === at;
  v._forbid = -1;
  if (v._path === to) return;
  if (target && !same) {
    if ((target === DIR) !== directory) fail(directory ? ENOTDIR : EISDIR);
    // Its name, the attributes and the rest of what moves.
    copy(moved, 0, v._entry.subarray(0, 11));
    moved[12] = v._entry[12];
    const place = v._at;
    const there = v._sector;
    freed = leaving(directory);
    // Two names of one chain become one.
    if (freed === first) {
      freed = 0;
      v._shared = v._shared.filter(function (cluster) {
        return cluster !== first;
      });
    }
    write.mark(false);
    copy(loadMeta(there), place, moved);
    v._meta._dirty = true;
    v._sector = there;
    v._at = place;
  } else {
    if (same) v._ignore = slot;
    v._slot = slot - v._parts;
    // In place, if there is room: the end stays where it is.
    if (v._dir === oldDir && v._slot >= from && (slot * 32) % v._sectorSize >= v._parts * 32) {
      erase = v._slot - 1;
      if (v._tail) write.makeAlias();
      v._hole = erase + 1;
    } else {
      if (same) scan(oldDir, 0, true);
      write.reserve();
    }
    copy(v._entry, 0, moved);
    write.putEntry(v._hole);
  }
  if (erase === slot && (v._sector !== sector || v._at > at)) write.syncVolume();
  write.eraseSlots(oldDir, from, erase);
  if (directory) {
    v._epoch++;
    if (v._dir !== oldDir) {
      setParent(loadMeta(sectorOf(cluster)));
      v._meta._dirty = true;
    }
  }
  write.finish(freed);
}

/** Removes the entry, then frees its clusters. */
function removeEntry(directory: boolean): void {
  const v = fs;
  need(v._path, directory);
  const from = v._from;
  const slot = v._slot;
  const cluster = leaving(directory);
  write.eraseSlots(v._dir, from, slot);
  write.finish(cluster);
}

/** First cluster of what was just looked up and is about to go. @throws EBUSY, EACCES, ENOTEMPTY */
function leaving(directory: boolean): number {
  write.checkUnused(false, ATTR_READONLY);
  const cluster = directory ? dirCluster() : entryCluster();
  if (directory) {
    if (scan(cluster, 0, false)) fail(ENOTEMPTY);
    fs._epoch++;
  }
  return cluster;
}
