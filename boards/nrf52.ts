/** The nRF52: Puck.js, Bangle.js, Pixl.js. */
import type { BlockDevice } from '../modules/contract/filesystem';
import { exfat, VfsExFat } from '../modules/exfat';
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { VfsNative } from '../modules/native';
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
export { exfat, Flash, fat, littlefs2, SDCard, SpiFlash, StorageVolume, VfsExFat, VfsFat, VfsLfs2, VfsNative, VfsStorage };

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
  '-small': { names: { StorageVolume: LeanStorage, Flash: LeanFlash }, small: true, single: true, without: ['engines'] },
  '-native': { names: { VfsNative }, drivers: [], alone: true, without: ['alone', 'drivers', 'foreign'] },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(nrf52, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 19700, functions: 165, parameters: 295 },
  'vfs-parts.min.js': { bytes: 59400, functions: 380, parameters: 690 },
  'vfs.min.js': { bytes: 73900, functions: 495, parameters: 920 },
  'vfs-resident-sd.min.js': { bytes: 46800, functions: 380, parameters: 615 },
  'vfs-parts-sd.min.js': { bytes: 144900, functions: 990, parameters: 1700 },
  'vfs-sd.min.js': { bytes: 181100, functions: 1280, parameters: 2185 },
  'vfs-resident-ro.min.js': { bytes: 17800, functions: 155, parameters: 240 },
  'vfs-parts-ro.min.js': { bytes: 14600, functions: 95, parameters: 150 },
  'vfs-ro.min.js': { bytes: 29700, functions: 215, parameters: 365 },
  'vfs-resident-native.min.js': { bytes: 8100, functions: 70, parameters: 110 },
  'vfs-parts-native.min.js': { bytes: 11600, functions: 90, parameters: 145 },
  'vfs-small.min.js': { bytes: 20900, functions: 145, parameters: 220 },
  'vfs-native.min.js': { bytes: 17200, functions: 130, parameters: 220 },
};

export const sim: SimWiring = { chip: chips.nrf52832, chips: ['bangle2', 'bangle2stock', 'jolt'], leds: 3 };
