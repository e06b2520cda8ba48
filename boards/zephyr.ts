/** Zephyr: an area of its flash map, and its disks. */
import { ENOENT, vfsError } from '../modules/contract/errno';
import type { BlockDevice } from '../modules/contract/filesystem';
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
import { romPlaces } from './devices/rom';
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
export {
  DiskAccess,
  exfat,
  FlashArea,
  fat,
  levelledFat,
  littlefs1,
  littlefs2,
  romfs,
  useAreas,
  VfsExFat,
  VfsFat,
  VfsLfs1,
  VfsLfs2,
  VfsOverlay,
  VfsRom,
};

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

/** Areas for images of ROMFS, by their labels. */
const ROMS = ['romfs'];

/** MicroPython's `vfs.rom_ioctl`. */
export const rom_ioctl: RomIoctl = function (op, id, first, second) {
  return romIoctl(romPlaces(zephyr.open, ROMS))(op, id, first, second);
};

export const bundles: Bundles = {
  '': { names: { VfsLfs2, FlashArea, useZephyr: useAreas, ecma419, espruinoZephyr } },
  '-sd': { names: { VfsFat, VfsExFat, DiskAccess, useZephyr }, drivers: [exfat, fat] },
  '-all': {
    names: { VfsLfs1, VfsRom, VfsExFat, VfsFat, VfsOverlay, DiskAccess, useZephyr, rom_ioctl },
    drivers: [littlefs1, romfs, exfat, levelledFat, fat],
    roms: ROMS,
    seldom: true,
  },
  '-ro': {
    names: { VfsLfs2, FlashArea, useZephyr: useAreas, ecma419, espruinoZephyr },
    drivers: [littlefs2],
    alone: true,
    without: ['write', 'alone', 'foreign'],
    seldom: true,
  },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(zephyr, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 20000, functions: 162, parameters: 286 },
  'vfs-parts.min.js': { bytes: 38100, functions: 248, parameters: 425 },
  'vfs.min.js': { bytes: 54300, functions: 370, parameters: 662 },
  'vfs-resident-sd.min.js': { bytes: 44500, functions: 365, parameters: 585 },
  'vfs-parts-sd.min.js': { bytes: 75500, functions: 410, parameters: 705 },
  'vfs-sd.min.js': { bytes: 110900, functions: 725, parameters: 1230 },
  'vfs-resident-all.min.js': { bytes: 72200, functions: 585, parameters: 970 },
  'vfs-parts-all.min.js': { bytes: 80900, functions: 435, parameters: 750 },
  'vfs-all.min.js': { bytes: 143100, functions: 975, parameters: 1660 },
  'vfs-resident-ro.min.js': { bytes: 19200, functions: 165, parameters: 270 },
  'vfs-parts-ro.min.js': { bytes: 10700, functions: 70, parameters: 95 },
  'vfs-ro.min.js': { bytes: 26800, functions: 205, parameters: 325 },
};

/** The upper half of a chip; what is in the slot of the card is the disk `SD`. */
export const sim: SimWiring = {
  geometry: { size: 0x100000, eraseSize: 4096, progSize: 4 },
  areas: [{ label: 'storage', addr: 0x80000, size: 0x80000 }],
  leds: 2,
};
