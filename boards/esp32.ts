/** The ESP32 family: a partition of its flash. */
import { exfat, VfsExFat } from '../modules/exfat';
import { fat, VfsFat } from '../modules/fat';
import { levelledFat } from '../modules/fat/levelled';
import { littlefs1, VfsLfs1 } from '../modules/littlefs1';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { VfsOverlay } from '../modules/overlay';
import { type RomIoctl, romIoctl } from '../modules/romfs/ioctl';
import { romfs, VfsRom } from '../modules/romfs/vfsrom';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { Partition } from './devices/esp32/partition';
import { romPlaces } from './devices/rom';
import { SDCard } from './devices/sdcard';
import type { SimWiring } from './sim/board';

export * from './boot/host';
export { type FlashArea, type NativeFlash, native } from './devices/esp32/native';
export type { PartitionOptions, PartitionQuery } from './devices/esp32/partition';
export type { PartitionInfo } from './devices/esp32/table.lazy';
export type { SDCardOptions } from './devices/sdcard';
export { exfat, fat, levelledFat, littlefs1, littlefs2, Partition, romfs, SDCard, VfsExFat, VfsFat, VfsLfs1, VfsLfs2, VfsOverlay, VfsRom };

export const esp32: BoardDescription = {
  name: 'esp32',
  volumes: [{ point: '/', devices: ['vfs'], format: "VfsLfs2.mkfs(new v.Partition('vfs'))" }],
  bdev: true,
  open: function (name: string): Partition {
    return new Partition(name);
  },
  drivers: [littlefs2],
};

/** Partitions for images of ROMFS, by their labels. */
const ROMS = ['romfs'];

/** MicroPython's `vfs.rom_ioctl`. */
export const rom_ioctl: RomIoctl = function (op, id, first, second) {
  return romIoctl(romPlaces(esp32.open, ROMS))(op, id, first, second);
};

export const bundles: Bundles = {
  '': { names: { VfsLfs2, Partition } },
  '-sd': { names: { VfsFat, VfsExFat, SDCard }, drivers: [exfat, fat] },
  '-all': {
    names: { VfsLfs1, VfsRom, VfsExFat, VfsFat, VfsOverlay, SDCard, rom_ioctl },
    drivers: [littlefs1, romfs, exfat, levelledFat, fat],
    roms: ROMS,
    seldom: true,
  },
  '-ro': { names: { VfsLfs2, Partition }, drivers: [littlefs2], alone: true, without: ['write', 'alone', 'foreign'], seldom: true },
  '-fat': { names: { VfsFat }, drivers: [fat], alone: true },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(esp32, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 19500, functions: 160, parameters: 285 },
  'vfs-parts.min.js': { bytes: 38100, functions: 232, parameters: 410 },
  'vfs.min.js': { bytes: 53800, functions: 358, parameters: 650 },
  'vfs-resident-fat.min.js': { bytes: 17200, functions: 142, parameters: 216 },
  'vfs-parts-fat.min.js': { bytes: 35500, functions: 195, parameters: 350 },
  'vfs-fat.min.js': { bytes: 49500, functions: 305, parameters: 520 },
  'vfs-resident-sd.min.js': { bytes: 45800, functions: 370, parameters: 600 },
  'vfs-parts-sd.min.js': { bytes: 76500, functions: 400, parameters: 695 },
  'vfs-sd.min.js': { bytes: 113300, functions: 720, parameters: 1240 },
  'vfs-resident-all.min.js': { bytes: 73500, functions: 590, parameters: 990 },
  'vfs-parts-all.min.js': { bytes: 81900, functions: 425, parameters: 735 },
  'vfs-all.min.js': { bytes: 145400, functions: 965, parameters: 1670 },
  'vfs-resident-ro.min.js': { bytes: 19100, functions: 165, parameters: 270 },
  'vfs-parts-ro.min.js': { bytes: 10800, functions: 55, parameters: 80 },
  'vfs-ro.min.js': { bytes: 26900, functions: 195, parameters: 310 },
};

/** Espruino has a `Flash` of its own here, over chips of many sizes. */
export const sim: SimWiring = { geometry: { size: 0x400000, eraseSize: 4096, progSize: 4 }, partitioned: true, leds: 0 };
