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
import { SDCard } from './devices/sdcard';
import { useDisks } from './devices/zephyr/application';
import { DiskAccess } from './devices/zephyr/diskaccess';
import * as ecma from './devices/zephyr/ecma419.lazy';
import { ecma419Pin, ecma419Spi } from './devices/zephyr/ecma419-ports';
import * as espruino from './devices/zephyr/espruino.lazy';
import { FlashArea, useAreas } from './devices/zephyr/flasharea';
import type { NativeZephyr } from './devices/zephyr/native';
import type { SimWiring } from './sim/board';

export * from './boot/host';
export { native } from './devices/native';
export type { SDCardOptions } from './devices/sdcard';
export type { EcmaFlash, EcmaPartition } from './devices/zephyr/ecma419.lazy';
export type { EcmaDigital, EcmaSpi, EcmaSpiPort } from './devices/zephyr/ecma419-io';
export type { AreaTable, NativeDisk, NativeFlashArea, NativeZephyr } from './devices/zephyr/native';
export {
  DiskAccess,
  ecma419Pin,
  ecma419Spi,
  exfat,
  FlashArea,
  fat,
  levelledFat,
  littlefs1,
  littlefs2,
  romfs,
  SDCard,
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
  // The RRAM of an nRF54.
  unit: 16,
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
  '-sd': { names: { VfsFat, VfsExFat, DiskAccess, useZephyr }, drivers: [exfat, fat], faces: true },
  '-all': {
    names: { VfsLfs1, VfsRom, VfsExFat, VfsFat, VfsOverlay, DiskAccess, useZephyr, rom_ioctl },
    drivers: [littlefs1, romfs, exfat, levelledFat, fat],
    faces: true,
    roms: ROMS,
  },
  '-moddable': {
    names: { VfsLfs2, VfsFat, FlashArea, SDCard, useZephyr: useAreas, ecma419, ecma419Spi, ecma419Pin },
    drivers: [littlefs2, fat],
    alone: true,
    without: ['alone', 'drivers'],
  },
  '-ro': {
    names: { VfsLfs2, FlashArea, useZephyr: useAreas, ecma419, espruinoZephyr },
    drivers: [littlefs2],
    alone: true,
    without: ['write', 'alone', 'drivers', 'foreign'],
  },
};

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export const boot: Boot = bootOnHost(zephyr, bundles);

export const budget: Budgets = {
  'vfs-resident.min.js': { bytes: 19000, functions: 155, parameters: 270 },
  'vfs-parts.min.js': { bytes: 55200, functions: 380, parameters: 670 },
  'vfs.min.js': { bytes: 69100, functions: 485, parameters: 875 },
  'vfs-resident-sd.min.js': { bytes: 43900, functions: 355, parameters: 565 },
  'vfs-parts-sd.min.js': { bytes: 130600, functions: 925, parameters: 1550 },
  'vfs-sd.min.js': { bytes: 164800, functions: 1190, parameters: 1985 },
  'vfs-resident-all.min.js': { bytes: 72400, functions: 585, parameters: 970 },
  'vfs-parts-all.min.js': { bytes: 135300, functions: 950, parameters: 1585 },
  'vfs-all.min.js': { bytes: 197600, functions: 1445, parameters: 2430 },
  'vfs-resident-moddable.min.js': { bytes: 30200, functions: 245, parameters: 405 },
  'vfs-parts-moddable.min.js': { bytes: 69600, functions: 430, parameters: 770 },
  'vfs-moddable.min.js': { bytes: 94200, functions: 630, parameters: 1115 },
  'vfs-resident-ro.min.js': { bytes: 17700, functions: 145, parameters: 235 },
  'vfs-parts-ro.min.js': { bytes: 16000, functions: 120, parameters: 175 },
  'vfs-ro.min.js': { bytes: 30800, functions: 235, parameters: 375 },
};

/** The upper half of a chip; what is in the slot of the card is the disk `SD`. */
export const sim: SimWiring = {
  geometry: { size: 0x100000, eraseSize: 4096, progSize: 4 },
  areas: [{ label: 'storage', addr: 0x80000, size: 0x80000 }],
  leds: 2,
};
