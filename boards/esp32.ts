/** The ESP32 family: a partition of its flash. */
import type { BlockDevice } from '../modules/contract/filesystem';
import { exfat, VfsExFat } from '../modules/exfat';
import { fat, VfsFat } from '../modules/fat';
import { levelledFat } from '../modules/fat/levelled';
import { littlefs1, VfsLfs1 } from '../modules/littlefs1';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { firmwareCard, VfsNative } from '../modules/native';
import { VfsOverlay } from '../modules/overlay';
import { type RomIoctl, romIoctl } from '../modules/romfs/ioctl';
import { romfs, VfsRom } from '../modules/romfs/vfsrom';
import { VfsStorage } from '../modules/storage';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { Partition } from './devices/esp32/partition';
import { romPlaces } from './devices/rom';
import { SDCard } from './devices/sdcard';
import { SpiFlash } from './devices/spiflash';
import { StorageVolume } from './devices/storage/volume';
import type { SimWiring } from './sim/board';

export * from './boot/host';
export type { PartitionOptions, PartitionQuery } from './devices/esp32/partition';
export type { PartitionInfo } from './devices/esp32/table.lazy';
export { type FlashArea, type NativeFlash, native } from './devices/native';
export type { SDCardOptions } from './devices/sdcard';
export type { SpiFlashConstructor, SpiFlashDevice, SpiFlashOptions } from './devices/spiflash';
export type { StorageVolumeConstructor, StorageVolumeDevice, StorageVolumeOptions } from './devices/storage/volume';
export {
  exfat,
  fat,
  firmwareCard,
  levelledFat,
  littlefs1,
  littlefs2,
  Partition,
  romfs,
  SDCard,
  SpiFlash,
  StorageVolume,
  VfsExFat,
  VfsFat,
  VfsLfs1,
  VfsLfs2,
  VfsNative,
  VfsOverlay,
  VfsRom,
  VfsStorage,
};

export const esp32: BoardDescription = {
  name: 'esp32',
  volumes: [
    {
      point: '/',
      devices: ['vfs', 'storage'],
      format: "VfsLfs2.mkfs(new v.Partition('vfs'))",
    },
  ],
  bdev: true,
  open: function (name: string): BlockDevice {
    return name === 'storage' ? new StorageVolume() : new Partition(name);
  },
  create: StorageVolume.create,
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
  '-sd': {
    names: { VfsFat, VfsExFat, VfsNative, SDCard, SpiFlash },
    drivers: [exfat, fat],
    faces: true,
    further: { sd: firmwareCard },
  },
  '-all': {
    names: { VfsLfs1, VfsRom, VfsExFat, VfsFat, VfsNative, VfsOverlay, VfsStorage, SDCard, SpiFlash, rom_ioctl },
    drivers: [littlefs1, romfs, exfat, levelledFat, fat],
    faces: true,
    further: { sd: firmwareCard },
    roms: ROMS,
  },
  '-ro': {
    names: { VfsLfs2, Partition },
    drivers: [littlefs2],
    alone: true,
    without: ['write', 'alone', 'drivers', 'foreign'],
  },
  '-fat': { names: { VfsFat }, drivers: [fat], alone: true },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(esp32, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 19300, functions: 160, parameters: 280 },
  'vfs-parts.min.js': { bytes: 61100, functions: 385, parameters: 705 },
  'vfs.min.js': { bytes: 75000, functions: 495, parameters: 920 },
  'vfs-resident-fat.min.js': { bytes: 18100, functions: 150, parameters: 230 },
  'vfs-parts-fat.min.js': { bytes: 44100, functions: 275, parameters: 500 },
  'vfs-fat.min.js': { bytes: 58200, functions: 385, parameters: 670 },
  'vfs-resident-sd.min.js': { bytes: 46300, functions: 375, parameters: 605 },
  'vfs-parts-sd.min.js': { bytes: 146500, functions: 995, parameters: 1695 },
  'vfs-sd.min.js': { bytes: 182100, functions: 1280, parameters: 2170 },
  'vfs-resident-all.min.js': { bytes: 75200, functions: 605, parameters: 1015 },
  'vfs-parts-all.min.js': { bytes: 156000, functions: 1060, parameters: 1805 },
  'vfs-all.min.js': { bytes: 219700, functions: 1580, parameters: 2695 },
  'vfs-resident-ro.min.js': { bytes: 17400, functions: 150, parameters: 230 },
  'vfs-parts-ro.min.js': { bytes: 15900, functions: 100, parameters: 165 },
  'vfs-ro.min.js': { bytes: 30600, functions: 215, parameters: 365 },
};

/** Espruino has a `Flash` of its own here, over chips of many sizes. */
export const sim: SimWiring = { geometry: { size: 0x400000, eraseSize: 4096, progSize: 4 }, partitioned: true, leds: 0 };
