/** The STM32: the sectors of its flash as a log of blocks. */
import type { BlockDevice } from '../modules/contract/filesystem';
import * as checking from '../modules/fat/check/fsck.lazy';
import * as formatting from '../modules/fat/format.lazy';
import * as remaking from '../modules/fat/remake.lazy';
import { fat, VfsFat } from '../modules/fat/vfsfat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { SDCard } from './devices/sdcard';
import * as beginning from './devices/stm32/begin.lazy';
import { Flash } from './devices/stm32/flash';
import type { SimWiring } from './sim/board';
import { chips } from './sim/chips';

export * from './boot/host';
export { type FlashArea, type Native, type NativeFlash, native } from './devices/native';
export type { SDCardOptions } from './devices/sdcard';
export type { WindowOptions } from './devices/window';
export { Flash, fat, littlefs2, SDCard, VfsFat, VfsLfs2 };

// The device goes without labels.
VfsFat.mkfs = fat.mkfs = formatting.format;
VfsFat.fsck = checking.fsckFat;
fat.remake = remaking.remake;

export const stm32: BoardDescription = {
  name: 'stm32',
  volumes: [{ point: '/flash', devices: ['flash'], format: 'VfsFat.mkfs(new v.Flash({}))' }],
  open: function (): BlockDevice {
    return new Flash(beginning.firstWindow());
  },
  drivers: [fat],
  module: 'pyb',
};

export const bundles: Bundles = {
  '': { names: { VfsFat, Flash, SDCard } },
  '-all': { fs: true, names: { VfsLfs2 }, drivers: [littlefs2] },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(stm32, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 25700, functions: 195, parameters: 340 },
  'vfs-parts.min.js': { bytes: 48200, functions: 225, parameters: 410 },
  'vfs.min.js': { bytes: 67900, functions: 390, parameters: 705 },
};

export const sim: SimWiring = { chip: chips.stm32f405, leds: 4 };
