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
  'vfs-resident.min.js': { bytes: 18500, functions: 145, parameters: 225 },
  'vfs-parts.min.js': { bytes: 62700, functions: 370, parameters: 670 },
  'vfs.min.js': { bytes: 74000, functions: 410, parameters: 740 },
  'vfs-resident-fat.min.js': { bytes: 18200, functions: 145, parameters: 195 },
  'vfs-parts-fat.min.js': { bytes: 44200, functions: 255, parameters: 460 },
  'vfs-fat.min.js': { bytes: 57600, functions: 330, parameters: 565 },
  'vfs-resident-sd.min.js': { bytes: 45400, functions: 350, parameters: 525 },
  'vfs-parts-sd.min.js': { bytes: 147900, functions: 930, parameters: 1580 },
  'vfs-sd.min.js': { bytes: 180000, functions: 1100, parameters: 1825 },
  'vfs-resident-all.min.js': { bytes: 73900, functions: 560, parameters: 895 },
  'vfs-parts-all.min.js': { bytes: 157600, functions: 995, parameters: 1680 },
  'vfs-all.min.js': { bytes: 217000, functions: 1365, parameters: 2275 },
  'vfs-resident-ro.min.js': { bytes: 17100, functions: 135, parameters: 205 },
  'vfs-parts-ro.min.js': { bytes: 16500, functions: 100, parameters: 155 },
  'vfs-ro.min.js': { bytes: 30200, functions: 180, parameters: 295 },
};

/** Espruino has a `Flash` of its own here, over chips of many sizes. */
export const sim: SimWiring = { geometry: { size: 0x400000, eraseSize: 4096, progSize: 4 }, partitioned: true, leds: 0 };
