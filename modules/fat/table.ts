import { ECORRUPT } from '../contract/errno';
import { putLe32 } from '../engine';
import * as free from './free.lazy';
import { fatEntry, flush, loadMeta, syncVolume } from './sector';
import { type Chain, fail, fs } from './volume';

/** The cluster behind one, 0 at the end: after a cut that may be an end half written. @throws ECORRUPT where the chain leads nowhere */
export function nextCluster(cluster: number): number {
  const next = cluster > 1 && cluster <= fs._last ? fatEntry(cluster, -1) : 0;
  if (next > 1 && next <= fs._last) return next;
  return next > (fs._wasDirty ? fs._last : fs._mask - 8) ? 0 : fail(ECORRUPT);
}

/**
 * Takes a free cluster, behind `after` if that one is free, and makes it the end of a chain; 0 if there is none. A number
 * of free clusters that comes from FSInfo is not believed.
 */
export function takeCluster(after: number): number {
  let c = after + 1;
  if (!after || c > fs._last || fatEntry(c, -1)) {
    if (fs._counted && !fs._free) return 0;
    // Near by first, which needs no part.
    c = fs._next;
    for (let n = 32; c && fatEntry(c, -1); ) c = --n && c < fs._last ? c + 1 : free.findFree();
    if (!c) return 0;
  }
  fs._next = c < fs._last ? c + 1 : 2;
  fs._told = fs._told > 0 ? fs._told - 1 : -1;
  if (c < fs._upTo && fs._free-- < 1) {
    // FSInfo was wrong.
    fs._free = 0;
    fs._upTo = 2;
  }
  fatEntry(c, fs._mask);
  return c;
}

/**
 * Frees a chain from `cluster` on, to its end or to where it is damaged; what is named elsewhere too stays, for the others. What
 * led to it has gone from the medium before.
 */
export function freeChain(cluster: number): void {
  fs._chain._first = -1;
  if (cluster) syncVolume();
  while (!fs._doubt && cluster > 1 && cluster <= fs._last) {
    const shared = fs._shared.indexOf(cluster);
    if (shared >= 0) {
      fs._shared.splice(shared, 1);
      return;
    }
    const freed = cluster;
    cluster = fatEntry(freed, 0);
    if (cluster && freed < fs._upTo) fs._free++;
    if (cluster && fs._told >= 0) fs._told++;
  }
}

/**
 * The cluster with that index in a chain, 0 behind its end; or, to `grow`, with a cluster added where it ends, 0 if none is
 * free. What is added to a chain that is on the medium is not linked to it yet.
 */
export function reach(chain: Chain, index: number, grow: boolean): number {
  if (!chain._first && grow) chain._first = chain._cluster = takeCluster(0);
  if (index < chain._index) {
    chain._index = 0;
    chain._cluster = chain._first;
  }
  while (chain._first && chain._index < index) {
    const from = chain._cluster;
    let next = from === chain._linkFrom ? chain._linkTo : nextCluster(from);
    const read = next;
    if (!next && grow) {
      next = takeCluster(from);
      if (next) {
        if (chain._linked && !chain._linkFrom) {
          chain._linkFrom = from;
          chain._linkTo = next;
        } else fatEntry(from, next);
      }
    }
    if (!next) return 0;
    if (next === chain._first) fail(ECORRUPT);
    // What leads back into itself leads to a lower cluster. Looked for when twice as far as the last time, all work stays linear.
    if (next <= from && read && chain._index >= chain._checked * 2) free.checkCircle(chain, next);
    chain._cluster = next;
    chain._index++;
  }
  return chain._cluster;
}

/**
 * Sets or clears the mark that says that changes are under way: a bit of FAT entry 1, on FAT12, whose entries have no room
 * for one, the bit in the boot sector that Linux and Windows use. Nothing else is written before it is on the medium.
 */
function markClean(clean: boolean): void {
  const inBoot = fs._type < 16;
  const b = loadMeta(inBoot ? 0 : fs._fatStart);
  const i = inBoot ? 37 : fs._type / 4 - 1;
  const bit = inBoot ? 1 : 2048 >> (fs._type / 4);
  if (!fs._wasDirty) {
    b[i] = (b[i] & ~bit) | (clean !== inBoot ? bit : 0);
    fs._meta._dirty = true;
    try {
      syncVolume();
    } catch (error) {
      // A mark that cannot be set is given up with the change: nothing that is read has to wait for it.
      if (!clean) {
        fs._meta._dirty = false;
        fs._meta._sector = -1;
      }
      throw error;
    }
  }
  fs._touched = !clean;
}

/** Comes before every change: the first one since the volume was clean marks it. */
export function touch(): void {
  if (!fs._touched) markClean(false);
}

/**
 * What FSInfo has in reserved bytes when its numbers are ours: both of them, and the entries of the FAT where the next search
 * begins. Other systems begin there too, so that it shows also what they have written without telling FSInfo.
 */
export function infoMark(free: number): number {
  const next = fs._next;
  return (free + 31 * (next + 31 * (fatEntry(next, -1) + 31 * fatEntry(next < fs._last ? next + 1 : 2, -1))) + 1) | 0;
}

/** Writes what is still in RAM, and marks the volume as clean; and what was counted since it was clean. */
export function settle(): void {
  const known = fs._upTo > fs._last;
  flush(fs._data);
  if (!fs._touched && !(fs._owed && known)) return;
  syncVolume();
  if (fs._fsInfo) {
    const free = known ? fs._free : fs._told;
    const mark = known ? infoMark(free) : 0;
    const b = loadMeta(fs._fsInfo);
    putLe32(b, 488, free);
    putLe32(b, 492, fs._next);
    putLe32(b, 496, mark);
    fs._meta._dirty = true;
    fs._owed = !known;
    syncVolume();
  }
  if (fs._touched) markClean(true);
}

/** Ends an operation: what it changed is on the medium, and where no file is open for writing the volume is marked as clean. */
export function finish(): void {
  if (!fs._touched) return;
  syncVolume();
  for (let i = 0; i < fs._files.length; i++) if (fs._files[i]._writable) return;
  settle();
}
