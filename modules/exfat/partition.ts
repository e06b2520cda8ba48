import type { Device } from '../blockdev';
import * as foreign from '../blockdev/foreign.lazy';
import * as partitions from '../blockdev/partitions.lazy';
import { ECORRUPT, ENODEV, vfsError } from '../contract/errno';
import type { Place } from '../contract/filesystem';
import { parseBoot } from './boot';
import type { Geometry } from './volume';

/** Whether exFAT begins at that place: 0, or an errno. `g` becomes what its boot sector says. */
function readBoot(dev: Device, place: Place, buf: Uint8Array, g: Geometry): number {
  const bytes = dev._blockCount * dev._blockSize;
  const problem = -partitions.readSector(dev, place._start, buf) || parseBoot(buf, g, bytes - place._start * buf.length);
  return problem || (g._sectorSize % dev._blockSize ? ECORRUPT : 0);
}

/**
 * Finds the volume: the whole device (`wanted` 0), a partition (from 1), or, for undefined, the first of all places that
 * `take` is content with. A boot sector under a valid partition table counts only where the partitions hold nothing known.
 * `g` becomes what its boot sector says.
 * @param take takes a volume that begins at that block, throws if it cannot; without it, nothing but the error's number is told
 * @throws ENODEV where there is none, telling what was found instead, ECORRUPT where it is damaged or larger than the device
 */
export function findVolume(dev: Device, wanted: number | undefined, g: Geometry, take: ((start: number) => void) | undefined): void {
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
      if (!problem && take) take((place._start * buf.length) / dev._blockSize);
    } catch (error) {
      problem = error ? (error as { errno?: number }).errno || 0 : 0;
      if (!problem) throw error;
    }
    if (!problem) return;
    if (problem !== ENODEV) {
      if (failure === ENODEV) failure = problem;
      known.push(problem === ECORRUPT ? 'damaged exFAT' : 'I/O error');
    } else known.push('');
  }
  const found = take && (places.length ? foreign.describe(dev, places, known, true) : 'no partition ' + wanted);
  throw vfsError(failure, 'mount', '', found ? 'found ' + found : '');
}
