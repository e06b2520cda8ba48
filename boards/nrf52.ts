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
  'vfs-resident.min.js': { bytes: 19000, functions: 150, parameters: 235 },
  'vfs-parts.min.js': { bytes: 61000, functions: 360, parameters: 655 },
  'vfs.min.js': { bytes: 72900, functions: 405, parameters: 740 },
  'vfs-resident-sd.min.js': { bytes: 45900, functions: 355, parameters: 540 },
  'vfs-parts-sd.min.js': { bytes: 146500, functions: 925, parameters: 1575 },
  'vfs-sd.min.js': { bytes: 179100, functions: 1095, parameters: 1830 },
  'vfs-resident-ro.min.js': { bytes: 17500, functions: 135, parameters: 210 },
  'vfs-parts-ro.min.js': { bytes: 15100, functions: 95, parameters: 140 },
  'vfs-ro.min.js': { bytes: 29300, functions: 180, parameters: 290 },
  'vfs-resident-native.min.js': { bytes: 8200, functions: 65, parameters: 85 },
  'vfs-parts-native.min.js': { bytes: 11700, functions: 85, parameters: 135 },
  'vfs-small.min.js': { bytes: 20700, functions: 125, parameters: 195 },
  'vfs-native.min.js': { bytes: 16900, functions: 115, parameters: 180 },
  'vfs-resident-card.min.js': { bytes: 9100, functions: 75, parameters: 90 },
  'vfs-parts-card.min.js': { bytes: 21800, functions: 125, parameters: 210 },
  'vfs-card.min.js': { bytes: 27300, functions: 155, parameters: 255 },
};

export const sim: SimWiring = { chip: chips.nrf52832, chips: ['bangle2', 'bangle2stock', 'jolt'], leds: 3 };
