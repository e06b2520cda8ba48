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
  'vfs-resident.min.js': { bytes: 25900, functions: 185, parameters: 285 },
  'vfs-parts.min.js': { bytes: 57900, functions: 300, parameters: 565 },
  'vfs.min.js': { bytes: 78000, functions: 410, parameters: 745 },
  'vfs-resident-sd.min.js': { bytes: 39900, functions: 300, parameters: 455 },
  'vfs-parts-sd.min.js': { bytes: 113200, functions: 725, parameters: 1220 },
  'vfs-sd.min.js': { bytes: 143100, functions: 885, parameters: 1465 },
  'vfs-resident-all.min.js': { bytes: 74900, functions: 560, parameters: 910 },
  'vfs-parts-all.min.js': { bytes: 146000, functions: 920, parameters: 1550 },
  'vfs-all.min.js': { bytes: 207600, functions: 1305, parameters: 2195 },
  'vfs-resident-ro.min.js': { bytes: 20700, functions: 155, parameters: 220 },
  'vfs-parts-ro.min.js': { bytes: 17200, functions: 100, parameters: 155 },
  'vfs-ro.min.js': { bytes: 34500, functions: 200, parameters: 330 },
  'vfs-resident-native.min.js': { bytes: 8200, functions: 65, parameters: 85 },
  'vfs-parts-native.min.js': { bytes: 11700, functions: 85, parameters: 135 },
  'vfs-native.min.js': { bytes: 16900, functions: 115, parameters: 180 },
  'vfs-resident-card.min.js': { bytes: 9100, functions: 75, parameters: 90 },
  'vfs-parts-card.min.js': { bytes: 21800, functions: 125, parameters: 210 },
  'vfs-card.min.js': { bytes: 27300, functions: 155, parameters: 255 },
};

export const sim: SimWiring = {
  chip: chips.stm32f405,
  chips: ['stm32f411', 'stm32l496'],
  leds: 4,
};
