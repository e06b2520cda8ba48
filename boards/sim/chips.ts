/**
 * Espruino's `Flash` over the flash of various chips: sectors of different sizes, several widths of a program, and what
 * the firmware does about places that are not to be written. No failure is reported unless the chip's firmware does.
 * Layouts as Espruino 2v29 has them.
 */
import { encodeText } from '../../modules/engine';
import type { FlashArea, MemoryMap, Native, NativeFlash } from '../devices/native';
import { NorFlash } from './nor';
import { SimStorage } from './storage';

export interface ChipDescription {
  /** Address of the first byte. */
  base: number;
  /** Sectors in order: so many bytes, so many times. */
  sectors: [length: number, count: number][];
  /** Bytes in a program; the firmware merges unaligned ends with what is there. */
  word: number;
  /** How many programs a word takes between two erases, if that is limited: see `NorGeometry`. */
  programs?: number;
  /** What `getFree` says. */
  free: FlashArea[];
  memory?: MemoryMap;
  /** Bytes of Storage, which begins at `memory.flash_code_start`. */
  storage?: number;
  /** What its files are aligned to, 4 unless given. */
  align?: number;
  /** Outside of these the firmware does not write. */
  writable?: FlashArea[];
  /** What it does there: nothing, or an exception. */
  outside?: 'ignored' | 'thrown';
}

const KB = 1024;
const STM32 = 0x08000000;

export const chips: Record<
  | 'stm32f405'
  | 'stm32f411'
  | 'stm32f401'
  | 'stm32l496'
  | 'stm32h743'
  | 'esp8266'
  | 'rp2040'
  | 'rp2040vfs'
  | 'nrf52832'
  | 'bangle2'
  | 'bangle2stock'
  | 'jolt',
  ChipDescription
> = {
  /** 1 MB; a firmware of 320 kB, Storage in the last two sectors. */
  stm32f405: {
    base: STM32,
    sectors: [
      [16 * KB, 4],
      [64 * KB, 1],
      [128 * KB, 7],
    ],
    word: 4,
    free: [{ addr: STM32 + 384 * KB, length: 384 * KB }],
    memory: { flash_start: STM32, flash_binary_end: STM32 + 320 * KB, flash_code_start: STM32 + 768 * KB },
    storage: 256 * KB,
  },
  /** Espruino WiFi: 48 kB between boot code and firmware. */
  stm32f411: {
    base: STM32,
    sectors: [
      [16 * KB, 4],
      [64 * KB, 1],
      [128 * KB, 3],
    ],
    word: 4,
    free: [{ addr: STM32 + 16 * KB, length: 48 * KB }],
    memory: { flash_start: STM32, flash_binary_end: STM32 + 500 * KB, flash_code_start: STM32 + 64 * KB },
    storage: 64 * KB,
  },
  /** Espruino Pico: one sector beyond what the firmware was built for. */
  stm32f401: {
    base: STM32,
    sectors: [
      [16 * KB, 4],
      [64 * KB, 1],
      [128 * KB, 3],
    ],
    word: 4,
    free: [{ addr: STM32 + 384 * KB, length: 128 * KB }],
    memory: { flash_start: STM32, flash_binary_end: STM32 + 380 * KB, flash_code_start: STM32 + 16 * KB },
    storage: 48 * KB,
  },
  /** Pages of 2 kB whose double words take one program each. */
  stm32l496: {
    base: STM32,
    sectors: [[2 * KB, 512]],
    word: 8,
    programs: 1,
    free: [{ addr: STM32 + 400 * KB, length: 496 * KB }],
    memory: { flash_start: STM32, flash_binary_end: STM32 + 399 * KB, flash_code_start: STM32 + 896 * KB },
    storage: 128 * KB,
  },
  /** 2 MB in sectors of 128 kB, whose flash words of 32 bytes take one program each. No board of Espruino's has one yet. */
  stm32h743: {
    base: STM32,
    sectors: [[128 * KB, 16]],
    word: 32,
    programs: 1,
    free: [{ addr: STM32 + 1024 * KB, length: 1024 * KB }],
    memory: { flash_start: STM32, flash_binary_end: STM32 + 500 * KB, flash_code_start: STM32 + 512 * KB },
    storage: 512 * KB,
  },
  /** The build for 4 MB. */
  esp8266: {
    base: 0,
    sectors: [[4 * KB, 1024]],
    word: 4,
    free: [
      { addr: 0x200000, length: 0x100000 },
      { addr: 0x300000, length: 0x40000 },
      { addr: 0x340000, length: 0x40000 },
      { addr: 0x380000, length: 0x40000 },
      { addr: 0x3c0000, length: 0x3b000 },
    ],
  },
  /** The firmware writes within Storage only, and lists just that as free. */
  rp2040: {
    base: 0x10000000,
    sectors: [[4 * KB, 512]],
    word: 1,
    free: [{ addr: 0x10000000 + 1792 * KB, length: 256 * KB }],
    memory: { flash_start: 0x10000000, flash_binary_end: 0x10000000 + 700 * KB, flash_code_start: 0x10000000 + 1792 * KB },
    storage: 256 * KB,
    writable: [{ addr: 0x10000000 + 1792 * KB, length: 256 * KB }],
    outside: 'thrown',
  },
  /** A firmware of one's own: Storage has 64 kB, and behind it lies 1 MB in which the firmware writes as well. */
  rp2040vfs: {
    base: 0x10000000,
    sectors: [[4 * KB, 512]],
    word: 1,
    free: [{ addr: 0x10000000 + 1024 * KB, length: 1024 * KB }],
    memory: { flash_start: 0x10000000, flash_binary_end: 0x10000000 + 700 * KB, flash_code_start: 0x10000000 + 960 * KB },
    storage: 64 * KB,
    writable: [{ addr: 0x10000000 + 960 * KB, length: 1088 * KB }],
    outside: 'thrown',
  },
  nrf52832: {
    base: 0,
    sectors: [[4 * KB, 128]],
    word: 4,
    programs: 2,
    free: [{ addr: 0x6a000, length: 0x6000 }],
    memory: { flash_start: 0, flash_binary_end: 0x69c00, flash_code_start: 0x70000 },
    storage: 40 * KB,
    writable: [{ addr: 0x1f000, length: 0x5b000 }],
    outside: 'ignored',
  },
  /** The external chip of Bangle.js 2, here with Storage in its first half. */
  bangle2: {
    base: 0x60000000,
    sectors: [[4 * KB, 2048]],
    word: 1,
    free: [{ addr: 0x60400000, length: 0x400000 }],
    memory: { flash_code_start: 0x60000000 },
    storage: 4096 * KB,
  },
  /** Bangle.js 2 as it is: Storage has all of the external chip, which is not mapped into memory. */
  bangle2stock: {
    base: 0x60000000,
    sectors: [[4 * KB, 2048]],
    word: 1,
    free: [],
    memory: { flash_code_start: 0x60000000 },
    storage: 8192 * KB,
  },
  /** Jolt.js: 400 kB of Storage in the flash of the nRF52840. */
  jolt: {
    base: 0,
    sectors: [[4 * KB, 256]],
    word: 4,
    programs: 2,
    free: [],
    memory: { flash_start: 0, flash_binary_end: 0x85000, flash_code_start: 0x91000 },
    storage: 400 * KB,
    writable: [{ addr: 0x1f000, length: 0xd6000 }],
    outside: 'ignored',
  },
};

