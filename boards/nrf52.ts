/** The nRF52: Puck.js, Bangle.js, Pixl.js. */
import type { BlockDevice } from '../modules/contract/filesystem';
import { exfat, VfsExFat } from '../modules/exfat';
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { firmwareCard, VfsNative } from '../modules/native';
import { VfsStorage } from '../modules/storage';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { NrfFlash as Flash } from './devices/flash';
import { SDCard } from './devices/sdcard';
import { SpiFlash } from './devices/spiflash';
import { StorageVolume } from './devices/storage/volume';
import { Flash as LeanFlash, StorageVolume as LeanStorage } from './lean/device';
import type { SimWiring } from './sim/board';
import { chips } from './sim/chips';

export * from './boot/host';
export { type FlashArea, type Native, type NativeFlash, native } from './devices/native';
export type { SDCardOptions } from './devices/sdcard';
export type { SpiFlashConstructor, SpiFlashDevice, SpiFlashOptions } from './devices/spiflash';
export type { StorageVolumeConstructor, StorageVolumeDevice, StorageVolumeOptions } from './devices/storage/volume';
export type { FlashWindow, WindowOptions } from './devices/window';
export { exfat, Flash, fat, firmwareCard, littlefs2, SDCard, SpiFlash, StorageVolume, VfsExFat, VfsFat, VfsLfs2, VfsNative, VfsStorage };

export const nrf52: BoardDescription = {
  name: 'nrf52',
  volumes: [
    {
      point: '/flash',
      devices: ['storage', 'flash'],
      format: 'VfsLfs2.mkfs(new v.Flash())',
    },
  ],
  open: function (name: string): BlockDevice {
    return name === 'storage' ? new StorageVolume() : new Flash();
  },
  create: StorageVolume.create,
  drivers: [littlefs2],
  module: 'nrf',
  unit: 4,
};

export const bundles: Bundles = {
  '': { names: { VfsLfs2, Flash, StorageVolume } },
  '-sd': { names: { VfsFat, VfsExFat, VfsStorage, SDCard, SpiFlash }, drivers: [exfat, fat], faces: true },
  '-ro': { names: { VfsLfs2, Flash }, drivers: [littlefs2], alone: true, without: ['write', 'alone', 'drivers', 'foreign'] },
  '-small': {
    names: {},
    small: { storage: { StorageVolume: LeanStorage }, flash: { Flash: LeanFlash } },
    single: true,
    without: ['engines'],
  },
  '-native': { names: { VfsNative }, drivers: [], alone: true, without: ['alone', 'drivers', 'foreign'] },
  '-card': { names: { VfsNative }, drivers: [], alone: true, card: firmwareCard, without: ['alone', 'drivers', 'foreign', 'mkfs'] },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(nrf52, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 19000, functions: 155, parameters: 280 },
  'vfs-parts.min.js': { bytes: 60500, functions: 390, parameters: 710 },
  'vfs.min.js': { bytes: 74200, functions: 500, parameters: 925 },
  'vfs-resident-sd.min.js': { bytes: 46100, functions: 370, parameters: 605 },
  'vfs-parts-sd.min.js': { bytes: 145900, functions: 1005, parameters: 1720 },
  'vfs-sd.min.js': { bytes: 181700, functions: 1290, parameters: 2195 },
  'vfs-resident-ro.min.js': { bytes: 17600, functions: 145, parameters: 240 },
  'vfs-parts-ro.min.js': { bytes: 15000, functions: 105, parameters: 155 },
  'vfs-ro.min.js': { bytes: 29900, functions: 220, parameters: 365 },
  'vfs-resident-native.min.js': { bytes: 8100, functions: 70, parameters: 105 },
  'vfs-parts-native.min.js': { bytes: 11700, functions: 90, parameters: 145 },
  'vfs-small.min.js': { bytes: 20900, functions: 145, parameters: 220 },
  'vfs-native.min.js': { bytes: 17200, functions: 130, parameters: 215 },
  'vfs-resident-card.min.js': { bytes: 9000, functions: 75, parameters: 115 },
  'vfs-parts-card.min.js': { bytes: 21600, functions: 135, parameters: 235 },
  'vfs-card.min.js': { bytes: 27600, functions: 185, parameters: 315 },
};

export const sim: SimWiring = { chip: chips.nrf52832, chips: ['bangle2', 'bangle2stock', 'jolt'], leds: 3 };
