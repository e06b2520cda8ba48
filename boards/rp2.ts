/** RP2040 and RP2350. */
import type { BlockDevice } from '../modules/contract/filesystem';
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { Rp2Flash as Flash } from './devices/flash';
import { SDCard } from './devices/sdcard';
import type { SimWiring } from './sim/board';
import { chips } from './sim/chips';

export * from './boot/host';
export { type FlashArea, type Native, type NativeFlash, native } from './devices/native';
export type { SDCardOptions } from './devices/sdcard';
export type { FlashWindow, WindowOptions } from './devices/window';
export { Flash, fat, littlefs2, SDCard, VfsFat, VfsLfs2 };

export const rp2: BoardDescription = {
  name: 'rp2',
  volumes: [{ point: '/', devices: ['flash'], format: 'VfsLfs2.mkfs(new v.Flash())' }],
  open: function (): BlockDevice {
    return new Flash();
  },
  drivers: [littlefs2],
};

export const bundles: Bundles = {
  '': { names: { VfsLfs2, Flash } },
  '-all': { names: { VfsFat, SDCard }, drivers: [fat], descriptors: true },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(rp2, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 21100, functions: 183, parameters: 325 },
  'vfs-parts.min.js': { bytes: 41900, functions: 250, parameters: 420 },
  'vfs.min.js': { bytes: 57700, functions: 395, parameters: 700 },
};

export const sim: SimWiring = { chip: chips.rp2040vfs, leds: 1 };
