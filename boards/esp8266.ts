/** The ESP8266. */
import type { BlockDevice } from '../modules/contract/filesystem';
import { exfat, VfsExFat } from '../modules/exfat';
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { bdev } from './devices/flash';
import { SDCard } from './devices/sdcard';
import type { SimWiring } from './sim/board';
import { chips } from './sim/chips';

export * from './boot/host';
export { type FlashArea, type Native, type NativeFlash, native } from './devices/native';
export type { SDCardOptions } from './devices/sdcard';
export type { FlashWindow, WindowOptions } from './devices/window';
export { bdev, exfat, fat, littlefs2, SDCard, VfsExFat, VfsFat, VfsLfs2 };

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
  '-sd': { names: { VfsFat, VfsExFat, SDCard }, drivers: [exfat, fat], seldom: true },
  '-ro': { names: { VfsLfs2, bdev }, drivers: [littlefs2], alone: true, without: ['write', 'alone', 'foreign'], seldom: true },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(esp8266, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 19500, functions: 165, parameters: 295 },
  'vfs-parts.min.js': { bytes: 45300, functions: 280, parameters: 515 },
  'vfs.min.js': { bytes: 60600, functions: 405, parameters: 755 },
  'vfs-resident-sd.min.js': { bytes: 45600, functions: 370, parameters: 610 },
  'vfs-parts-sd.min.js': { bytes: 84800, functions: 495, parameters: 895 },
  'vfs-sd.min.js': { bytes: 124000, functions: 815, parameters: 1435 },
  'vfs-resident-ro.min.js': { bytes: 17600, functions: 155, parameters: 245 },
  'vfs-parts-ro.min.js': { bytes: 13900, functions: 85, parameters: 145 },
  'vfs-ro.min.js': { bytes: 29200, functions: 215, parameters: 360 },
};

export const sim: SimWiring = { chip: chips.esp8266, leds: 0 };
