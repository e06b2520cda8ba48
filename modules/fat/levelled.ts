import { openDevice } from '../blockdev';
import * as foreign from '../blockdev/foreign.lazy';
import * as partitions from '../blockdev/partitions.lazy';
import { WearLevelling } from '../blockdev/wear-levelling';
import { isUnused } from '../blockdev/wear-move';
import { EOPNOTSUPP, vfsError } from '../contract/errno';
import type { BlockDevice, Driver, FileSystem } from '../contract/filesystem';
import * as bootSector from './boot.lazy';
import { VfsFat } from './vfsfat';
import type { Geometry } from './volume';

/** Whether FAT lies under ESP-IDF's wear levelling: by its configuration, or where it has not been there yet one sector in, behind an empty one. */
function isLevelled(bdev: BlockDevice): boolean {
  const dev = openDevice(bdev, 'mount', true);
  if (4096 % dev._blockSize) return false;
  const w = partitions.openWindow(dev);
  const buf = w._buf;
  const sectors = Math.floor((dev._blockCount * dev._blockSize) / buf.length);
  const place = { _number: 0, _start: 0, _count: sectors, _kind: '' };
  const g = {} as Geometry;
  // An ordinary volume over all of it, with what is left of wear levelling behind.
  if (!partitions.readSector(w, 0) && !bootSector.judge(w, place, g)) return false;
  if (foreign.holdsWear(w)) return true;
  place._number = 1;
  place._start = 4096 / buf.length;
  place._count = sectors - place._start;
  return (
    !partitions.readSector(w, 0) &&
    buf[0] === 0xff &&
    isUnused(buf) &&
    !partitions.readSector(w, place._start) &&
    !bootSector.judge(w, place, g)
  );
}

/** FAT under the wear levelling of ESP-IDF, for autodetection: to be registered before FAT. */
export const levelledFat: Driver = {
  name: 'levelled FAT',
  probe: isLevelled,
  create: function (bdev: BlockDevice): FileSystem {
    // Nothing is formatted so.
    if (!isLevelled(bdev)) throw vfsError(EOPNOTSUPP, 'mount');
    return new VfsFat(new WearLevelling(bdev));
  },
};
