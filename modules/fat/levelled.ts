import { openDevice } from '../blockdev';
import { holdsWear, readSector, sectorBuffer } from '../blockdev/partitions';
import { WearLevelling } from '../blockdev/wear-levelling';
import { isUnused } from '../blockdev/wear-move';
import { EOPNOTSUPP, vfsError } from '../contract/errno';
import type { BlockDevice, FileSystem, FileSystemType } from '../contract/filesystem';
import { readBoot } from './partition';
import { VfsFat } from './vfsfat';
import type { Geometry } from './volume';

/** Whether FAT lies under ESP-IDF's wear levelling: by its configuration, or where it has not been there yet one sector in, behind an empty one. */
function isLevelled(bdev: BlockDevice): boolean {
  const dev = openDevice(bdev, 'mount', true);
  if (4096 % dev._blockSize) return false;
  const buf = sectorBuffer(dev);
  const sectors = Math.floor((dev._blockCount * dev._blockSize) / buf.length);
  const place = { _number: 0, _start: 0, _count: sectors, _kind: '' };
  const g = {} as Geometry;
  // An ordinary volume over all of it, with what is left of wear levelling behind.
  if (!readBoot(dev, place, buf, g)) return false;
  if (holdsWear(dev)) return true;
  place._number = 1;
  place._start = 4096 / buf.length;
  place._count = sectors - place._start;
  return !readSector(dev, 0, buf) && buf[0] === 0xff && isUnused(buf) && !readBoot(dev, place, buf, g);
}

/** FAT under the wear levelling of ESP-IDF, for autodetection: to be registered before FAT. */
export const levelledFat: FileSystemType = {
  probe: isLevelled,
  create: function (bdev: BlockDevice): FileSystem {
    // Nothing is formatted so.
    if (!isLevelled(bdev)) throw vfsError(EOPNOTSUPP, 'mount');
    return new VfsFat(new WearLevelling(bdev));
  },
};
