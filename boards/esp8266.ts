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
  '-small': { names: {}, small: { bdev: { bdev: LeanFlash } }, without: ['engines'] },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(esp8266, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 18700, functions: 145, parameters: 230 },
  'vfs-parts.min.js': { bytes: 54600, functions: 335, parameters: 600 },
  'vfs.min.js': { bytes: 66700, functions: 380, parameters: 690 },
  'vfs-resident-sd.min.js': { bytes: 45400, functions: 350, parameters: 530 },
  'vfs-parts-sd.min.js': { bytes: 135300, functions: 860, parameters: 1460 },
  'vfs-sd.min.js': { bytes: 168500, functions: 1035, parameters: 1730 },
  'vfs-resident-ro.min.js': { bytes: 17500, functions: 135, parameters: 210 },
  'vfs-parts-ro.min.js': { bytes: 15100, functions: 95, parameters: 140 },
  'vfs-resident-small.min.js': { bytes: 13500, functions: 95, parameters: 145 },
  'vfs-parts-small.min.js': { bytes: 8400, functions: 45, parameters: 65 },
  'vfs-small.min.js': { bytes: 20000, functions: 125, parameters: 190 },
  'vfs-ro.min.js': { bytes: 29300, functions: 180, parameters: 295 },
};

export const sim: SimWiring = { chip: chips.esp8266, leds: 0 };
