/** Recognising and mounting a volume: a part that a device loads for as long as that takes. */
import { type Device, openDevice } from '../blockdev';
import type { SectorWindow } from '../blockdev/device';
import * as foreign from '../blockdev/foreign.lazy';
import * as partitions from '../blockdev/partitions.lazy';
import { optionsOf, whole } from '../contract/arguments';
import { ECORRUPT, EINVAL, ENODEV, EOPNOTSUPP, type VfsError, vfsError } from '../contract/errno';
import type { Alone, BlockDevice, FileSystemType, Place } from '../contract/filesystem';
import { le32 } from '../engine';
import { parseBoot } from './boot';
import { chainOf, makeChain } from './chain';
import { slotAt } from './dir';
import { le64, loadMeta, sectorOf } from './sector';
import { fail, fs, type Geometry, use, type Volume, type Window } from './volume';

/** What the SD Association has FAT32 for: cards up to 32 GiB. */
const SDHC = 34359738368;
/** The checksum and length of the recommended up-case table (section 7.2.5.1). */
const RECOMMENDED = 0xe619d30d | 0;
const RECOMMENDED_BYTES = 5836;

/** Finds the volume; `g` becomes what its boot sector says. Gives and throws what `findVolume` does. */
function find(
  dev: Device,
  partition: number | undefined,
  g: Geometry,
  take: ((start: number, boot: Uint8Array) => void) | undefined,
): VfsError | undefined {
  const bytes = dev._blockCount * dev._blockSize;
  const look = function (place: Place, w: SectorWindow): number {
    return parseBoot(w._buf, g, bytes - place._start * w._buf.length) || (g._sectorSize % dev._blockSize ? ECORRUPT : 0);
  };
  return partitions.findVolume(dev, partition, { _name: 'exFAT', _look: look, _take: take });
}

/** Whether a device carries exFAT, however damaged. */
export function probeExFat(bdev: BlockDevice): boolean {
  const dev = openDevice(bdev, 'mount', true);
  if (4096 % dev._blockSize) return false;
  const failure = find(dev, undefined, {} as Geometry, undefined);
  if (failure && failure.errno !== ENODEV && failure.errno !== ECORRUPT) throw failure;
  return !failure || failure.errno === ECORRUPT;
}

/** Opens the device of a volume, which is to be mounted, and takes the options. @throws what the constructor does */
export function configure(v: Volume, bdev: BlockDevice, options: { partition?: number } | undefined, alone: FileSystemType['alone']): void {
  const o = optionsOf(options);
  const dev = openDevice(bdev, 'VfsExFat', true);
  if (4096 % dev._blockSize) throw vfsError(EINVAL, 'VfsExFat', '', 'blocks of ' + dev._blockSize + ' bytes');
  v._operation = 'VfsExFat';
  v._path = '';
  if (o.partition !== undefined) whole(o.partition, 'partition', [0, 0xffff], v);
  v._dev = dev;
  v._partition = o.partition;
  v._mounted = v._modest = false;
  v._files = [];
  v._epoch = 0;
  v._name = new Uint16Array(255);
  v._upper = new Uint16Array(255);
  v._length = 0;
  v._set = new Uint8Array(19 * 32);
  if (alone) alone(v as Volume & Alone);
}

/**
 * Finds the volume, and makes ready to work on it. The device may have been closed by an earlier `umount`.
 * @param format makes one where there is none, and the device holds nothing known
 * @throws ENODEV, ECORRUPT
 */
export function openVolume(v: Volume, readonly: boolean, format: ((bdev: BlockDevice) => void) | undefined): void {
  const take = function (start: number, boot: Uint8Array): void {
    v._start = start;
    v._ratio = v._sectorSize / v._dev._blockSize;
    const known = v._sectorSize === boot.length;
    v._meta = newWindow(known ? boot : new Uint8Array(v._sectorSize));
    if (known) v._meta._sector = 0;
    v._map = newWindow(new Uint8Array(v._sectorSize));
    v._data = newWindow(new Uint8Array(v._sectorSize));
    use(v);
    readState();
  };
  v._dev = openDevice(v._dev._bdev, 'mount', true);
  v._readonly = readonly;
  const failure = find(v._dev, v._partition, v, take);
  if (!failure) return;
  if (!format || failure.errno !== ENODEV || foreign.tellHeld(v._dev._bdev)) throw failure;
  if (v._modest && v._dev._blockCount * v._dev._blockSize <= SDHC) throw vfsError(EOPNOTSUPP, 'mount', '', 'exFAT is for more than 32 GiB');
  format(v._dev._bdev);
  v._dev = openDevice(v._dev._bdev, 'mount', true);
  const again = find(v._dev, v._partition, v, take);
  if (again) throw again;
}

function newWindow(buf: Uint8Array): Window {
  return { _buf: buf, _sector: -1, _dirty: false };
}

/** Reads the mark of a volume in use, and finds bitmap and up-case table in the root directory. @throws ECORRUPT for no bitmap */
function readState(): void {
  const v = fs;
  v._wasDirty = !!(loadMeta(0)[106] & 2);
  v._doubt = v._wasDirty ? 1 : 0;
  v._shared = [];
  v._free = -1;
  v._next = 2;
  v._touched = false;
  v._bitmap = 0;
  v._table = v._capitals = undefined;
  v._top = makeChain(v._root, false, Infinity);
  let table = false;
  for (let slot = 0; !v._bitmap || !table; slot++) {
    const at = slotAt(v._top, slot);
    const b = v._meta._buf;
    if (at < 0 || !b[at]) break;
    // The table of a volume with two FATs has one bitmap for each.
    if (b[at] === 0x81 && (b[at + 1] & 1) === v._active && !v._bitmap) {
      const first = le32(b, at + 20) >>> 0;
      const bytes = le64(b, at + 24);
      const clusters = Math.ceil(bytes / v._clusterSize);
      if (bytes * 8 < v._last - 1 || first < 2 || first + clusters - 1 > v._last) fail(ECORRUPT, 'its allocation bitmap is none');
      v._bitmap = sectorOf(first);
    }
    if (b[at] === 0x82 && !table) {
      table = true;
      takeTable(b, at);
    }
  }
  if (!v._bitmap) fail(ECORRUPT, 'it has no allocation bitmap');
}

/** Takes the up-case table of an entry, if it is not the recommended one. */
function takeTable(b: Uint8Array, at: number): void {
  const v = fs;
  const bytes = le64(b, at + 24);
  if ((le32(b, at + 4) === RECOMMENDED && bytes === RECOMMENDED_BYTES) || !bytes || bytes > 131072) return;
  // As if it were a file's, whose chain the FAT has.
  const set = new Uint8Array(64);
  set.set(b.subarray(at + 20, at + 32), 52);
  try {
    v._table = chainOf(set);
    v._tableBytes = bytes;
  } catch (_damaged) {
    // Names are found by the recommended one.
    v._table = undefined;
  }
}
