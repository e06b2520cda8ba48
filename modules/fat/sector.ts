import { readBlocks, writeBlocks } from '../blockdev/blocks';
import { ECORRUPT } from '../contract/errno';
import { le32 } from '../engine';
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
  if (write) v._unsynced = true;
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
    if (fresh) w._buf.set(new Uint8Array(fs._sectorSize));
    else transfer(sector, w._buf, false);
    w._sector = sector;
  }
  return w._buf;
}

/** The same for FAT, directories and FSInfo. */
export function loadMeta(sector: number): Uint8Array {
  return load(fs._meta, sector, false);
}

/** First sector of a cluster. */
export function sectorOf(cluster: number): number {
  return fs._dataStart + (cluster - 2) * fs._perCluster;
}

/** The FAT entry of a cluster: the next one, 0 where it is free, `_mask - 7` or more at the end of a chain. */
export function fatEntry(cluster: number): number {
  const v = fs;
  const at = Math.floor((cluster * v._type) / 8);
  const i = at & (v._sectorSize - 1);
  const sector = v._fatStart + (at >> v._shift);
  const b = loadMeta(sector);
  if (v._type > 16) return le32(b, i) & v._mask;
  let entry = b[i];
  // One of FAT12 may lie in two sectors.
  entry |= (i + 1 < v._sectorSize ? b[i + 1] : loadMeta(sector + 1)[0]) << 8;
  return (v._type < 16 && cluster & 1 ? entry >> 4 : entry) & v._mask;
}
