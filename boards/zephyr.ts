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
  'vfs-resident.min.js': { bytes: 18900, functions: 145, parameters: 220 },
  'vfs-parts.min.js': { bytes: 55600, functions: 350, parameters: 620 },
  'vfs.min.js': { bytes: 67800, functions: 395, parameters: 700 },
  'vfs-resident-sd.min.js': { bytes: 43600, functions: 340, parameters: 500 },
  'vfs-parts-sd.min.js': { bytes: 131100, functions: 850, parameters: 1430 },
  'vfs-sd.min.js': { bytes: 162700, functions: 1020, parameters: 1675 },
  'vfs-resident-all.min.js': { bytes: 71900, functions: 545, parameters: 865 },
  'vfs-parts-all.min.js': { bytes: 135900, functions: 880, parameters: 1470 },
  'vfs-all.min.js': { bytes: 195100, functions: 1250, parameters: 2075 },
  'vfs-resident-moddable.min.js': { bytes: 30300, functions: 230, parameters: 350 },
  'vfs-parts-moddable.min.js': { bytes: 70000, functions: 400, parameters: 720 },
  'vfs-moddable.min.js': { bytes: 93000, functions: 535, parameters: 945 },
  'vfs-resident-ro.min.js': { bytes: 17500, functions: 135, parameters: 200 },
  'vfs-parts-ro.min.js': { bytes: 16100, functions: 110, parameters: 160 },
  'vfs-ro.min.js': { bytes: 30300, functions: 195, parameters: 305 },
};

/** The upper half of a chip; what is in the slot of the card is the disk `SD`. */
export const sim: SimWiring = {
  geometry: { size: 0x100000, eraseSize: 4096, progSize: 4 },
  areas: [{ label: 'storage', addr: 0x80000, size: 0x80000 }],
  leds: 2,
};
