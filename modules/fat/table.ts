import { syncDevice } from '../blockdev';
import { putLe32 } from '../engine';
import { ECORRUPT } from '../errno';
import { flush, flushMeta, loadMeta } from './sector';
import { type Chain, fail, fs, use } from './volume';

/**
 * The FAT entry of a cluster: the next one, 0 where it is free, `_mask - 7` or more at the end of a chain. A `value` that
 * is not negative is put in its place; the upper four bits of FAT32 stay.
 */
export function fatEntry(cluster: number, value: number): number {
  const size = fs._sectorSize;
  const at = Math.floor((cluster * fs._type) / 8);
  const shift = fs._type < 16 && cluster & 1 ? 4 : 0;
  const mask = fs._mask << shift;
  let sector = fs._fatStart + Math.floor(at / size);
  let i = at % size;
  let b = loadMeta(sector);
  let old = 0;
  for (let k = 0; k < fs._type; k += 8, i++) {
    if (i === size) {
      // Of an entry of FAT12 in two sectors the lower bits come first: an end of a chain then becomes no cluster, or a high one.
      if (value >= 0) syncVolume();
      b = loadMeta(++sector);
      i = 0;
    }
    old |= b[i] << k;
    if (value >= 0) {
      b[i] = (b[i] & ~(mask >> k)) | ((value << shift) >> k);
      fs._meta._dirty = true;
    }
  }
  return (old & mask) >> shift;
}

/** The cluster behind one, 0 at the end: after a cut that may be an end half written. @throws ECORRUPT where the chain leads nowhere */
export function nextCluster(cluster: number): number {
  const next = cluster > 1 && cluster <= fs._last ? fatEntry(cluster, -1) : 0;
  if (next > 1 && next <= fs._last) return next;
  return next > (fs._wasDirty ? fs._last : fs._mask - 8) ? 0 : fail(ECORRUPT);
}

/** Of the clusters from `c` to before `end`: the first free one (0: none), or, to `count`, how many are free. */
function scanFree(c: number, end: number, count: boolean): number {
  const width = fs._type >> 3;
  let found = 0;
  while (c < end) {
    let i = c * width;
    const b = loadMeta(fs._fatStart + Math.floor(i / fs._sectorSize));
    for (i %= fs._sectorSize; i < fs._sectorSize && c < end; i += width, c++) {
      if (width < 2 ? !fatEntry(c, -1) : !(b[i] | b[i + 1]) && (width < 3 || !(b[i + 2] | (b[i + 3] & 15)))) {
        if (!count) return c;
        found++;
      }
    }
  }
  return found;
}

/** Counts the free clusters, once. */
export function countFree(): number {
  if (fs._free < 0) {
    fs._free = scanFree(2, fs._last + 1, true);
    fs._counted = true;
  }
  return fs._free;
}

/**
 * Takes a free cluster, behind `after` if that one is free, and makes it the end of a chain; 0 if there is none. A number
 * of free clusters that comes from FSInfo is not believed.
 */
export function takeCluster(after: number): number {
  let c = after + 1;
  if (!after || c > fs._last || fatEntry(c, -1)) {
    c = fs._counted && !fs._free ? 0 : scanFree(fs._next, fs._last + 1, false) || scanFree(2, fs._next, false);
    if (!c) {
      fs._free = 0;
      fs._counted = true;
      return 0;
    }
  }
  fs._next = c < fs._last ? c + 1 : 2;
  if (fs._free >= 0) fs._free--;
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
    cluster = fatEntry(cluster, 0);
    if (cluster && fs._free >= 0) fs._free++;
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
    syncVolume();
  }
  fs._touched = !clean;
}

/** Comes before every change: the first one since the volume was clean marks it. */
export function touch(): void {
  if (!fs._touched) markClean(false);
}

/** Writes what is still in RAM, and marks the volume as clean. */
export function settle(): void {
  flush(fs._data);
  if (!fs._touched) return;
  syncVolume();
  if (fs._fsInfo) {
    const b = loadMeta(fs._fsInfo);
    putLe32(b, 488, fs._free);
    putLe32(b, 492, fs._next);
    fs._meta._dirty = true;
    syncVolume();
  }
  markClean(true);
}

/** Ends an operation: what it changed is on the medium, and where no file is open for writing the volume is marked as clean. */
export function finish(): void {
  if (!fs._touched) return;
  syncVolume();
  for (let i = 0; i < fs._files.length; i++) if (fs._files[i]._writable) return;
  settle();
}

/** Writes FAT and directories, and has the device write what it holds back: what comes later is written later. */
export function syncVolume(): void {
  const v = fs;
  flushMeta();
  const status = syncDevice(v._dev);
  use(v);
  if (status) fail(status);
}
