/**
 * What a power cut may have left: clusters with two names. A part that a device loads before it first changes a volume that was
 * in use when it was mounted. No file loses its name here: that takes a check. What has two names is freed with the last of them,
 * and a file that is to be written gets clusters of its own.
 */

import { ECORRUPT, EIO } from '../contract/errno';
import { fill } from '../engine';
import { move } from './content';
import { ATTR_DIRECTORY, ATTR_LABEL, DELETED, slotAt } from './dir';
import { FatFile } from './file';
import { fatEntry, le16 } from './sector';
import { fs } from './volume';
import * as write from './write.lazy';

/** Clusters that one pass notes in 8 KiB. */
const SPAN = 65536;
/** Links of the FAT that are followed at most. That two names begin with one cluster, as a cut leaves it, is found on any volume. */
const LINKS = 4096;
/** The most that is kept in mind. */
const MOST = 64;

/** An entry that names a cluster: `at` in the window. */
type Visit = (cluster: number, dir: number, slot: number, at: number) => void;

/** Goes through the entries of the directories, and of those that are added to them. Gives whether all of them can be read. */
export function walk(dirs: number[], visit: Visit): boolean {
  const v = fs;
  let sound = true;
  for (let i = 0; i < dirs.length; i++) {
    const dir = dirs[i];
    try {
      for (let slot = 0, at = slotAt(dir, 0); at >= 0 && v._meta._buf[at]; at = slotAt(dir, ++slot)) {
        const b = v._meta._buf;
        if (b[at] === DELETED || b[at] === 46 || b[at + 11] & ATTR_LABEL) continue;
        const cluster = le16(b, at + 26) + (v._type > 16 ? le16(b, at + 20) * 65536 : 0);
        if (cluster > 1 && cluster <= v._last) visit(cluster, dir, slot, at);
      }
    } catch (error) {
      if (!error || (error as { errno?: number }).errno !== ECORRUPT) throw error;
      sound = false;
    }
  }
  return sound;
}

/** Finds the clusters that are named twice: `_shared`. Where damage or their number hinders that, nothing is freed (`_doubt` 2). */
export function mend(): void {
  const v = fs;
  const dirs = [v._root];
  const twice: number[] = [];
  const map = new Uint8Array((Math.min(SPAN, v._last) >> 3) + 1);
  let low = 2;
  let next = 0;
  let links = LINKS;
  v._doubt = 2;
  const visit = function (cluster: number, _dir: number, _slot: number, at: number): void {
    if (low === 2 && v._meta._buf[at + 11] & ATTR_DIRECTORY) (dirs.indexOf(cluster) < 0 ? dirs : twice).push(cluster);
    for (let c = cluster; c > 1 && c <= v._last; ) {
      const i = c - low;
      if (i >= SPAN && c < next) next = c;
      const follow = links-- > 0;
      const value = follow ? fatEntry(c) : 0;
      if (i >= 0 && i < SPAN) {
        // A cluster that the FAT has as free may become another's.
        if (map[i >> 3] & (1 << (i & 7)) || (follow && !value)) {
          v._shared.push(c);
          return;
        }
        map[i >> 3] |= 1 << (i & 7);
      }
      c = value;
    }
  };
  try {
    for (; low <= v._last; low = next) {
      next = v._last + 1;
      fill(map, 0);
      if (!walk(dirs, visit)) return;
    }
    while (twice.length) settleName(dirs, twice.pop() as number);
    if (v._shared.length <= MOST) v._doubt = 0;
  } catch (failure) {
    if (!failure || (failure as { errno?: number }).errno !== EIO) throw failure;
  }
}

/** Of two names that one directory has after a rename that was cut, the old one goes: see `renameEntry`. */
function settleName(dirs: number[], twice: number): void {
  const v = fs;
  /** Directory, slot and age of each. */
  const rows: number[] = [];
  walk(dirs, function (cluster, dir, slot, at) {
    if (cluster === twice) rows.push(dir, slot, v._meta._buf[at + 13]);
  });
  const newer = (rows[2] + 1) % 200 === rows[5];
  if (rows.length !== 6 || (!newer && (rows[5] + 1) % 200 !== rows[2])) return;
  const dir = rows[newer ? 0 : 3];
  const slot = rows[newer ? 1 : 4];
  let from = slot;
  while (from > 0) {
    const at = slotAt(dir, from - 1);
    if (v._meta._buf[at] === DELETED || v._meta._buf[at + 11] !== 15) break;
    from--;
  }
  write.during(function (): void {
    write.eraseSlots(dir, from, slot);
    write.syncVolume();
  }, false);
  v._epoch++;
  v._shared.splice(v._shared.indexOf(twice), 1);
}

/** Gives a file that was just looked up, and is to be written, clusters of its own, if others name any of them. @throws ENOSPC with nothing changed */
export function ownChain(f: FatFile): void {
  const v = fs;
  const size = f._size;
  let left = v._last;
  let c = f._first;
  while (c > 1 && c <= v._last && v._shared.indexOf(c) < 0 && left--) c = fatEntry(c);
  if (v._shared.indexOf(c) < 0) return;
  const old = new FatFile(false);
  const buf = new Uint8Array(Math.min(size, Math.max(4096, v._sectorSize)));
  f._first = f._cluster = f._index = f._size = 0;
  f._linked = false;
  write.change(f);
  try {
    for (let pos = 0; pos < size; pos += buf.length) {
      const piece = buf.subarray(0, Math.min(buf.length, size - pos));
      move(old, pos, piece, undefined);
      write.writeAt(f, pos, piece);
    }
  } catch (error) {
    write.freeChain(f._first);
    throw error;
  }
  write.syncFile(f);
  write.freeChain(old._first);
}
