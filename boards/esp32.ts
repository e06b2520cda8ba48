/** The ESP32 family: a partition of its flash. */
import { exfat, VfsExFat } from '../modules/exfat';
import { fat, VfsFat } from '../modules/fat';
import { levelledFat } from '../modules/fat/levelled';
import { littlefs1, VfsLfs1 } from '../modules/littlefs1';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { VfsOverlay } from '../modules/overlay';
import { type RomIoctl, romIoctl } from '../modules/romfs/ioctl';
import { romfs, VfsRom } from '../modules/romfs/vfsrom';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { native } from './devices/esp32/native';
import { Partition } from './devices/esp32/partition';
import { romPlaces } from './devices/rom';
import { SDCard } from './devices/sdcard';
import { storageVolume } from './devices/storage/volume';
import type { SimWiring } from './sim/board';

export * from './boot/host';
export type { FlashArea, NativeFlash } from './devices/esp32/native';
export type { PartitionOptions, PartitionQuery } from './devices/esp32/partition';
export type { PartitionInfo } from './devices/esp32/table.lazy';
export type { SDCardOptions } from './devices/sdcard';
export type { StorageVolumeConstructor, StorageVolumeDevice, StorageVolumeOptions } from './devices/storage/volume';
export {
  exfat,
  fat,
  levelledFat,
  littlefs1,
  littlefs2,
  native,
  Partition,
  romfs,
  SDCard,
  VfsExFat,
  VfsFat,
  VfsLfs1,
  VfsLfs2,
  VfsOverlay,
  VfsRom,
};

/** The stock firmware's partition `storage`. */
native.storageAt = [0x320000];

export const StorageVolume = storageVolume(1);

export const esp32: BoardDescription = {
  name: 'esp32',
  volumes: [{ point: '/', devices: ['vfs'], format: "VfsLfs2.mkfs(new v.Partition('vfs'))" }],
  bdev: true,
  open: function (name: string): Partition {
    return new Partition(name);
  },
  drivers: [littlefs2],
};

/** Partitions for images of ROMFS, by their labels. */
const ROMS = ['romfs'];

/** MicroPython's `vfs.rom_ioctl`. */
export const rom_ioctl: RomIoctl = function (op, id, first, second) {
  return romIoctl(romPlaces(esp32.open, ROMS))(op, id, first, second);
};

export const bundles: Bundles = {
  '': { names: { VfsLfs2, Partition, StorageVolume } },
  '-sd': { names: { VfsFat, VfsExFat, SDCard }, drivers: [exfat, fat] },
  '-all': {
    names: { VfsLfs1, VfsRom, VfsExFat, VfsFat, VfsOverlay, SDCard, rom_ioctl },
    drivers: [littlefs1, romfs, exfat, levelledFat, fat],
    roms: ROMS,
    seldom: true,
  },
  '-ro': { names: { VfsLfs2, Partition }, drivers: [littlefs2], alone: true, without: ['write', 'alone', 'foreign'], seldom: true },
  '-fat': { names: { VfsFat }, drivers: [fat], alone: true },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(esp32, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 19000, functions: 160, parameters: 280 },
  'vfs-parts.min.js': { bytes: 46200, functions: 285, parameters: 525 },
  'vfs.min.js': { bytes: 60900, functions: 405, parameters: 755 },
  'vfs-resident-fat.min.js': { bytes: 18100, functions: 150, parameters: 230 },
  'vfs-parts-fat.min.js': { bytes: 38300, functions: 220, parameters: 395 },
  'vfs-fat.min.js': { bytes: 53000, functions: 335, parameters: 580 },
  'vfs-resident-sd.min.js': { bytes: 45200, functions: 365, parameters: 595 },
  'vfs-parts-sd.min.js': { bytes: 85700, functions: 495, parameters: 900 },
  'vfs-sd.min.js': { bytes: 124300, functions: 810, parameters: 1430 },
  'vfs-resident-all.min.js': { bytes: 73800, functions: 595, parameters: 1005 },
  'vfs-parts-all.min.js': { bytes: 90100, functions: 520, parameters: 935 },
  'vfs-all.min.js': { bytes: 157100, functions: 1065, parameters: 1875 },
  'vfs-resident-ro.min.js': { bytes: 17400, functions: 150, parameters: 235 },
  'vfs-parts-ro.min.js': { bytes: 15500, functions: 90, parameters: 155 },
  'vfs-ro.min.js': { bytes: 30500, functions: 215, parameters: 360 },
};

/** Espruino has a `Flash` of its own here, over chips of many sizes. */
export const sim: SimWiring = { geometry: { size: 0x400000, eraseSize: 4096, progSize: 4 }, partitioned: true, leds: 0 };
