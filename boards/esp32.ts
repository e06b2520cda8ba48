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
  '-all': { names: { VfsFat, SDCard }, drivers: [fat], descriptors: true },
  '-fat': { names: { VfsFat }, drivers: [fat], alone: true },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(esp32, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 20900, functions: 178, parameters: 320 },
  'vfs-parts.min.js': { bytes: 42900, functions: 255, parameters: 425 },
  'vfs.min.js': { bytes: 58500, functions: 395, parameters: 705 },
  'vfs-resident-fat.min.js': { bytes: 18500, functions: 158, parameters: 240 },
  'vfs-parts-fat.min.js': { bytes: 41200, functions: 225, parameters: 390 },
  'vfs-fat.min.js': { bytes: 54100, functions: 345, parameters: 585 },
};

/** Espruino has a `Flash` of its own here, over chips of many sizes. */
export const sim: SimWiring = { geometry: { size: 0x400000, eraseSize: 4096, progSize: 4 }, partitioned: true, leds: 0 };
