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
  'vfs-resident.min.js': { bytes: 18900, functions: 150, parameters: 235 },
  'vfs-parts.min.js': { bytes: 61000, functions: 360, parameters: 655 },
  'vfs.min.js': { bytes: 72900, functions: 405, parameters: 745 },
  'vfs-resident-sd.min.js': { bytes: 45600, functions: 350, parameters: 535 },
  'vfs-parts-sd.min.js': { bytes: 141600, functions: 885, parameters: 1515 },
  'vfs-sd.min.js': { bytes: 174600, functions: 1060, parameters: 1780 },
  'vfs-resident-all.min.js': { bytes: 72900, functions: 555, parameters: 890 },
  'vfs-parts-all.min.js': { bytes: 150900, functions: 950, parameters: 1605 },
  'vfs-all.min.js': { bytes: 210000, functions: 1315, parameters: 2210 },
  'vfs-resident-ro.min.js': { bytes: 17500, functions: 135, parameters: 210 },
  'vfs-parts-ro.min.js': { bytes: 15100, functions: 95, parameters: 140 },
  'vfs-resident-kaluma.min.js': { bytes: 18300, functions: 145, parameters: 230 },
  'vfs-parts-kaluma.min.js': { bytes: 39800, functions: 255, parameters: 445 },
  'vfs-kaluma.min.js': { bytes: 53600, functions: 335, parameters: 595 },
  'vfs-resident-kaluma-sd.min.js': { bytes: 21400, functions: 165, parameters: 230 },
  'vfs-parts-kaluma-sd.min.js': { bytes: 39800, functions: 210, parameters: 370 },
  'vfs-kaluma-sd.min.js': { bytes: 57700, functions: 335, parameters: 565 },
  'vfs-ro.min.js': { bytes: 29300, functions: 180, parameters: 295 },
};

export const sim: SimWiring = { chip: chips.rp2040vfs, chips: ['rp2040'], leds: 1 };
