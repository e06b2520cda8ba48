/** The ESP8266. */
import type { BlockDevice } from '../modules/contract/filesystem';
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
export { bdev, fat, littlefs2, SDCard, VfsFat, VfsLfs2 };

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
  '-all': { fs: true, names: { VfsFat, SDCard }, drivers: [fat] },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(esp8266, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 20800, functions: 180, parameters: 320 },
  'vfs-parts.min.js': { bytes: 36900, functions: 210, parameters: 360 },
  'vfs.min.js': { bytes: 52700, functions: 355, parameters: 635 },
};

export const sim: SimWiring = { chip: chips.esp8266, leds: 0 };
