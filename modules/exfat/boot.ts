import { ECORRUPT, ENODEV } from '../contract/errno';
import { le32 } from '../engine';
import { le16, le64 } from './sector';
import type { Geometry } from './volume';

/** Sectors of a boot region: the boot sector, eight more, parameters, one reserved, the checksum of all these (section 2). */
export const REGION = 12;

/**
 * Takes a boot sector (512 bytes at least) apart into `g`, for a place of `room` bytes. Gives 0, ECORRUPT for one of exFAT with
 * impossible numbers or more sectors than its place has, ENODEV where it is none. What is only redundant is for a check: the
 * checksum, the copy, and how much is in use.
 */
export function parseBoot(b: Uint8Array, g: Geometry, room: number): number {
  // "EXFAT   "
  if (le32(b, 3) !== 0x41465845 || le32(b, 7) !== 0x20202054) return ENODEV;
  const shift = b[108];
  const more = b[109];
  const fats = b[110];
  const total = le64(b, 72);
  const fatStart = le32(b, 80) >>> 0;
  const fatSize = le32(b, 84) >>> 0;
  const heap = le32(b, 88) >>> 0;
  const count = le32(b, 92) >>> 0;
  const root = le32(b, 96) >>> 0;
  if (shift < 9 || shift > 12 || shift + more > 25 || b[105] !== 1 || fats < 1 || fats > 2) return ECORRUPT;
  const size = 1 << shift;
  const active = fats > 1 && le16(b, 106) & 1 ? 1 : 0;
  g._sectorSize = size;
  g._perCluster = 1 << more;
  g._clusterSize = size << more;
  g._total = total;
  g._active = active;
  g._fatStart = fatStart + active * fatSize;
  g._heap = heap;
  g._last = count + 1;
  g._root = root;
  return total * size <= room &&
    fatStart >= REGION * 2 &&
    fatSize * size >= (count + 2) * 4 &&
    heap >= fatStart + fats * fatSize &&
    count &&
    count < 0xfffffff6 &&
    heap + count * g._perCluster <= total &&
    root > 1 &&
    root <= g._last
    ? 0
    : ECORRUPT;
}

/** The checksum of a boot region (section 3.4) goes on over a sector, the number of which is given; flags and PercentInUse are left out. */
export function bootSum(sum: number, b: Uint8Array, sector: number): number {
  for (let i = 0; i < b.length; i++) {
    if (sector || (i !== 106 && i !== 107 && i !== 112)) sum = ((sum << 31) | (sum >>> 1)) + b[i];
  }
  return sum | 0;
}
