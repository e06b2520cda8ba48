/** Recognising and mounting a volume: a part that a device loads for as long as that takes. */
import { optionsOf, whole } from '../arguments';
import { openDevice } from '../blockdev';
import { le32 } from '../engine';
import { ECORRUPT, EINVAL, ENODEV, vfsError } from '../errno';
import type { Alone, BlockDevice, FileSystemType } from '../filesystem';
import { findVolume } from './partition';
import { loadMeta } from './sector';
import type { FatOptions } from './vfsfat';
import { fs, type Geometry, use, type Volume } from './volume';

/** Whether a device carries FAT, however damaged. */
export function probeFat(bdev: BlockDevice): boolean {
  try {
    findVolume(openDevice(bdev, 'mount', true), undefined, {} as Geometry);
  } catch (error) {
    const errno = error && (error as { errno?: number }).errno;
    if (errno !== ENODEV && errno !== ECORRUPT) throw error;
    return errno === ECORRUPT;
  }
  return true;
}

/** Opens the device of a volume, which is to be mounted, and takes the options. @throws what the constructor does */
export function configure(v: Volume, bdev: BlockDevice, options: FatOptions | undefined, alone: FileSystemType['alone']): void {
  const o = optionsOf(options);
  const dev = openDevice(bdev, 'VfsFat', true);
  if (4096 % dev._blockSize) throw vfsError(EINVAL, 'VfsFat', '', 'blocks of ' + dev._blockSize + ' bytes');
  if (o.partition !== undefined) whole(o.partition, 'partition', [0, 0xffff], { _operation: 'VfsFat', _path: '' });
  v._dev = dev;
  v._partition = o.partition;
  v._mounted = false;
  v._files = [];
  v._epoch = 0;
  v._name = new Uint16Array(272);
  v._short = new Uint8Array(11);
  v._entry = new Uint8Array(32);
  if (alone) alone(v as Volume & Alone);
}

/** Finds the volume, and makes ready to work on it. The device may have been closed by an earlier `umount`. @throws ENODEV, ECORRUPT */
export function openVolume(v: Volume, readonly: boolean): void {
  v._dev = openDevice(v._dev._bdev, 'mount', true);
  v._start = findVolume(v._dev, v._partition, v);
  v._ratio = v._sectorSize / v._dev._blockSize;
  v._readonly = readonly;
  v._meta = { _buf: new Uint8Array(v._sectorSize), _sector: -1, _dirty: false };
  v._data = { _buf: new Uint8Array(v._sectorSize), _sector: -1, _dirty: false };
  v._chain = { _first: -1, _index: 0, _cluster: 0, _linked: true, _linkFrom: 0, _linkTo: 0 };
  use(v);
  readState();
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