export interface SimChip {
  nor: NorFlash;
  flash: NativeFlash;
  /** The chip's own. */
  violations: string[];
}

/** The smallest sector is the NOR's erase block; a larger one is erased block by block, so that the power can go in between. */
export function simChip(chip: ChipDescription, nor?: NorFlash): SimChip {
  let size = 0;
  let smallest = Infinity;
  for (let i = 0; i < chip.sectors.length; i++) {
    size += chip.sectors[i][0] * chip.sectors[i][1];
    smallest = Math.min(smallest, chip.sectors[i][0]);
  }
  const base = chip.base;
  const word = chip.word;
  const memory = nor || new NorFlash({ size: size, eraseSize: smallest, progSize: word, programs: chip.programs });

  function getPage(addr: number): FlashArea | undefined {
    let at = base;
    for (let i = 0; addr >= base && i < chip.sectors.length; i++) {
      const length = chip.sectors[i][0];
      const end = at + length * chip.sectors[i][1];
      if (addr < end) return { addr: addr - ((addr - at) % length), length: length };
      at = end;
    }
    return undefined;
  }

  function writable(addr: number, length: number): boolean {
    const allowed = chip.writable;
    if (!allowed) return true;
    for (let i = 0; i < allowed.length; i++)
      if (addr >= allowed[i].addr && addr + length <= allowed[i].addr + allowed[i].length) return true;
    if (chip.outside === 'thrown') throw new Error('address ' + addr + ' outside saved flash');
    return false;
  }

  const flash: NativeFlash = {
    getPage: getPage,
    getFree: function (): FlashArea[] {
      return chip.free.slice();
    },
    erasePage: function (addr: number): void {
      if (addr % 1 !== 0) throw new Error('Address should be an integer');
      const page = getPage(addr);
      if (page && writable(page.addr, page.length))
        for (let done = 0; done < page.length; done += smallest) memory.erase(page.addr - base + done);
    },
    write: function (data: unknown, addr: number): void {
      const bytes = typeof data === 'string' ? encodeText(data) : (data as Uint8Array);
      if (!bytes.length || !writable(addr, bytes.length)) return;
      const skew = (addr - base) % word;
      const from = addr - base - skew;
      const whole = new Uint8Array(Math.ceil((skew + bytes.length) / word) * word);
      memory.read(from, whole);
      whole.set(bytes, skew);
      memory.program(from, whole);
    },
    read: function (length: number, addr: number): Uint8Array | undefined {
      if (!(length > 0)) return undefined;
      const data = new Uint8Array(length);
      if (memory.read(addr - base, data)) for (let i = 0; i < length; i++) data[i] = 255;
      return data;
    },
  };
  return { nor: memory, flash: flash, violations: memory.violations };
}

/** The firmware's Storage on that chip; only its size, 0, where the description has none. */
export function simStorage(chip: ChipDescription, flash: NativeFlash): Native['storage'] {
  const addr = chip.memory && chip.memory.flash_code_start;
  if (addr !== undefined && chip.storage) return new SimStorage(flash, { addr: addr, length: chip.storage, align: chip.align });
  return {
    getStats: function (): { totalBytes: number } {
      return { totalBytes: chip.storage || 0 };
    },
  };
}

/** Puts the chip under a board's code. */
export function insertChip(native: Native, chip: ChipDescription, nor?: NorFlash): SimChip {
  const made = simChip(chip, nor);
  native.flash = made.flash;
  native.memory = function (): MemoryMap {
    return chip.memory || {};
  };
  native.storage = simStorage(chip, made.flash);
  native.areas = undefined;
  native.reserved = [];
  return made;
}
