/** Recognising and mounting a volume: a part that a device loads for as long as that takes. */

import { type Device, openDevice } from '../blockdev';
import type { SectorWindow } from '../blockdev/device';
import * as partitions from '../blockdev/partitions.lazy';
import { optionsOf, whole } from '../contract/arguments';
import { ECORRUPT, EINVAL, ENODEV, type VfsError, vfsError } from '../contract/errno';
import type { Alone, BlockDevice, FileSystemType, Place } from '../contract/filesystem';
import { le32 } from '../engine';
import * as bootSector from './boot.lazy';
import { toUnits } from './name';
import { narrow } from './narrow';
import { load, loadMeta } from './sector';
import { infoMark } from './table';
import { type CodePages, type FatOptions, fail, fs, type Geometry, use, type Volume } from './volume';

/** Finds the volume; where there is none in the device's own blocks, one in smaller sectors. Gives and throws what `findVolume` does. */
function find(
  v: { _dev: Device },
  partition: number | undefined,
  g: Geometry,
  take: ((start: number, boot: Uint8Array) => void) | undefined,
): VfsError | undefined {
  const dev = v._dev;
  const sought = {
    _name: 'FAT',
    _look: function (place: Place, w: SectorWindow): number {
      return bootSector.judge(w, place, g);
    },
    _take: take,
  };
  const failure = partitions.findVolume(dev, partition, sought);
  if (!failure || dev._blockSize <= 512) return failure;
  v._dev = narrow(dev);
  if (!partitions.findVolume(v._dev, partition, sought)) return undefined;
  v._dev = dev;
  return failure;
}

/** Whether a device carries FAT, however damaged. */
export function probeFat(bdev: BlockDevice): boolean {
  const dev = openDevice(bdev, 'mount', true);
  if (4096 % dev._blockSize) return false;
  const failure = find({ _dev: dev }, undefined, {} as Geometry, undefined);
  if (failure && failure.errno !== ENODEV && failure.errno !== ECORRUPT) throw failure;
  return !failure || failure.errno === ECORRUPT;
}

/** Opens the device of a volume, which is to be mounted, and takes the options. @throws what the constructor does */
export function configure(v: Volume, bdev: BlockDevice, options: FatOptions | undefined, alone: FileSystemType['alone']): void {
  const o = optionsOf(options);
  const dev = openDevice(bdev, 'VfsFat', true);
  if (4096 % dev._blockSize) throw vfsError(EINVAL, 'VfsFat', '', 'blocks of ' + dev._blockSize + ' bytes');
  v._operation = 'VfsFat';
  v._path = '';
  if (o.partition !== undefined) whole(o.partition, 'partition', [0, 0xffff], v);
  if (o.codepage !== undefined) whole(o.codepage, 'codepage', [1, 0xffff], v);
  v._dev = dev;
  v._partition = o.partition;
  v._codepage = o.codepage;
  v._mounted = false;
  v._files = [];
  v._epoch = 0;
  v._name = new Uint16Array(272);
  v._short = new Uint8Array(11);
  v._entry = new Uint8Array(32);
  if (alone) alone(v as Volume & Alone);
}

/**
 * Finds the volume, and makes ready to work on it. The device may have been closed by an earlier `umount`.
 * @param format makes one where there is none, and the device holds nothing known
 * @throws ENODEV, ECORRUPT; EINVAL for a code page that is not there
 */
export function openVolume(
  v: Volume,
  readonly: boolean,
  format: ((bdev: BlockDevice) => void) | undefined,
  pages: CodePages | undefined,
): void {
  const take = function (start: number, boot: Uint8Array): void {
    v._start = start;
    v._ratio = v._sectorSize / v._dev._blockSize;
    const known = v._sectorSize === boot.length;
    v._meta = { _buf: known ? boot : new Uint8Array(v._sectorSize), _sector: known ? 0 : -1, _dirty: false };
    v._data = { _buf: new Uint8Array(v._sectorSize), _sector: -1, _dirty: false };
    v._chain = {
      _first: -1,
      _index: 0,
      _cluster: 0,
      _linked: true,
      _linkFrom: 0,
      _linkTo: 0,
      _checked: 0,
      _marks: undefined,
      _step: 0,
      _mark: 0,
    };
    use(v);
    readState();
  };
  v._dev = openDevice(v._dev._bdev, 'mount', true);
  v._readonly = readonly;
  v._page = undefined;
  let failure = find(v, v._partition, v, take);
  const bdev = v._dev._bdev;
  // With a word of what was found it is another's.
  if (failure && format && failure.errno === ENODEV && !failure._detail && !(bdev.held && bdev.held())) {
    format(bdev);
    v._dev = openDevice(bdev, 'mount', true);
    failure = find(v, v._partition, v, take);
  }
  if (failure) throw failure;
  setPage(pages);
}

/** The characters of the code page asked for. Without it by name, and without 437, there are none. */
function setPage(pages: CodePages | undefined): void {
  const v = fs;
  const page = pages && pages[v._codepage || 437];
  if (page) {
    toUnits(page);
    v._page = new Uint16Array(v._name.subarray(0, 128));
  } else if (v._codepage) fail(EINVAL, 'no code page ' + v._codepage);
}

/** Reads the marks of a volume in use, and FSInfo. */
function readState(): void {
  const v = fs;
  const boot = loadMeta(0);
  const tail = v._type > 16 ? 64 : 36;
  const signed = (boot[tail + 2] & 0xfe) === 0x28;
  // Linux and Windows mark the boot sector, where it has room for that. A FAT12 that cannot be marked may always be in use.
  v._wasDirty = signed ? !!(boot[tail + 1] & 1) : v._type < 16;
  if (v._type > 12 && !(loadMeta(v._fatStart)[v._type / 4 - 1] & (2048 >> (v._type / 4)))) v._wasDirty = true;
  v._doubt = v._wasDirty ? 1 : 0;
  v._shared = [];
  v._free = 0;
  v._told = -1;
  v._made = undefined;
  v._counted = v._touched = v._owed = v._unsynced = false;
  v._next = v._upTo = 2;
  if (!v._fsInfo) return;
  // The sector of the FAT stays in the other window: the mark is made of it.
  const b = load(v._data, v._fsInfo, false);
  if (le32(b, 484) !== 0x61417272) {
    v._fsInfo = 0;
    return;
  }
  const free = le32(b, 488);
  const next = le32(b, 492);
  const mark = le32(b, 496);
  if (next > 1 && next <= v._last) v._next = next;
  if (v._wasDirty || free < 0 || free >= v._last) return;
  v._told = free;
  // Nobody else's number is believed: there are many who neither keep it nor mark the volume.
  if (mark !== infoMark(free)) return;
  v._free = free;
  v._upTo = v._last + 1;
}
