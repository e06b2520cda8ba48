import type { Device } from '../blockdev';
import { describe, holdsWear } from '../blockdev/foreign';
import { listPlaces, readSector, sectorBuffer } from '../blockdev/partitions';
import { ECORRUPT, ENODEV, type VfsError, vfsError } from '../contract/errno';
import type { Place } from '../contract/filesystem';
import { parseBoot } from './boot';
import type { Geometry } from './volume';

/** Whether FAT begins at that place: 0, or an errno. `g` becomes what its boot sector says. */
export function readBoot(dev: Device, place: Place, buf: Uint8Array, g: Geometry): number {
  const bytes = dev._blockCount * dev._blockSize;
  // A table may promise more than a card has to which it was copied.
  const room = Math.min(place._count * buf.length, bytes - place._start * buf.length);
  const problem = -readSector(dev, place._start, buf) || parseBoot(buf, g, room);
  if (problem) return problem;
  if (g._sectorSize % dev._blockSize) return ECORRUPT;
  // What lies under wear levelling may begin where an ordinary volume does, and goes on elsewhere. It leaves four sectors free.
  return !place._number && g._total * g._sectorSize + 16384 <= bytes && holdsWear(dev) ? ENODEV : 0;
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
  const places = listPlaces(dev, wanted);
  const known: string[] = [];
  const buf = sectorBuffer(dev);
  let failure = ENODEV;
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    let problem = ENODEV;
    if (wanted !== undefined || !(place._kind || (i && !place._number && describe(dev, places.slice(0, i), known, false))))
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
  const found = use && (places.length ? describe(dev, places, known, true) : 'no partition ' + wanted);
  return vfsError(failure, 'mount', '', found ? 'found ' + found : '');
}
