import { readBlocks, writeBlocks } from '../blockdev/blocks';
import { syncDevice } from '../blockdev/device';
import { ECORRUPT } from '../contract/errno';
import { fill, le32, putLe32 } from '../engine';
import { fail, fs, use, type Window } from './volume';

/** The little-endian 16-bit word at `i`. */
export function le16(b: Uint8Array, i: number): number {
  return b[i] | (b[i + 1] << 8);
}

/** The little-endian 64-bit word at `i`, exact below 2^53; above, where nothing reaches, it is only large. */
export function le64(b: Uint8Array, i: number): number {
  return (le32(b, i) >>> 0) + (le32(b, i + 4) >>> 0) * 4294967296;
}

export function putLe64(b: Uint8Array, i: number, value: number): void {
  putLe32(b, i, value % 4294967296);
  putLe32(b, i + 4, Math.floor(value / 4294967296));
}

/** Lets the window go ahead of what is read or written at its place without it. */
function giveWay(w: Window, sector: number, end: number, buf: Uint8Array, write: boolean): void {
  if (w._sector < sector || w._sector >= end || w._buf === buf) return;
  flush(w);
  if (write) w._sector = -1;
}

/** Reads or writes whole sectors from `sector` on; the windows follow. */
export function transfer(sector: number, buf: Uint8Array, write: boolean): void {
  const v = fs;
  const end = sector + buf.length / v._sectorSize;
  if (!(sector >= 0 && end <= v._total)) fail(ECORRUPT);
  giveWay(v._data, sector, end, buf, write);
  giveWay(v._map, sector, end, buf, write);
  giveWay(v._meta, sector, end, buf, write);
  const status = (write ? writeBlocks : readBlocks)(v._dev, v._start + sector * v._ratio, buf);
  use(v);
  if (status) fail(status);
}

/** Writes a window that was changed. */
export function flush(w: Window): void {
  if (!w._dirty) return;
  // Data that cannot be written are given up, so that one bad sector does not stop everything.
  if (w === fs._data) w._dirty = false;
  transfer(w._sector, w._buf, true);
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

/** The same for directories, the FAT and the boot sector. */
export function loadMeta(sector: number): Uint8Array {
  return load(fs._meta, sector, false);
}

/**
 * Writes FAT, bitmap and directories, and has the device write what it holds back: what comes later is written later. The
 * bitmap goes first: a cluster that a directory or the FAT names is never free.
 */
export function syncVolume(): void {
  const v = fs;
  flush(v._map);
  flush(v._meta);
  const status = syncDevice(v._dev);
  use(v);
  if (status) fail(status);
}

/** First sector of a cluster. */
export function sectorOf(cluster: number): number {
  return fs._heap + (cluster - 2) * fs._perCluster;
}
