/** Zephyr: an area of its flash map, and its disks. */
import { ENOENT, vfsError } from '../modules/contract/errno';
import type { BlockDevice } from '../modules/contract/filesystem';
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { bootOnHost } from './boot/host';
import type { BoardDescription, Boot, Budgets, Bundles } from './boot/types';
import { useDisks } from './devices/zephyr/application';
import { DiskAccess } from './devices/zephyr/diskaccess';
import * as ecma from './devices/zephyr/ecma419.lazy';
import * as espruino from './devices/zephyr/espruino.lazy';
import { FlashArea, useAreas } from './devices/zephyr/flasharea';
import type { NativeZephyr } from './devices/zephyr/native';
import type { SimWiring } from './sim/board';

export * from './boot/host';
export { native } from './devices/native';
export type { EcmaFlash, EcmaPartition } from './devices/zephyr/ecma419.lazy';
export type { AreaTable, NativeDisk, NativeFlashArea, NativeZephyr } from './devices/zephyr/native';
export { DiskAccess, FlashArea, fat, littlefs2, useAreas, VfsFat, VfsLfs2 };

export const ecma419 = ecma.ecma419;
export const espruinoZephyr = espruino.espruinoZephyr;

export const zephyr: BoardDescription = {
  name: 'zephyr',
  volumes: [
    {
      point: '/flash',
      devices: ['storage'],
      format: 'VfsLfs2.mkfs(new v.FlashArea(v.FlashArea.areas.storage[0], 4096))',
    },
  ],
  open: function (name: string): BlockDevice {
    const area = FlashArea.areas[name];
    if (!area) throw vfsError(ENOENT, 'FlashArea', name);
    return new FlashArea(area[0], area[1]);
  },
  drivers: [littlefs2],
};

/** Puts the application under the board's code, and fills `FlashArea.areas` and `DiskAccess.disks`. Booting mounts each disk. */
export function useZephyr(application: NativeZephyr): void {
  zephyr.further = useDisks(application);
}

export const bundles: Bundles = {
  '': { names: { VfsLfs2, FlashArea, useZephyr: useAreas, ecma419, espruinoZephyr } },
  '-all': { fs: true, names: { VfsFat, DiskAccess, useZephyr }, drivers: [fat] },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(zephyr, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 21000, functions: 180, parameters: 315 },
  'vfs-parts.min.js': { bytes: 38000, functions: 230, parameters: 385 },
  'vfs.min.js': { bytes: 53900, functions: 370, parameters: 650 },
};

/** The upper half of a chip; what is in the slot of the card is the disk `SD`. */
export const sim: SimWiring = {
  geometry: { size: 0x100000, eraseSize: 4096, progSize: 4 },
  areas: [{ label: 'storage', addr: 0x80000, size: 0x80000 }],
  leds: 2,
};
