/** What changes the tree: making directories and renaming. A device loads it when it is called for. */

import { EEXIST, EISDIR, ENOSPC, ENOTDIR } from '../contract/errno';
import { copy, encodeText } from '../engine';
import {
  ATTR_DIRECTORY,
  ATTR_READONLY,
  clearCluster,
  DIR,
  dirCluster,
  entryCluster,
  eraseSlots,
  makeAlias,
  newEntry,
  putEntry,
  reserve,
  scan,
  setCluster,
} from './dir';
import { loadMeta, sectorOf, syncVolume } from './sector';
import { finish, freeChain, takeCluster, touch } from './table';
import { checkUnused, leaving, look, need } from './tree';
import { fail, fs } from './volume';

/** Makes a directory: its cluster, then the FAT, then the entry. */
export function makeDir(): void {
  if (look(fs._path)) fail(EEXIST);
  touch();
  reserve();
  const cluster = takeCluster(0) || fail(ENOSPC);
  const dots = new Uint8Array(64);
  newEntry(ATTR_DIRECTORY, cluster);
  for (let k = 0; k < 64; k += 32) {
    copy(fs._entry, 0, encodeText(k ? '..         ' : '.          '));
    copy(dots, k, fs._entry);
  }
  setParent(dots);
  clearCluster(cluster, dots);
  syncVolume();
  putEntry(fs._hole);
  finish();
}

/** Lets the second entry of a directory lead to `_dir`; the root is 0 there. */
function setParent(b: Uint8Array): void {
  setCluster(b, 32, fs._dir === fs._root ? 0 : fs._dir);
}

/**
 * Renames or moves. The new entry is written before the old one goes; where both lie in one sector, and the new one does
 * not lie behind, in one write, so that neither a cut between writes nor one within a sector loses the name. What has
 * the new name already hands its entry over, and its clusters are freed last.
 */
export function renameEntry(to: string): void {
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
  checkUnused(false, 0);
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
    checkUnused(false, ATTR_READONLY);
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
    touch();
    copy(loadMeta(there), place, moved);
    v._meta._dirty = true;
    v._sector = there;
    v._at = place;
  } else {
    touch();
    if (same) v._ignore = slot;
    v._slot = slot - v._parts;
    // In place, if there is room: the end stays where it is.
    if (v._dir === oldDir && v._slot >= from && (slot * 32) % v._sectorSize >= v._parts * 32) {
      erase = v._slot - 1;
      if (v._tail) makeAlias();
      v._hole = erase + 1;
    } else {
      if (same) scan(oldDir, 0, true);
      reserve();
    }
    copy(v._entry, 0, moved);
    putEntry(v._hole);
  }
  if (erase === slot && (v._sector !== sector || v._at > at)) syncVolume();
  eraseSlots(oldDir, from, erase);
  if (directory) {
    v._epoch++;
    if (v._dir !== oldDir) {
      setParent(loadMeta(sectorOf(cluster)));
      v._meta._dirty = true;
    }
  }
  freeChain(freed);
  finish();
}
