/** The boot region and its copy (section 2). */
import type { Device } from '../../blockdev';
import { readBlocks, writeBlocks } from '../../blockdev/blocks';
import * as partitions from '../../blockdev/partitions.lazy';
import { EROFS, vfsError } from '../../contract/errno';
import { equal, le32, putLe32 } from '../../engine';
import { bootSum, parseBoot, REGION } from '../boot';
import type { Geometry } from '../volume';
import { add, type ExFatFsckOptions, type Reporter } from './state';

/** A boot region as it was found. */
interface Region {
  _boot: Uint8Array;
  _sum: number;
  /** Its boot sector can be used; its checksum is right. */
  _usable: boolean;
  _sound: boolean;
}

/** Reads the region `at` so many sectors from the block `volume`, where the volume begins. */
function readRegion(dev: Device, volume: number, size: number, at: number): Region {
  const region: Region = { _boot: new Uint8Array(size), _sum: 0, _usable: false, _sound: true };
  const ratio = size / dev._blockSize;
  const start = volume + at * ratio;
  const b = new Uint8Array(size);
  for (let sector = 0; sector < REGION && region._sound; sector++) {
    if (start + (sector + 1) * ratio > dev._blockCount) region._sound = false;
    else {
      const status = readBlocks(dev, start + sector * ratio, b);
      if (status) throw vfsError(status, 'fsck');
    }
    if (!sector) region._boot.set(b);
    if (sector < REGION - 1) region._sum = bootSum(region._sum, b, sector);
    else for (let i = 0; i < size; i += 4) if (le32(b, i) !== region._sum) region._sound = false;
  }
  region._usable = !parseBoot(region._boot, {} as Geometry, (dev._blockCount - volume) * dev._blockSize);
  if (!region._usable || 1 << region._boot[108] !== size) region._sound = region._usable = false;
  return region;
}

/** Writes a region of the volume from block `start` on over the other one, with another boot sector if given, and its checksum. */
function copyRegion(dev: Device, start: number, boot: Uint8Array, places: { _from: number; _to: number }): void {
  const size = boot.length;
  const ratio = size / dev._blockSize;
  const b = new Uint8Array(size);
  let sum = 0;
  if (!dev._bdev.writeblocks) throw vfsError(EROFS, 'fsck');
  for (let sector = 0; sector < REGION; sector++) {
    let status = readBlocks(dev, start + (places._from + sector) * ratio, b);
    if (!sector) b.set(boot);
    if (sector < REGION - 1) sum = bootSum(sum, b, sector);
    else for (let i = 0; i < size; i += 4) putLe32(b, i, sum);
    status = status || writeBlocks(dev, start + (places._to + sector) * ratio, b);
    if (status) throw vfsError(status, 'fsck');
  }
}

/** Whether two boot sectors say the same of the volume: flags and PercentInUse may differ. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  const other = new Uint8Array(b);
  other[106] = a[106];
  other[107] = a[107];
  other[112] = a[112];
  return equal(a, other);
}

/**
 * Looks for the volume by its boot region or the copy of that, and puts one right by the other if asked to. Gives whether it
 * can be mounted then.
 */
export function checkBoot(dev: Device, options: ExFatFsckOptions, c: Reporter): boolean {
  const w = partitions.openWindow(dev);
  const buf = w._buf;
  const places = partitions.listPlaces(w, options.partition);
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    // Under a valid table there is no volume.
    if (options.partition === undefined && (place._kind || (i && !place._number))) continue;
    if (partitions.readSector(w, place._start)) continue;
    const start = (place._start * buf.length) / dev._blockSize;
    const size = !parseBoot(buf, {} as Geometry, Infinity) ? 1 << buf[108] : buf.length;
    if (size % dev._blockSize) continue;
    const main = readRegion(dev, start, size, 0);
    const other = readRegion(dev, start, size, REGION);
    if (!main._usable && !other._sound) continue;
    const report = function (level: 'error' | 'warning', code: 'boot' | 'backup', message: string): boolean {
      return add(c, { level: level, code: code, path: '', blocks: [], message: message, repaired: c._repair });
    };
    if (!main._sound && other._sound) {
      if (report('error', 'boot', 'the boot region is damaged, its copy is sound'))
        copyRegion(dev, start, other._boot, { _from: REGION, _to: 0 });
      else return false;
    } else if (!main._sound) {
      if (report('error', 'boot', 'the checksum of the boot region is wrong')) {
        copyRegion(dev, start, main._boot, { _from: 0, _to: 0 });
        copyRegion(dev, start, main._boot, { _from: 0, _to: REGION });
      }
    } else if (!other._sound || !same(main._boot, other._boot)) {
      if (report('warning', 'backup', 'the copy of the boot region differs')) copyRegion(dev, start, main._boot, { _from: 0, _to: REGION });
    }
    return true;
  }
  return true;
}
