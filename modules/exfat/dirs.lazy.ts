/** What changes the tree: making directories and renaming. A device loads it when it is called for. */
import { EEXIST, EISDIR, ENOSPC, ENOTDIR } from '../contract/errno';
import { copy } from '../engine';
import { takeCluster } from './bitmap';
import { append, chainOf, freeClusters, makeChain } from './chain';
import { finish, touch } from './clean';
import { clearCluster, eraseSlots, putExtent, putHead, putSet, reserve, slotAt } from './dir';
import { directoryOf, look } from './look';
import { ATTR_DIRECTORY, ATTR_READONLY, DIR, scan } from './scan';
import { syncVolume } from './sector';
import { checkUnused, leaving, makeEntry, need, newSet } from './tree';
import { fail, fs } from './volume';

/** Makes a directory: its cluster, then the entry set. */
export function makeDir(): void {
  if (look(fs._path)) fail(EEXIST);
  touch();
  reserve(Math.ceil(fs._length / 15) + 2);
  const chain = makeChain(0, true, 0);
  const cluster = takeCluster(0) || fail(ENOSPC);
  append(chain, 0, cluster);
  clearCluster(cluster);
  syncVolume();
  const set = newSet(ATTR_DIRECTORY, true);
  putExtent(set, chain);
  makeEntry(set);
  finish();
}

/** The sector of a slot of a directory. */
function sectorAt(dir: typeof fs._dir, slot: number): number {
  slotAt(dir, slot);
  return fs._meta._sector;
}

/**
 * Renames or moves. The new entry set is written before the old one goes; where both lie in one sector, in one write. What has
 * the new name already hands its set over, and its clusters are freed last.
 */
export function renameEntry(to: string): void {
  const v = fs;
  const per = v._sectorSize / 32;
  const directory = need(v._path, undefined) === DIR;
  const oldDir = v._dir;
  const slot = v._slot;
  const entries = v._count + 1;
  const sector = v._sector;
  const at = v._at;
  checkUnused(false, 0);
  const head = new Uint8Array(v._set.subarray(0, 64));
  // Of two names of one chain the one that is 10 ms younger is the new one: see `mend`.
  head[20] = (head[20] + 1) % 200;
  const chain = directory ? directoryOf() : chainOf(v._set);
  if (directory) v._forbid = chain._first || -1;
  const target = look(to);
  const same = target && v._sector === sector && v._at === at;
  v._forbid = -1;
  if (v._path === to) return;
  // The old set ends in the sector where it begins.
  const whole = (slot % per) + entries <= per;
  let freed = makeChain(0, true, 0);
  let from = slot;
  if (target && !same) {
    if ((target === DIR) !== directory) fail(directory ? ENOTDIR : EISDIR);
    checkUnused(false, ATTR_READONLY);
    freed = leaving(directory);
    touch();
    handOver(head);
    // Two names of one chain become one.
    if (freed._first === chain._first) freed = makeChain(0, true, 0);
    from = v._slot;
  } else {
    touch();
    const need = Math.ceil(v._length / 15) + 2;
    if (whole && need <= entries && v._dir._first === oldDir._first) {
      // In place: one write.
      v._hole = slot;
    } else {
      if (same) {
        v._ignore = slot;
        scan(oldDir, 0, true);
        v._ignore = -1;
      }
      reserve(need);
    }
    from = v._hole;
    copy(v._set, 0, head);
    putSet(v._dir, from, newSet(0, false));
    if (from === slot && v._dir._first === oldDir._first) {
      eraseSlots(oldDir, slot + need, entries - need);
      finishMove(directory, freed);
      return;
    }
  }
  const dir = v._dir;
  if (!whole || sectorAt(dir, from) !== sector) syncVolume();
  eraseSlots(oldDir, slot, entries);
  finishMove(directory, freed);
}

/** Makes of the set that is there, but for its name, what `head` says. */
function handOver(head: Uint8Array): void {
  const v = fs;
  const set = v._set.subarray(0, v._count * 32 + 32);
  const kept = new Uint8Array(set.subarray(34, 38));
  const count = set[1];
  copy(set, 0, head);
  set[1] = count;
  copy(set, 34, kept);
  putHead(v._dir, v._slot, set);
}

/** Ends a rename. */
function finishMove(directory: boolean, freed: typeof fs._dir): void {
  if (directory) fs._epoch++;
  freeClusters(freed._first, freed._count, freed._contiguous);
  finish();
}
