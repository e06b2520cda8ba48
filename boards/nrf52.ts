/** The nRF52: Puck.js, Bangle.js, Pixl.js. */
import type { BlockDevice } from '../modules/contract/filesystem';
import { exfat, VfsExFat } from '../modules/exfat';
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { NrfFlash as Flash } from './devices/flash';
import { SDCard } from './devices/sdcard';
import { storageVolume } from './devices/storage/volume';
import type { SimWiring } from './sim/board';
import { chips } from './sim/chips';

export * from './boot/host';
export { type FlashArea, type Native, type NativeFlash, native } from './devices/native';
export type { SDCardOptions } from './devices/sdcard';
export type { StorageVolumeConstructor, StorageVolumeDevice, StorageVolumeOptions } from './devices/storage/volume';
export type { FlashWindow, WindowOptions } from './devices/window';
export { exfat, Flash, fat, littlefs2, SDCard, VfsExFat, VfsFat, VfsLfs2 };

/** Its words take two programs at most between two erases. */
export const StorageVolume = storageVolume(4);

export const nrf52: BoardDescription = {
  name: 'nrf52',
  volumes: [{ point: '/flash', devices: ['flash'], format: 'VfsLfs2.mkfs(new v.Flash())' }],
  open: function (): BlockDevice {
    return new Flash();
  },
  drivers: [littlefs2],
  module: 'nrf',
};

export const bundles: Bundles = {
  '': { names: { VfsLfs2, Flash, StorageVolume } },
  '-sd': { names: { VfsFat, VfsExFat, SDCard }, drivers: [exfat, fat], seldom: true },
  '-ro': { names: { VfsLfs2, Flash }, drivers: [littlefs2], alone: true, without: ['write', 'alone', 'foreign'], seldom: true },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(nrf52, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 19500, functions: 165, parameters: 290 },
  'vfs-parts.min.js': { bytes: 44800, functions: 280, parameters: 510 },
  'vfs.min.js': { bytes: 60100, functions: 400, parameters: 750 },
  'vfs-resident-sd.min.js': { bytes: 45700, functions: 370, parameters: 605 },
  'vfs-parts-sd.min.js': { bytes: 84300, functions: 490, parameters: 890 },
  'vfs-sd.min.js': { bytes: 123500, functions: 810, parameters: 1430 },
  'vfs-resident-ro.min.js': { bytes: 17600, functions: 155, parameters: 245 },
  'vfs-parts-ro.min.js': { bytes: 13900, functions: 85, parameters: 145 },
  'vfs-ro.min.js': { bytes: 29200, functions: 210, parameters: 360 },
};

export const sim: SimWiring = { chip: chips.nrf52832, leds: 3 };
