import { ECORRUPT, ENOSPC } from '../contract/errno';
import { copy, putLe32 } from '../engine';
import { takeCluster } from './bitmap';
import { append, END, putFat, reach } from './chain';
import { loadMeta, putLe64, sectorOf, syncVolume, transfer } from './sector';
import { type Chain, fail, fs } from './volume';

/** The most entries a directory may have: 256 MiB (exFAT specification, section 7.4.9.2). */
const MAX_SLOTS = 8388608;

/** Loads the sector of a directory with that slot; gives the offset of the slot in it, -1 behind the last cluster. */
export function slotAt(dir: Chain, slot: number): number {
  const size = fs._sectorSize;
  const index = Math.floor((slot * 32) / fs._clusterSize);
  const cluster = slot < MAX_SLOTS ? reach(dir, index) : 0;
  if (!cluster) return -1;
  const within = slot * 32 - index * fs._clusterSize;
  loadMeta(sectorOf(cluster) + Math.floor(within / size));
  return within % size;
}

/** Copies entries from `slot` on; false where the directory ends before, or an entry is not in use. */
export function readSlots(dir: Chain, slot: number, into: Uint8Array): boolean {
  const size = fs._sectorSize;
  for (let done = 0, n = 0; done < into.length; done += n) {
    const at = slotAt(dir, slot + done / 32);
    if (at < 0) return false;
    n = Math.min(into.length - done, size - at);
    copy(into, done, fs._meta._buf.subarray(at, at + n));
    for (let i = done; i < done + n; i += 32) if (into[i] < 128) return false;
  }
  return true;
}

/** SetChecksum of a File entry (section 7.4.2), which goes over all entries of its set but over itself. */
export function stamp(set: Uint8Array): void {
  let sum = 0;
  for (let i = 0; i < set.length; i++) if (i !== 2 && i !== 3) sum = (((sum & 1) << 15) + (sum >> 1) + set[i]) & 0xffff;
  set[2] = sum;
  set[3] = sum >> 8;
}

/** Writes the entries of a set from `slot` on. What lies in its first sector comes last: without that it is none. */
export function putSet(dir: Chain, slot: number, set: Uint8Array): void {
  const per = fs._sectorSize / 32;
  stamp(set);
  for (let end = set.length / 32; end > 0; ) {
    const from = Math.max(0, end - ((slot + end) % per || per));
    if (!from && end < set.length / 32) syncVolume();
    const at = slotAt(dir, slot + from);
    copy(fs._meta._buf, at, set.subarray(from * 32, end * 32));
    fs._meta._dirty = true;
    end = from;
  }
}

/**
 * Writes the first two entries of a set, all that changes in one that stays. What counts, the stream extension, is written
 * at once; another system may have put the two into two sectors, then the checksum follows.
 */
export function putHead(dir: Chain, slot: number, set: Uint8Array): void {
  stamp(set);
  for (let k = 1; k >= 0; k--) {
    const at = slotAt(dir, slot + k);
    copy(fs._meta._buf, at, set.subarray(k * 32, k * 32 + 32));
    fs._meta._dirty = true;
    if (k && !at) syncVolume();
  }
}

/** Marks entries as not in use, the first one first. */
export function eraseSlots(dir: Chain, slot: number, count: number): void {
  for (; count-- > 0; slot++) {
    const at = slotAt(dir, slot);
    if (at < 0) return;
    // One that was never used would be the end of the directory.
    fs._meta._buf[at] = fs._meta._buf[at] & 127 || 5;
    fs._meta._dirty = true;
  }
}

/** Fills a cluster with zeros. */
export function clearCluster(cluster: number): void {
  const step = Math.max(fs._sectorSize, Math.min(fs._clusterSize, 4096));
  const zeros = new Uint8Array(step);
  for (let k = 0; k < fs._clusterSize; k += step) transfer(sectorOf(cluster) + k / fs._sectorSize, zeros, true);
}

/** Puts the clusters and the size of a directory into its entry set. */
export function putExtent(set: Uint8Array, dir: Chain): void {
  set[33] = dir._contiguous ? 3 : 1;
  putLe64(set, 40, dir._count * fs._clusterSize);
  putLe32(set, 52, dir._first);
  putLe64(set, 56, dir._count * fs._clusterSize);
}

/** Adds a cluster to a directory. Nothing leads to it before it, and what says that it is taken, is on the medium. */
function growDir(dir: Chain): void {
  const up = dir._up;
  // How long the root is shows at its end.
  if (!up) reach(dir, fs._last);
  const tail = dir._count ? reach(dir, dir._count - 1) : 0;
  const cluster = dir._count < fs._last ? takeCluster(tail) || fail(ENOSPC) : fail(ECORRUPT);
  clearCluster(cluster);
  if (up) {
    const head = new Uint8Array(64);
    append(dir, tail, cluster);
    syncVolume();
    if (!readSlots(up, dir._slot, head)) fail(ECORRUPT);
    const set = new Uint8Array(head[1] * 32 + 32);
    if (!readSlots(up, dir._slot, set)) fail(ECORRUPT);
    putExtent(set, dir);
    putHead(up, dir._slot, set);
  } else {
    putFat(cluster, END);
    syncVolume();
    putFat(tail, cluster);
    dir._count++;
  }
  syncVolume();
  fs._epoch++;
}

/** Makes room for a set of that many entries in the directory of the name that was looked up in vain, before anything else is changed for it. */
export function reserve(entries: number): void {
  const dir = fs._dir;
  const hole = fs._hole;
  if (hole + entries > MAX_SLOTS) fail(ENOSPC);
  while (slotAt(dir, hole + entries - 1) < 0) growDir(dir);
  if (hole <= fs._end) return;
  // What was never used up to there must not look like the end: before there is anything behind it.
  eraseSlots(dir, fs._end, hole - fs._end);
  syncVolume();
}
