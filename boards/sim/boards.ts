/** The hardware that stands for each board in the simulator. Written like device code, for the small engines. */
import type { MemoryMap } from '../devices/native';
import type { NativePin, NativeSpi } from '../devices/sdcard/native';
import type { NativeZephyr } from '../devices/zephyr/native';
import { type ChipDescription, chips, simChip } from './chips';
import { espruinoFlash } from './flash';
import type { NorFlash, NorGeometry } from './nor';
import type { SimSdCard } from './sdcard';
import { SimSdSlot } from './sdcard-slot';
import { simZephyr } from './zephyr';

export interface SimBoard {
  /** Absent where Espruino's ESP32 flash or Zephyr's flash map stands above the chip. */
  chip?: ChipDescription;
  geometry: NorGeometry;
  leds: number;
}

const KB = 1024;

function over(chip: ChipDescription, leds: number): SimBoard {
  let size = 0;
  let smallest = chip.sectors[0][0];
  for (let i = 0; i < chip.sectors.length; i++) {
    size += chip.sectors[i][0] * chip.sectors[i][1];
    if (chip.sectors[i][0] < smallest) smallest = chip.sectors[i][0];
  }
  return { chip: chip, geometry: { size: size, eraseSize: smallest, progSize: chip.word, programs: chip.programs }, leds: leds };
}

export const simBoards: { [board: string]: SimBoard } = {
  esp32: { geometry: { size: 4096 * KB, eraseSize: 4 * KB, progSize: 4 }, leds: 0 },
  stm32: over(chips.stm32f405, 4),
  zephyr: { geometry: { size: 1024 * KB, eraseSize: 4 * KB, progSize: 4 }, leds: 2 },
  esp8266: over(chips.esp8266, 0),
  rp2: over(chips.rp2040vfs, 1),
  nrf52: over(chips.nrf52832, 3),
};

/** What `require` and the globals of the firmware give above the hardware. */
export interface SimHardware {
  flash: unknown;
  storage: { getStats(): { totalBytes: number } } | undefined;
  memory: (() => MemoryMap) | undefined;
  zephyr: NativeZephyr | undefined;
  spi: NativeSpi;
  cs: NativePin;
}

/** @param card what is in the slot, which Zephyr has as its disk `SD` */
export function simHardware(board: string, nor: NorFlash, card: SimSdCard | undefined): SimHardware {
  const chip = simBoards[board].chip;
  const slot = new SimSdSlot(card);
  const hardware: SimHardware = { flash: undefined, storage: undefined, memory: undefined, zephyr: undefined, spi: slot.spi, cs: slot.cs };
  if (board === 'zephyr') {
    const half = nor.geometry.size / 2;
    hardware.zephyr = simZephyr([{ label: 'storage', nor: nor, addr: half, size: half }], [{ name: 'SD', card: card }]);
  } else if (chip) {
    hardware.flash = simChip(chip, nor).flash;
    hardware.storage = {
      getStats: function () {
        return { totalBytes: chip.storage || 0 };
      },
    };
    hardware.memory = function (): MemoryMap {
      return chip.memory || {};
    };
  } else hardware.flash = espruinoFlash(nor);
  return hardware;
}
