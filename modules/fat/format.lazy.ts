/** Making a FAT volume: a part of its own, which a device fetches when it needs it. */

import { openDevice, syncDevice } from '../blockdev';
import { writeBlocks } from '../blockdev/blocks';
import { flag, optionsOf, whole } from '../contract/arguments';
import { EINVAL, ENOSPC, EROFS, expect, vfsError } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { encodeText, fill, now, putLe32 } from '../engine';
import * as labels from './label.lazy';
import type { FatFormat } from './volume';
import * as write from './write.lazy';

/** The last four bytes of a sector. */
const SIGNATURE = 0xaa550000;
/** What FAT32 has twice, it has so many sectors later. */
const COPY = 6;

function check(status: number): void {
  if (status) throw vfsError(status, 'mkfs');
}

/**
 * Makes an empty volume. Without a type: FAT32 from 512 MiB on, below that FAT16 or, with less than 4085 clusters, FAT12;
 * clusters grow with the volume, so that the FAT stays small enough to be searched by a microcontroller. FAT32 gets two
 * FATs, as the SD specification wants it, the others one, as MicroPython makes them.
 * @throws EINVAL for options that fit no volume of this size, TypeError for those of another type, ENOSPC where the device is
 *   too small for any, EROFS
 */
export function format(bdev: BlockDevice, options?: FatFormat): void {
  const o = optionsOf(options);
  const dev = openDevice(bdev, 'mkfs', true);
  const size = Math.max(512, dev._blockSize);
  const ratio = size / dev._blockSize;
  const all = Math.min(Math.floor(dev._blockCount / ratio), 0xffffffff);
  const number = function (name: 'align' | 'type' | 'clusterSize', otherwise: number, least: number, most: number): number {
    return o[name] === undefined ? otherwise : whole(o[name], name, [least, most], { _operation: 'mkfs', _path: '' });
  };
  const refuse = function (unless: unknown, what: string): void {
    if (!unless) throw vfsError(EINVAL, 'mkfs', '', what);
  };
  const align = number('align', 1, 1, all * size);
  const step = Math.max(align / size, 1);
  expect(o.label === undefined || typeof o.label === 'string', 'label');
  const label = labels.labelBytes(o.label || 'NO NAME') as Uint8Array;
  const kind = number('type', 0, 12, 32);
  const clusterSize = number('clusterSize', 0, size, 128 * size);
  const start = flag(o.partition, 'partition')
    ? step > 1
      ? step
      : all > 65536
        ? Math.ceil(1048576 / size)
        : Math.min(63, all >> 3) || 1
    : 0;
  const total = all - start;
  if (!bdev.writeblocks) throw vfsError(EROFS, 'mkfs');
  refuse(!(4096 % dev._blockSize), 'size of a block');
  refuse(label, 'label');
  refuse([0, 12, 16, 32].indexOf(kind) >= 0, 'type');
  refuse(!(align % size && size % align), 'align');

  // Clusters: from one sector up, until the type has few enough and, if nothing else is said, the FAT is no longer than 256 sectors.
  const wide = kind ? kind === 32 : total * size >= 536870912;
  const most = wide ? 0xffffff5 : kind === 12 ? 4084 : 65524;
  const least = wide ? 65525 : kind === 16 ? 4085 : 1;
  const fats = wide ? 2 : 1;
  const reservedLeast = wide ? 32 : 1;
  const rootSectors = wide ? 0 : Math.max(1, Math.min((512 * 32) / size, total >> 4));
  let perCluster = clusterSize / size || 1;
  let bits = 0;
  let count = 0;
  let fatSize = 0;
  let reserved = 0;
  for (; ; perCluster *= 2) {
    // The FAT is as long as the clusters need it that there were without one: a little too long.
    for (bits = wide ? 32 : 12; ; bits = 16) {
      count = Math.floor((total - reservedLeast - rootSectors) / perCluster);
      fatSize = Math.ceil((Math.min(count + 2, most + 2) * bits) / 8 / size);
      // Data begin at a multiple of `align`: what that costs is reserved.
      reserved = reservedLeast + ((step - ((start + reservedLeast + fats * fatSize + rootSectors) % step)) % step);
      count = Math.floor((total - reserved - fats * fatSize - rootSectors) / perCluster);
      if (bits !== 12 || (kind !== 16 && count < 4085)) break;
    }
    // 32 KiB is the most that all systems take.
    if (clusterSize || perCluster > (wide ? 63 : 64)) break;
    if (count <= most && (kind || wide || bits === 16 || count <= 2040 || perCluster >= 8)) {
      // Wide FATs are slow to search; so are those of many short clusters.
      if (!wide || fatSize <= 1024 || count < least * 4) break;
    }
  }
  refuse(!(perCluster & (perCluster - 1) || perCluster % 1), 'clusterSize');
  // The boot sector has 16 bits for what lies before the FAT.
  refuse(reserved < 65536, 'align');
  if (count < 1) throw vfsError(ENOSPC, 'mkfs');
  refuse(count >= least && count <= most && (bits !== 16 || count > 4084), 'type and clusterSize for this device');

  const b = new Uint8Array(size);
  const time = write.present();
  const id = (time ^ (now() << 7)) >>> 0;
  const tail = wide ? 64 : 36;
  /** Writes a sector: `b`, which is zeros again then, with these words, each after where it goes; before it a copy, if it gets one. */
  const put = function (sector: number, words: number[], copied: boolean): void {
    for (let i = 0; i < words.length; i += 2) putLe32(b, words[i], words[i + 1]);
    for (let at = copied ? sector + COPY : sector; at >= sector; at -= COPY) check(writeBlocks(dev, (start + at) * ratio, b));
    fill(b, 0);
  };
  // What the volume consists of comes last, the boot sector: until then there is none.
  const rootStart = reserved + fats * fatSize;
  const rootEnd = rootStart + (wide ? perCluster : rootSectors);
  const firstEntries = wide ? [0, 0xffffff8, 4, 0xfffffff, 8, 0xfffffff] : [0, bits === 12 ? 0xfffff8 : -8];
  for (let sector = reserved; sector < rootEnd; sector++) {
    const labelled = sector === rootStart && o.label;
    if (labelled) b.set(label);
    put(sector, labelled ? [11, 8, 22, time] : sector < rootStart && !((sector - reserved) % fatSize) ? firstEntries : [], false);
  }
  // FSInfo; see `infoMark`: both numbers, and two free entries.
  if (wide) put(1, [0, 0x41615252, 484, 0x61417272, 488, count - 1, 492, 3, 496, count - 1 + 31 * 3 + 1, 508, SIGNATURE], true);
  // A littlefs that was there has its second superblock in the second block: it must not be found again.
  else if (reserved > 1) put(1, [], false);
  if (start > 1) put(1 - start, [], false);
  // Some fields have two bytes, and what is put into the two behind them belongs to the next.
  const short = total < 65536 && !wide;
  const words = [0, (wide ? 0x9058eb : 0x903ceb) | 0x4d000000, 4, 0x534f4453, 8, 0x302e35, 11, size, 13, perCluster, 14, reserved];
  words.push(16, fats, 17, (rootSectors * size) / 32, 19, short ? total : 0, 21, 0xf8, 22, wide ? 0 : fatSize);
  words.push(24, 63 | (255 << 16), 28, start, 32, short ? 0 : total);
  if (wide) words.push(36, fatSize, 44, 2, 48, 1 | (COPY << 16));
  words.push(tail, 0x290080, tail + 3, id, 508, SIGNATURE);
  b.set(label, tail + 7);
  b.set(encodeText('FAT' + bits + '   '), tail + 18);
  put(0, words, wide);
  // Addresses in cylinders, heads and sectors are not used any more: the highest there are.
  const type = wide ? 12 : total < 65536 ? (bits === 12 ? 1 : 4) : 14;
  if (start) put(-start, [446, 0xfffffe00 | 0, 450, 0xfffffe00 | type, 454, start, 458, total, 508, SIGNATURE], false);
  check(syncDevice(dev));
}
