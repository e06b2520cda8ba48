/** The block devices of the boards over the simulator's chips. */

import { native } from '../boards/devices/native';
import { native as esp32Native, Partition } from '../boards/esp32';
import { bdev } from '../boards/esp8266';
import { Flash as Nrf52Flash } from '../boards/nrf52';
import { Flash as Rp2Flash } from '../boards/rp2';
import { type ChipDescription, chips, espruinoFlash, insertChip, NorFlash, simZephyr } from '../boards/sim';
import { Flash as Stm32Flash } from '../boards/stm32';
import { FlashArea, useZephyr } from '../boards/zephyr';
import { RAMBlockDev } from '../modules/blockdev';
import type { BlockDevice } from '../modules/contract/filesystem';

export interface BoardDevice {
  name: string;
  /** What it has to state. */
  unit: number;
  blockSize: number;
  /** A fresh chip below the board's own device; no chip below RAM. */
  open(): { device: BlockDevice; nor?: NorFlash };
}

const KB = 1024;
const MB = 1024 * KB;

function espruino(chip: ChipDescription, open: () => BlockDevice): BoardDevice['open'] {
  return () => {
    const { nor } = insertChip(native, chip);
    return { device: open(), nor };
  };
}

/** A window of 1 MB behind 1 MB of firmware, where the chip itself leaves too little for the workloads. */
function roomy(chip: ChipDescription, pageSize: number): ChipDescription {
  const free = [{ addr: chip.base + MB, length: MB }];
  return { ...chip, sectors: [[pageSize, (2 * MB) / pageSize]], free, memory: {}, storage: 0, writable: undefined };
}

function esp32(): { device: BlockDevice; nor: NorFlash } {
  const nor = new NorFlash({ size: 4 * MB, eraseSize: 4 * KB, progSize: 4 });
  const table = new Uint8Array(4 * KB).fill(0xff);
  // Data, subtype 0x81, at 0x200000, 1 MB.
  table.fill(0, 0, 32);
  table.set([0xaa, 0x50, 1, 0x81, 0, 0, 0x20, 0, 0, 0, 0x10, 0, 0x76, 0x66, 0x73]);
  nor.poke(8, table);
  esp32Native.flash = espruinoFlash(nor);
  return { device: new Partition('vfs'), nor };
}

/** On chips with an error-correcting code, whose units take one program. */
function zephyr(progSize: number, programs?: number): BoardDevice['open'] {
  return () => {
    const nor = new NorFlash({ size: 2 * MB, eraseSize: 4 * KB, progSize, programs });
    useZephyr(simZephyr([{ label: 'storage', nor, addr: MB, size: MB }], []));
    return { device: new FlashArea(0, 4 * KB), nor };
  };
}

const window = { len: MB };

/** In order of the unit; 256 blocks of 4 kB but for the STM32. */
export const boardDevices: BoardDevice[] = [
  { name: 'RAM', unit: 1, blockSize: 4 * KB, open: () => ({ device: new RAMBlockDev(4 * KB, 256) }) },
  { name: 'ESP32', unit: 1, blockSize: 4 * KB, open: esp32 },
  { name: 'ESP8266', unit: 1, blockSize: 4 * KB, open: espruino(chips.esp8266, () => bdev(window)) },
  { name: 'RP2', unit: 1, blockSize: 4 * KB, open: espruino(chips.rp2040vfs, () => new Rp2Flash(window)) },
  { name: 'Bangle.js 2', unit: 1, blockSize: 4 * KB, open: espruino(chips.bangle2, () => new Nrf52Flash(window)) },
  { name: 'STM32F4', unit: 1, blockSize: 128 * KB, open: espruino(chips.stm32f405, () => new Stm32Flash({})) },
  { name: 'nRF52', unit: 4, blockSize: 4 * KB, open: espruino(roomy(chips.nrf52832, 4 * KB), () => new Nrf52Flash(window)) },
  { name: 'Zephyr, 4', unit: 4, blockSize: 4 * KB, open: zephyr(4, 2) },
  { name: 'STM32L4', unit: 8, blockSize: 2 * KB, open: espruino(roomy(chips.stm32l496, 2 * KB), () => new Stm32Flash(window)) },
  { name: 'nRF54', unit: 16, blockSize: 4 * KB, open: zephyr(16, 1) },
  { name: 'STM32H7', unit: 32, blockSize: 128 * KB, open: espruino(chips.stm32h743, () => new Stm32Flash({})) },
];
