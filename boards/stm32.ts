/** The STM32: the sectors of its flash as a log of blocks. */
import type { BlockDevice } from '../modules/contract/filesystem';
import { exfat, VfsExFat } from '../modules/exfat';
import * as checking from '../modules/fat/check/fsck.lazy';
import * as formatting from '../modules/fat/format.lazy';
import { levelledFat } from '../modules/fat/levelled';
import * as remaking from '../modules/fat/remake.lazy';
import { fat, VfsFat } from '../modules/fat/vfsfat';
import { littlefs1, VfsLfs1 } from '../modules/littlefs1';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { firmwareCard, VfsNative } from '../modules/native';
import { VfsOverlay } from '../modules/overlay';
import { romfs, VfsRom } from '../modules/romfs/vfsrom';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { SDCard } from './devices/sdcard';
import { SpiFlash } from './devices/spiflash';
import * as beginning from './devices/stm32/begin.lazy';
import { Flash } from './devices/stm32/flash';
import type { SimWiring } from './sim/board';
import { chips } from './sim/chips';

export * from './boot/host';
export { type FlashArea, type Native, type NativeFlash, native } from './devices/native';
export type { SDCardOptions } from './devices/sdcard';
export type { SpiFlashConstructor, SpiFlashDevice, SpiFlashOptions } from './devices/spiflash';
export type { WindowOptions } from './devices/window';
export {
  exfat,
  Flash,
  fat,
  firmwareCard,
  levelledFat,
  littlefs1,
  littlefs2,
  romfs,
  SDCard,
  SpiFlash,
  VfsExFat,
  VfsFat,
  VfsLfs1,
  VfsLfs2,
  VfsNative,
  VfsOverlay,
  VfsRom,
};

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
  // Double words of the L4, and half words or words of others.
  unit: 8,
};

export const bundles: Bundles = {
  '': { names: { VfsFat, Flash, SDCard } },
  '-sd': { names: { VfsExFat, VfsNative, SpiFlash }, drivers: [exfat], faces: true, further: { sd: firmwareCard } },
  '-all': {
    names: { VfsLfs2, VfsLfs1, VfsRom, VfsExFat, VfsNative, VfsOverlay, SpiFlash },
    drivers: [levelledFat, fat, littlefs2, littlefs1, romfs, exfat],
    faces: true,
    further: { sd: firmwareCard },
  },
  '-ro': {
    names: { VfsFat, Flash },
    drivers: [fat],
    alone: true,
    without: ['write', 'check', 'alone', 'drivers', 'foreign'],
  },
  '-native': { names: { VfsNative }, drivers: [], alone: true, without: ['alone', 'drivers', 'foreign'] },
  '-card': { names: { VfsNative }, drivers: [], alone: true, card: firmwareCard, without: ['alone', 'drivers', 'foreign', 'mkfs'] },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(stm32, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 25600, functions: 190, parameters: 325 },
  'vfs-parts.min.js': { bytes: 58000, functions: 330, parameters: 605 },
  'vfs.min.js': { bytes: 78800, functions: 475, parameters: 870 },
  'vfs-resident-sd.min.js': { bytes: 40000, functions: 310, parameters: 505 },
  'vfs-parts-sd.min.js': { bytes: 113000, functions: 790, parameters: 1325 },
  'vfs-sd.min.js': { bytes: 144600, functions: 1020, parameters: 1710 },
  'vfs-resident-all.min.js': { bytes: 75400, functions: 595, parameters: 1015 },
  'vfs-parts-all.min.js': { bytes: 145500, functions: 995, parameters: 1670 },
  'vfs-all.min.js': { bytes: 210100, functions: 1505, parameters: 2555 },
  'vfs-resident-ro.min.js': { bytes: 20700, functions: 165, parameters: 245 },
  'vfs-parts-ro.min.js': { bytes: 16900, functions: 100, parameters: 160 },
  'vfs-ro.min.js': { bytes: 34700, functions: 230, parameters: 385 },
  'vfs-resident-native.min.js': { bytes: 8100, functions: 70, parameters: 105 },
  'vfs-parts-native.min.js': { bytes: 11600, functions: 90, parameters: 145 },
  'vfs-native.min.js': { bytes: 17200, functions: 130, parameters: 215 },
  'vfs-resident-card.min.js': { bytes: 9000, functions: 75, parameters: 115 },
  'vfs-parts-card.min.js': { bytes: 21600, functions: 135, parameters: 235 },
  'vfs-card.min.js': { bytes: 27600, functions: 185, parameters: 315 },
};

export const sim: SimWiring = {
  chip: chips.stm32f405,
  chips: ['stm32f411', 'stm32l496'],
  leds: 4,
};
