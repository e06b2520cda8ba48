/** The boot sector: what it says. A part that a device loads for as long as mounting takes. */
import type { SectorWindow } from '../blockdev/device';
import * as foreign from '../blockdev/foreign.lazy';
import { ECORRUPT, ENODEV } from '../contract/errno';
import type { Place } from '../contract/filesystem';
import { le32 } from '../engine';
import { le16 } from './sector';
import type { Geometry } from './volume';

/**
 * Takes a boot sector (512 bytes at least) apart into `g`, for a place of `room` bytes. FAT32 is what has no FAT size of 16
 * bits; FAT12 and FAT16 differ by the number of clusters. What other systems do without is not asked for: the signature, the
 * type string, the jump where there is a media byte, FSInfo, the number of the active FAT. A volume somewhat larger than its
 * place, as formatters that count hidden sectors in and copies to smaller cards leave it, has the clusters that are there.
 * Gives 0, ECORRUPT for a FAT boot sector with impossible numbers, or ENODEV where it is none: known by its numbers, not
 * by its type string, which may be anything.
 */
export function parseBoot(b: Uint8Array, g: Geometry, room: number): number {
  const size = le16(b, 11);
  const perCluster = b[13];
  const reserved = le16(b, 14);
  const fats = b[16];
  const entries = le16(b, 17);
  const narrow = le16(b, 22);
  const fatSize = narrow || le32(b, 36) >>> 0;
  // Bit 7: no mirroring, the low bits say which one counts.
  const active = !narrow && b[40] > 127 && (b[40] & 15) < fats ? b[40] & 15 : -1;
  const info = narrow ? 0 : le16(b, 48);
  const total = le16(b, 19) || le32(b, 32) >>> 0;
  g._rootStart = reserved + fats * fatSize;
  g._rootSectors = (entries * 32) / size;
  g._dataStart = g._rootStart + g._rootSectors;
  const count = Math.floor((total - g._dataStart) / perCluster);
  const type = !narrow ? 32 : count < 4085 ? 12 : 16;
  // EB, E9, E8; F0, F8 to FF
  if (b[0] !== 0xeb && (b[0] | 1) !== 0xe9 && b[21] !== 0xf0 && b[21] < 0xf8) return ENODEV;
  g._sectorSize = size;
  for (g._shift = 9; 1 << g._shift < size; ) g._shift++;
  g._perCluster = perCluster;
  g._clusterSize = perCluster * size;
  g._total = Math.min(total, Math.floor(room / size));
  g._mirror = active < 0;
  g._firstFat = reserved;
  g._fatStart = reserved + Math.max(active, 0) * fatSize;
  g._fatSize = fatSize;
  g._fats = fats;
  g._type = type;
  g._mask = type > 16 ? 0xfffffff : (1 << type) - 1;
  // A FAT may be too small for the clusters.
  g._last = Math.min(Math.floor((g._total - g._dataStart) / perCluster) + 1, Math.floor((fatSize * size * 8) / type) - 1);
  g._root = narrow ? 0 : le32(b, 44);
  g._fsInfo = info < reserved ? info : 0;
  if (
    size > 256 &&
    size < 4097 &&
    !(size & (size - 1)) &&
    perCluster &&
    !(perCluster & (perCluster - 1)) &&
    reserved &&
    fats &&
    g._last > 1 &&
    g._last < g._mask - 9 &&
    // More than half of it is there.
    g._total * 2 > total &&
    // A root directory that ends within a sector is one place for this system, and another for that.
    (entries * 32) % size === 0 &&
    (narrow ? entries : !entries && g._root > 1 && g._root <= g._last)
  )
    return 0;
  // "FA", of the type
  return le16(b, 54) === 0x4146 || le16(b, 82) === 0x4146 ? ECORRUPT : ENODEV;
}

/** Whether FAT begins at a place, the first sector of which the window has: 0, or an errno. `g` becomes what its boot sector says. */
export function judge(w: SectorWindow, place: Place, g: Geometry): number {
  const dev = w._dev;
  const size = w._buf.length;
  const bytes = dev._blockCount * dev._blockSize;
  // A table may promise more than a card has to which it was copied.
  const problem = parseBoot(w._buf, g, Math.min(place._count * size, bytes - place._start * size));
  if (problem) return problem;
  if (g._sectorSize % dev._blockSize) return ECORRUPT;
  // What lies under wear levelling may begin where an ordinary volume does, and goes on elsewhere. It leaves four sectors free.
  return !place._number && g._total * g._sectorSize + 16384 <= bytes && foreign.holdsWear(w) ? ENODEV : 0;
}
