import { ECORRUPT } from '../contract/errno';
import { le32, putLe32 } from '../engine';
import { mark } from './bitmap';
import { le64, loadMeta, syncVolume } from './sector';
import { type Chain, fail, fs } from './volume';

/** Entries of the FAT: the end of a chain. */
export const END = 0xffffffff;

/** Clusters that a chain remembers the place of. */
const MARKS = 32;

/** The FAT entry of a cluster that exists. */
export function fatEntry(cluster: number): number {
  const at = cluster * 4;
  return le32(loadMeta(fs._fatStart + Math.floor(at / fs._sectorSize)), at % fs._sectorSize) >>> 0;
}

export function putFat(cluster: number, value: number): void {
  const at = cluster * 4;
  putLe32(loadMeta(fs._fatStart + Math.floor(at / fs._sectorSize)), at % fs._sectorSize, value);
  fs._meta._dirty = true;
}

/** The clusters from `first` on, to be passed. */
export function makeChain(first: number, contiguous: boolean, count: number): Chain {
  return {
    _first: first,
    _contiguous: contiguous,
    _count: count,
    _index: 0,
    _cluster: first,
    _seen: first,
    _seenAt: 0,
    _marks: undefined,
    _known: 0,
    _step: 1,
    _up: undefined,
    _slot: 0,
  };
}

/** The clusters that an entry set names. @throws ECORRUPT where there are no such clusters */
export function chainOf(set: Uint8Array): Chain {
  const count = Math.ceil(le64(set, 56) / fs._clusterSize);
  const first = count && le32(set, 52) >>> 0;
  const contiguous = !!(set[33] & 2);
  if (count && (first < 2 || first > fs._last || count > fs._last - 1 || (contiguous && first + count - 1 > fs._last))) fail(ECORRUPT);
  return makeChain(first, contiguous, count);
}

/** Goes to the last cluster at or before `index` that is remembered. */
export function rewind(chain: Chain, index: number): void {
  const k = chain._marks ? Math.min(Math.floor(index / chain._step), chain._known - 1) : -1;
  chain._index = chain._seenAt = k > 0 ? k * chain._step : 0;
  chain._cluster = chain._seen = k > 0 ? (chain._marks as Uint32Array)[k] : chain._first;
}

/** Remembers the cluster at `_index`, if it is the next of those that are. Where there is no more room, every second one is forgotten. */
function remember(chain: Chain): void {
  const marks = chain._marks || new Uint32Array(MARKS);
  if (!chain._marks) {
    chain._marks = marks;
    marks[0] = chain._first;
    chain._known = 1;
    chain._step = chain._index;
  }
  if (chain._index !== chain._known * chain._step) return;
  marks[chain._known++] = chain._cluster;
  if (chain._known < MARKS) return;
  for (let i = 0; i < MARKS; i += 2) marks[i / 2] = marks[i];
  chain._known = MARKS / 2;
  chain._step *= 2;
}

/** The cluster with that index in a chain, 0 behind its last one. @throws ECORRUPT where the FAT leads nowhere, or in a circle */
export function reach(chain: Chain, index: number): number {
  if (index >= chain._count) return 0;
  if (chain._contiguous) return chain._first + index;
  // Also forward, where it is known further on.
  const ahead = (chain._known - 1) * chain._step > chain._index && index >= chain._index + chain._step;
  if (ahead || index < chain._index) rewind(chain, index);
  while (chain._index < index) {
    const next = fatEntry(chain._cluster);
    if (next < 2 || next > fs._last || next === chain._seen) {
      // How long the root directory is nothing else says.
      if (next !== END || chain._count !== Infinity) fail(ECORRUPT);
      chain._count = chain._index + 1;
      return 0;
    }
    chain._cluster = next;
    if (++chain._index >= chain._seenAt * 2) {
      chain._seen = next;
      chain._seenAt = chain._index;
    }
    if (!(chain._index & 15)) remember(chain);
  }
  return chain._cluster;
}

/** Lets each cluster from `first` on lead to the one behind it, up to `last`. */
function linkRun(first: number, last: number): void {
  const per = fs._sectorSize / 4;
  let words: Uint32Array | undefined;
  for (let c = first; c < last; c++) {
    const i = c % per;
    if (!words || !i) words = new Uint32Array(loadMeta(fs._fatStart + Math.floor(c / per)).buffer);
    words[i] = c + 1;
    fs._meta._dirty = true;
  }
}

/** Adds a cluster behind `tail`, the last one. What lies together until here, and goes on elsewhere, gets its entries in the FAT. */
export function append(chain: Chain, tail: number, cluster: number): void {
  if (!tail) {
    chain._first = cluster;
    chain._contiguous = true;
    chain._marks = undefined;
  } else {
    if (chain._contiguous && cluster !== tail + 1) {
      linkRun(chain._first, tail);
      chain._contiguous = false;
    }
    if (!chain._contiguous) {
      // The end first: what leads to it may be on the medium before the rest.
      putFat(cluster, END);
      putFat(tail, cluster);
    }
  }
  chain._count++;
  if (!tail) rewind(chain, 0);
}

/**
 * Frees `count` clusters of a chain from one on, as far as it is sound. What led to them has gone from the medium before. On a
 * volume that was in use when it was mounted nothing is freed: it may be another's, too.
 */
export function freeClusters(cluster: number, count: number, contiguous: boolean): void {
  if (count < 1) return;
  syncVolume();
  if (fs._wasDirty) return;
  let freed = count;
  if (contiguous) mark(cluster, count, false);
  else
    for (freed = 0; freed < count && cluster > 1 && cluster <= fs._last; ) {
      mark(cluster, 1, false);
      cluster = ++freed < count ? fatEntry(cluster) : 0;
    }
  if (fs._free >= 0) fs._free = Math.min(fs._free + freed, fs._last - 1);
}
