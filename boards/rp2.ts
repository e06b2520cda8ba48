/** RP2040 and RP2350. */
import type { BlockDevice } from '../modules/contract/filesystem';
import { exfat, VfsExFat } from '../modules/exfat';
import { fat, VfsFat } from '../modules/fat';
import { levelledFat } from '../modules/fat/levelled';
import { littlefs1, VfsLfs1 } from '../modules/littlefs1';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { VfsOverlay } from '../modules/overlay';
import { romfs, VfsRom } from '../modules/romfs/vfsrom';
import { VfsStorage } from '../modules/storage';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { Rp2Flash as Flash } from './devices/flash';
import { kalumaFs, kalumaPin, kalumaSpi, useKaluma } from './devices/kaluma';
import { SDCard } from './devices/sdcard';
import { SpiFlash } from './devices/spiflash';
import { StorageVolume } from './devices/storage/volume';
import type { SimWiring } from './sim/board';
import { chips } from './sim/chips';

export * from './boot/host';
export type { KalumaPlace } from './devices/kaluma/types';
export { type FlashArea, type Native, type NativeFlash, native } from './devices/native';
export type { SDCardOptions } from './devices/sdcard';
export type { SpiFlashConstructor, SpiFlashDevice, SpiFlashOptions } from './devices/spiflash';
export type { StorageVolumeConstructor, StorageVolumeDevice, StorageVolumeOptions } from './devices/storage/volume';
export type { FlashWindow, WindowOptions } from './devices/window';
export {
  exfat,
  Flash,
  fat,
  kalumaFs,
  kalumaPin,
  kalumaSpi,
  levelledFat,
  littlefs1,
  littlefs2,
  romfs,
  SDCard,
  SpiFlash,
  StorageVolume,
  useKaluma,
  VfsExFat,
  VfsFat,
  VfsLfs1,
  VfsLfs2,
  VfsOverlay,
  VfsRom,
  VfsStorage,
};

export const rp2: BoardDescription = {
  name: 'rp2',
  volumes: [
    {
      point: '/',
      devices: ['flash', 'storage'],
      format: 'VfsLfs2.mkfs(new v.Flash())',
    },
  ],
  open: function (name: string): BlockDevice {
    return name === 'storage' ? new StorageVolume() : new Flash();
  },
  create: StorageVolume.create,
  drivers: [littlefs2],
};

export const bundles: Bundles = {
  '': { names: { VfsLfs2, Flash, StorageVolume } },
  '-sd': { names: { VfsFat, VfsExFat, SDCard, SpiFlash }, drivers: [exfat, fat], faces: true },
  '-all': {
    names: { VfsLfs1, VfsRom, VfsExFat, VfsFat, VfsOverlay, VfsStorage, SDCard, SpiFlash },
    drivers: [littlefs1, romfs, exfat, levelledFat, fat],
    faces: true,
  },
  '-kaluma': {
    names: { VfsLfs2, Flash, useKaluma, kalumaFs, kalumaPin, kalumaSpi },
    drivers: [littlefs2],
    alone: true,
    without: ['alone', 'drivers', 'foreign'],
  },
  '-kaluma-sd': {
    names: { VfsFat, SDCard, useKaluma, kalumaFs, kalumaPin, kalumaSpi },
    drivers: [fat],
    alone: true,
    without: ['alone', 'drivers', 'foreign'],
  },
  '-ro': { names: { VfsLfs2, Flash }, drivers: [littlefs2], alone: true, without: ['write', 'alone', 'drivers', 'foreign'] },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(rp2, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 19000, functions: 160, parameters: 280 },
  'vfs-parts.min.js': { bytes: 60500, functions: 390, parameters: 710 },
  'vfs.min.js': { bytes: 74200, functions: 500, parameters: 925 },
  'vfs-resident-sd.min.js': { bytes: 45800, functions: 370, parameters: 600 },
  'vfs-parts-sd.min.js': { bytes: 141000, functions: 965, parameters: 1640 },
  'vfs-sd.min.js': { bytes: 176900, functions: 1245, parameters: 2115 },
  'vfs-resident-all.min.js': { bytes: 73400, functions: 595, parameters: 995 },
  'vfs-parts-all.min.js': { bytes: 150100, functions: 1030, parameters: 1745 },
  'vfs-all.min.js': { bytes: 212900, functions: 1535, parameters: 2615 },
  'vfs-resident-ro.min.js': { bytes: 17600, functions: 150, parameters: 240 },
  'vfs-parts-ro.min.js': { bytes: 15000, functions: 105, parameters: 155 },
  'vfs-resident-kaluma.min.js': { bytes: 18400, functions: 155, parameters: 280 },
  'vfs-parts-kaluma.min.js': { bytes: 39500, functions: 275, parameters: 480 },
  'vfs-kaluma.min.js': { bytes: 54600, functions: 405, parameters: 735 },
  'vfs-resident-kaluma-sd.min.js': { bytes: 21400, functions: 175, parameters: 270 },
  'vfs-parts-kaluma-sd.min.js': { bytes: 39400, functions: 225, parameters: 390 },
  'vfs-kaluma-sd.min.js': { bytes: 58100, functions: 380, parameters: 640 },
  'vfs-ro.min.js': { bytes: 29900, functions: 220, parameters: 365 },
};

export const sim: SimWiring = { chip: chips.rp2040vfs, chips: ['rp2040'], leds: 1 };
