/** Every board over a fresh simulated chip, for tests: the device's own code, as it is after power-on. */

import type { BoardDescription, BootReport, FurtherDevices } from '../boards/boot/types';
import { native } from '../boards/devices/native';
import * as esp32 from '../boards/esp32';
import * as esp8266 from '../boards/esp8266';
import * as nrf52 from '../boards/nrf52';
import * as rp2 from '../boards/rp2';
import type { SimDisk } from '../boards/sim';
import { type ChipDescription, chips, espruinoFlash, insertChip, NorFlash, simZephyr } from '../boards/sim';
import * as stm32 from '../boards/stm32';
import * as zephyr from '../boards/zephyr';
import { mount, umount } from '../modules/vfs';
import { rows, tableImage } from './esp32-chip';

export interface Rig {
  name: string;
  point: string;
  kind: string;
  description: BoardDescription;
  boot(further?: FurtherDevices): BootReport;
  /** A chip as it comes from the factory, with whatever the board needs besides the volume. */
  fresh(): NorFlash;
  /** Puts the chip under the board's code. */
  insert(nor: NorFlash): void;
  /** An address within the volume's window, for what is foreign there. */
  inside: number;
}

function espruinoRig(name: string, board: { boot: Rig['boot'] }, description: BoardDescription, chip: ChipDescription, kind: string): Rig {
  return {
    name,
    point: description.volumes[0].point,
    kind,
    description,
    boot: board.boot,
    fresh: () => insertChip(native, chip).nor,
    insert: (nor) => {
      insertChip(native, chip, nor);
    },
    inside: chip.free[0].addr - chip.base,
  };
}

export const disks: SimDisk[] = [];

export const boards: Rig[] = [
  {
    name: 'esp32',
    point: '/',
    kind: 'littlefs2',
    description: esp32.esp32,
    boot: esp32.boot,
    fresh: () => {
      const nor = new NorFlash({ size: 4 * 1024 * 1024, eraseSize: 4096, progSize: 4 });
      nor.poke(8, tableImage(rows));
      return nor;
    },
    insert: (nor) => {
      native.flash = espruinoFlash(nor);
    },
    inside: 0x300000,
  },
  espruinoRig('stm32', stm32, stm32.stm32, chips.stm32f405, 'fat'),
  espruinoRig('stm32 with 3 sectors of 16 kB', stm32, stm32.stm32, chips.stm32f411, 'fat'),
  espruinoRig('stm32 with pages of 2 kB', stm32, stm32.stm32, chips.stm32l496, 'fat'),
  {
    name: 'zephyr',
    point: '/flash',
    kind: 'littlefs2',
    description: zephyr.zephyr,
    boot: zephyr.boot,
    fresh: () => new NorFlash({ size: 256 * 1024, eraseSize: 4096, progSize: 4 }),
    insert: (nor) => {
      native.storage = undefined;
      return zephyr.useZephyr(simZephyr([{ label: 'storage', nor, addr: 0x20000, size: 0x10000 }], disks));
    },
    inside: 0x20000,
  },
  espruinoRig('esp8266', esp8266, esp8266.esp8266, chips.esp8266, 'littlefs2'),
  espruinoRig('rp2', rp2, rp2.rp2, chips.rp2040vfs, 'littlefs2'),
  espruinoRig('nrf52', nrf52, nrf52.nrf52, chips.nrf52832, 'littlefs2'),
];

export let printed: string[] = [];

/** Boots as after power-on: nothing is mounted. */
export function powerOn(board: Rig, nor: NorFlash, further?: FurtherDevices): BootReport {
  off();
  board.insert(nor);
  printed = [];
  const log = console.log;
  console.log = (text: string) => printed.push(text);
  try {
    return board.boot(further);
  } finally {
    console.log = log;
  }
}

export function off(): void {
  for (const [fs] of mount()) {
    try {
      umount(fs, { force: true });
    } catch {
      // The power is off.
    }
  }
}
