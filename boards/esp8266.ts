/** The ESP8266. */
import type { BlockDevice } from '../modules/contract/filesystem';
import { exfat, VfsExFat } from '../modules/exfat';
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { bdev } from './devices/flash';
import { SDCard } from './devices/sdcard';
import { SpiFlash } from './devices/spiflash';
import { Flash as LeanFlash } from './lean/device';
import type { SimWiring } from './sim/board';
import { chips } from './sim/chips';

export * from './boot/host';
export { type FlashArea, type Native, type NativeFlash, native } from './devices/native';
export type { SDCardOptions } from './devices/sdcard';
export type { SpiFlashConstructor, SpiFlashDevice, SpiFlashOptions } from './devices/spiflash';
export type { FlashWindow, WindowOptions } from './devices/window';
export { bdev, exfat, fat, littlefs2, SDCard, SpiFlash, VfsExFat, VfsFat, VfsLfs2 };

export const esp8266: BoardDescription = {
  name: 'esp8266',
  volumes: [{ point: '/', devices: ['bdev'], format: 'VfsLfs2.mkfs(v.bdev())' }],
  bdev: true,
  open: function (): BlockDevice {
    return bdev();
  },
  drivers: [littlefs2],
};

export const bundles: Bundles = {
  '': { names: { VfsLfs2, bdev } },
  '-sd': { names: { VfsFat, VfsExFat, SDCard, SpiFlash }, drivers: [exfat, fat], faces: true },
  '-ro': { names: { VfsLfs2, bdev }, drivers: [littlefs2], alone: true, without: ['write', 'alone', 'drivers', 'foreign'] },
  '-small': { names: { bdev: LeanFlash }, small: true, without: ['engines'] },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(esp8266, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 19500, functions: 165, parameters: 290 },
  'vfs-parts.min.js': { bytes: 53100, functions: 350, parameters: 630 },
  'vfs.min.js': { bytes: 67700, functions: 465, parameters: 860 },
  'vfs-resident-sd.min.js': { bytes: 46400, functions: 375, parameters: 610 },
  'vfs-parts-sd.min.js': { bytes: 133600, functions: 915, parameters: 1560 },
  'vfs-sd.min.js': { bytes: 170100, functions: 1205, parameters: 2045 },
  'vfs-resident-ro.min.js': { bytes: 17800, functions: 155, parameters: 240 },
  'vfs-parts-ro.min.js': { bytes: 14600, functions: 95, parameters: 150 },
  'vfs-resident-small.min.js': { bytes: 13600, functions: 105, parameters: 160 },
  'vfs-parts-small.min.js': { bytes: 8300, functions: 50, parameters: 65 },
  'vfs-small.min.js': { bytes: 20200, functions: 145, parameters: 215 },
  'vfs-ro.min.js': { bytes: 29700, functions: 215, parameters: 365 },
};

export const sim: SimWiring = { chip: chips.esp8266, leds: 0 };
