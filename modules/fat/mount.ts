/** Recognising and mounting a volume: a part that a device loads for as long as that takes. */
import { openDevice } from '../blockdev';
import { tellHeld } from '../blockdev/foreign';
import { le32 } from '../engine';
import { ECORRUPT, ENODEV } from '../errno';
import type { BlockDevice } from '../filesystem';
import { findVolume } from './partition';
import { loadMeta } from './sector';
import { fs, type Geometry, use, type Volume } from './volume';

/** Whether a device carries FAT, however damaged. */
export function probeFat(bdev: BlockDevice): boolean {
  const dev = openDevice(bdev, 'mount', true);
  if (4096 % dev._blockSize) return false;
  try {
    findVolume(dev, undefined, {} as Geometry, undefined);
  } catch (error) {
    const errno = (error as { errno?: number }).errno;
    if (errno !== ENODEV && errno !== ECORRUPT) throw error;
    return errno === ECORRUPT;
  }
  return true;
}

/**
 * Finds the volume, and makes ready to work on it. The device may have been closed by an earlier `umount`.
 * @param format makes one before, where the device holds nothing known
 * @throws ENODEV, ECORRUPT
 */
export function openVolume(v: Volume, readonly: boolean, format: ((bdev: BlockDevice) => void) | undefined): void {
  if (format && !tellHeld(v._dev._bdev)) format(v._dev._bdev);
  v._dev = openDevice(v._dev._bdev, 'mount', true);
  v._readonly = readonly;
  findVolume(v._dev, v._partition, v, function (start) {
    v._start = start;
    v._ratio = v._sectorSize / v._dev._blockSize;
    v._meta = { _buf: new Uint8Array(v._sectorSize), _sector: -1, _dirty: false };
    v._data = { _buf: new Uint8Array(v._sectorSize), _sector: -1, _dirty: false };
    v._chain = { _first: -1, _index: 0, _cluster: 0, _linked: true, _linkFrom: 0, _linkTo: 0 };
    use(v);
    readState();
  });
}

/** Reads the dirty bit and FSInfo. */
function readState(): void {
  const bits = loadMeta(fs._fatStart);
  fs._wasDirty = fs._type > 12 && !(bits[fs._type / 4 - 1] & (2048 >> (fs._type / 4)));
  fs._free = -1;
  fs._counted = fs._touched = false;
  fs._next = 2;
  if (fs._fsInfo) {
    const b = loadMeta(fs._fsInfo);
    const free = le32(b, 488);
    const next = le32(b, 492);
    if (le32(b, 484) !== 0x61417272) fs._fsInfo = 0;
    else {
      if (!fs._wasDirty && free < fs._last) fs._free = free;
      if (next > 1 && next <= fs._last) fs._next = next;
    }
  }
}
