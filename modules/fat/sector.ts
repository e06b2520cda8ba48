import { readBlocks, writeBlocks } from '../blockdev/blocks';
import { syncDevice } from '../blockdev/device';
import { ECORRUPT } from '../contract/errno';
import { fill } from '../engine';
import { fail, fs, use, type Window } from './volume';

/** The little-endian 16-bit word at `i`. */
export function le16(b: Uint8Array, i: number): number {
  return b[i] | (b[i + 1] << 8);
}

/** Reads or writes whole sectors from `sector` on; the windows follow. */
export function transfer(sector: number, buf: Uint8Array, write: boolean): void {
  const v = fs;
  const end = sector + buf.length / v._sectorSize;
  if (!(sector >= 0 && end <= v._total)) fail(ECORRUPT);
  for (let w = v._data; ; w = v._meta) {
    if (w._sector >= sector && w._sector < end && w._buf !== buf) {
      flush(w);
      if (write) w._sector = -1;
    }
    if (w === v._meta) break;
  }
  const status = (write ? writeBlocks : readBlocks)(v._dev, v._start + sector * v._ratio, buf);
  use(v);
  if (status) fail(status);
}

/** Writes a window that was changed; a sector of the FAT goes to every copy. */
export function flush(w: Window): void {
  const inFat = w._sector - fs._fatStart;
  if (!w._dirty) return;
  // Data that cannot be written are given up, so that one bad sector does not stop everything.
  if (w === fs._data) w._dirty = false;
  for (let k = fs._mirror && inFat >= 0 && inFat < fs._fatSize ? fs._fats : 1, sector = w._sector; k--; sector += fs._fatSize)
    transfer(sector, w._buf, true);
  w._dirty = false;
}

/** The bytes of a sector; zeros instead of what it holds if it is `fresh`. */
export function load(w: Window, sector: number, fresh: boolean): Uint8Array {
  if (w._sector !== sector) {
    flush(w);
    w._sector = -1;
    if (fresh) fill(w._buf, 0);
    else transfer(sector, w._buf, false);
    w._sector = sector;
  }
  return w._buf;
}

/** The same for FAT, directories and FSInfo. */
export function loadMeta(sector: number): Uint8Array {
  return load(fs._meta, sector, false);
}

/** Writes FAT and directories, and has the device write what it holds back: what comes later is written later. */
export function syncVolume(): void {
  const v = fs;
  flush(v._meta);
  const status = syncDevice(v._dev);
  use(v);
  if (status) fail(status);
}

/** First sector of a cluster. */
export function sectorOf(cluster: number): number {
  return fs._dataStart + (cluster - 2) * fs._perCluster;
}

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
