/** The boot sector: what it says, and which of those on a device is meant. A part that a device loads for as long as mounting takes. */
import type { Device } from '../blockdev';
import * as foreign from '../blockdev/foreign.lazy';
import * as partitions from '../blockdev/partitions.lazy';
import { ECORRUPT, ENODEV, type VfsError, vfsError } from '../contract/errno';
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

/** Whether FAT begins at that place: 0, or an errno. `g` becomes what its boot sector says. */
export function readBoot(dev: Device, place: Place, buf: Uint8Array, g: Geometry): number {
  const bytes = dev._blockCount * dev._blockSize;
  // A table may promise more than a card has to which it was copied.
  const room = Math.min(place._count * buf.length, bytes - place._start * buf.length);
  const problem = -partitions.readSector(dev, place._start, buf) || parseBoot(buf, g, room);
  if (problem) return problem;
  if (g._sectorSize % dev._blockSize) return ECORRUPT;
  // What lies under wear levelling may begin where an ordinary volume does, and goes on elsewhere. It leaves four sectors free.
  return !place._number && g._total * g._sectorSize + 16384 <= bytes && foreign.holdsWear(dev) ? ENODEV : 0;
}

/**
 * Finds the volume: the whole device (`wanted` 0), a partition (from 1), or, for undefined, the first of all places that
 * `use` is content with. An old boot sector under a partition table counts only where the partitions hold nothing known.
 * `g` becomes what its boot sector says. Gives the error where there is none: ENODEV, which tells what was found instead, ECORRUPT
 * where it is damaged or larger than its place.
 * @param use takes a volume that begins at that block, throws if it cannot; without it, nothing but the error's number is told
 * @throws what the device says of its partition table
 */
export function findVolume(
  dev: Device,
  wanted: number | undefined,
  g: Geometry,
  use: ((start: number) => void) | undefined,
): VfsError | undefined {
  const places = partitions.listPlaces(dev, wanted);
  const known: string[] = [];
  const buf = partitions.sectorBuffer(dev);
  let failure = ENODEV;
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    let problem = ENODEV;
    if (wanted !== undefined || !(place._kind || (i && !place._number && foreign.describe(dev, places.slice(0, i), known, false))))
      problem = readBoot(dev, place, buf, g);
    try {
      if (!problem && use) use((place._start * buf.length) / dev._blockSize);
    } catch (error) {
      problem = error ? (error as { errno?: number }).errno || 0 : 0;
      if (!problem) throw error;
    }
    if (!problem) return undefined;
    if (failure === ENODEV) failure = problem;
    known.push(problem === ENODEV ? '' : problem === ECORRUPT ? 'damaged FAT' : 'I/O error');
  }
  const found = use && (places.length ? foreign.describe(dev, places, known, true) : 'no partition ' + wanted);
  return vfsError(failure, 'mount', '', found ? 'found ' + found : '');
}
