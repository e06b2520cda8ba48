/** The hardware that stands for a board in the simulator. Written like device code, for the small engines. */
import type { Budgets, Bundles } from '../boot/types';
import type { MemoryMap, Native, NativeFlash } from '../devices/native';
import type { NativePin, NativeSpi } from '../devices/spi';
import type { NativeZephyr } from '../devices/zephyr/native';
import { type ChipDescription, type chips, simChip, simStorage } from './chips';
import { espruinoFlash } from './flash';
import type { NorFlash, NorGeometry } from './nor';
import type { SimSdCard } from './sdcard';
import { SimSdSlot } from './sdcard-slot';
import { type SimSerial, simSerial } from './serial';
import { simZephyr } from './zephyr';

/** What a board's file says of it: data that can go into another engine as JSON. */
export interface SimWiring {
  /** The chip below Espruino's `Flash`. Absent where Espruino's ESP32 flash or Zephyr's flash map stands above the chip. */
  chip?: ChipDescription;
  /** Others that the board's code runs on, by their names in `chips`. */
  chips?: (keyof typeof chips)[];
  /** Of what is no `chip`. */
  geometry?: NorGeometry;
  /** The chip comes in several sizes, and a fresh one has an ESP32's partition table. */
  partitioned?: boolean;
  /** Zephyr's flash map. */
  areas?: { label: string; addr: number; size: number }[];
  leds: number;
}

/** What a board's file exports besides what users import from it. Its description has the name of the file. */
export interface BoardFile {
  bundles: Bundles;
  budget: Budgets;
  sim: SimWiring;
}

export interface SimBoard extends SimWiring {
  geometry: NorGeometry;
}

export function simBoard(wiring: SimWiring): SimBoard {
  const chip = wiring.chip;
  const board: SimBoard = {
    geometry: chip ? geometryOf(chip) : (wiring.geometry as NorGeometry),
    partitioned: wiring.partitioned,
    areas: wiring.areas,
    leds: wiring.leds,
  };
  if (chip) board.chip = chip;
  return board;
}

function geometryOf(chip: ChipDescription): NorGeometry {
  let size = 0;
  let smallest = chip.sectors[0][0];
  for (let i = 0; i < chip.sectors.length; i++) {
    size += chip.sectors[i][0] * chip.sectors[i][1];
    if (chip.sectors[i][0] < smallest) smallest = chip.sectors[i][0];
  }
  return { size: size, eraseSize: smallest, progSize: chip.word, programs: chip.programs };
}

/** What `require` and the globals of the firmware give above the hardware. */
export interface SimHardware {
  flash: unknown;
  storage: Native['storage'];
  memory: (() => MemoryMap) | undefined;
  zephyr: NativeZephyr | undefined;
  spi: NativeSpi;
  cs: NativePin;
  /** `Serial1` and on. */
  serials: SimSerial[];
}

/** Whether some flash is free outside of Storage. */
function hasRoom(chip: ChipDescription): boolean {
  const from = (chip.memory && chip.memory.flash_code_start) || 0;
  const to = from + (chip.storage || 0);
  return chip.free.some(function (area) {
    return area.addr < from || area.addr >= to;
  });
}

/** @param card what is in the slot, which Zephyr has as its disk `SD` */
export function hardwareOf(board: SimBoard, nor: NorFlash, card: SimSdCard | undefined): SimHardware {
  const chip = board.chip;
  const slot = new SimSdSlot(card);
  const hardware: SimHardware = {
    flash: undefined,
    storage: undefined,
    memory: undefined,
    zephyr: undefined,
    spi: slot.spi,
    cs: slot.cs,
    serials: [simSerial(), simSerial()],
  };
  if (board.areas) {
    const areas = board.areas.map(function (area) {
      return { label: area.label, nor: nor, addr: area.addr, size: area.size };
    });
    hardware.zephyr = simZephyr(areas, [{ name: 'SD', card: card }]);
  } else if (chip) {
    hardware.flash = simChip(chip, nor).flash;
    // Where there is room for a volume outside, nothing but its size matters.
    hardware.storage = hasRoom(chip)
      ? {
          getStats: function () {
            return { totalBytes: chip.storage || 0 };
          },
        }
      : simStorage(chip, hardware.flash as NativeFlash);
    hardware.memory = function (): MemoryMap {
      return chip.memory || {};
    };
  } else hardware.flash = espruinoFlash(nor);
  return hardware;
}
