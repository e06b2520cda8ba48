/** RP2040 and RP2350. */
import type { BlockDevice } from '../modules/contract/filesystem';
import { exfat, VfsExFat } from '../modules/exfat';
import { fat, VfsFat } from '../modules/fat';
import { levelledFat } from '../modules/fat/levelled';
import { littlefs1, VfsLfs1 } from '../modules/littlefs1';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { VfsOverlay } from '../modules/overlay';
import { romfs, VfsRom } from '../modules/romfs/vfsrom';
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
export { exfat, Flash, fat, levelledFat, littlefs1, littlefs2, romfs, SDCard, VfsExFat, VfsFat, VfsLfs1, VfsLfs2, VfsOverlay, VfsRom };

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
  '-sd': { names: { VfsFat, VfsExFat, SDCard }, drivers: [exfat, fat], seldom: true },
  '-all': {
    names: { VfsLfs1, VfsRom, VfsExFat, VfsFat, VfsOverlay, SDCard },
    drivers: [littlefs1, romfs, exfat, levelledFat, fat],
    seldom: true,
  },
  '-ro': { names: { VfsLfs2, Flash }, drivers: [littlefs2], alone: true, without: ['write', 'alone', 'foreign'], seldom: true },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(rp2, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 19700, functions: 163, parameters: 290 },
  'vfs-parts.min.js': { bytes: 37100, functions: 230, parameters: 402 },
  'vfs.min.js': { bytes: 53100, functions: 358, parameters: 648 },
  'vfs-resident-sd.min.js': { bytes: 46000, functions: 370, parameters: 610 },
  'vfs-parts-sd.min.js': { bytes: 75500, functions: 395, parameters: 685 },
  'vfs-sd.min.js': { bytes: 112600, functions: 720, parameters: 1240 },
  'vfs-resident-all.min.js': { bytes: 72500, functions: 585, parameters: 980 },
  'vfs-parts-all.min.js': { bytes: 80400, functions: 420, parameters: 720 },
  'vfs-all.min.js': { bytes: 143100, functions: 960, parameters: 1645 },
  'vfs-resident-ro.min.js': { bytes: 19100, functions: 165, parameters: 275 },
  'vfs-parts-ro.min.js': { bytes: 9600, functions: 55, parameters: 70 },
  'vfs-ro.min.js': { bytes: 25700, functions: 195, parameters: 310 },
};

export const sim: SimWiring = { chip: chips.rp2040vfs, leds: 1 };
