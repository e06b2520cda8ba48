/** The ESP32 family: a partition of its flash. */
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { Partition } from './devices/esp32/partition';
import { SDCard } from './devices/sdcard';
import type { SimWiring } from './sim/board';

export * from './boot/host';
export { type FlashArea, type NativeFlash, native } from './devices/esp32/native';
export type { PartitionOptions, PartitionQuery } from './devices/esp32/partition';
export type { PartitionInfo } from './devices/esp32/table.lazy';
export type { SDCardOptions } from './devices/sdcard';
export { fat, littlefs2, Partition, SDCard, VfsFat, VfsLfs2 };

export const esp32: BoardDescription = {
  name: 'esp32',
  volumes: [{ point: '/', devices: ['vfs'], format: "VfsLfs2.mkfs(new v.Partition('vfs'))" }],
  bdev: true,
  open: function (name: string): Partition {
    return new Partition(name);
  },
  drivers: [littlefs2],
};

export const bundles: Bundles = {
  '': { names: { VfsLfs2, Partition } },
  '-all': { fs: true, names: { VfsFat, SDCard }, drivers: [fat] },
  '-fat': { names: { VfsFat }, drivers: [fat], alone: true },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(esp32, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 20600, functions: 175, parameters: 315 },
  'vfs-parts.min.js': { bytes: 37900, functions: 215, parameters: 365 },
  'vfs.min.js': { bytes: 53500, functions: 355, parameters: 640 },
  'vfs-resident-fat.min.js': { bytes: 18200, functions: 155, parameters: 235 },
  'vfs-parts-fat.min.js': { bytes: 35600, functions: 185, parameters: 330 },
  'vfs-fat.min.js': { bytes: 49100, functions: 305, parameters: 520 },
};

/** Espruino has a `Flash` of its own here, over chips of many sizes. */
export const sim: SimWiring = { geometry: { size: 0x400000, eraseSize: 4096, progSize: 4 }, partitioned: true, leds: 0 };
