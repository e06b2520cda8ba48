/**
 * Espruino's `Flash` module, as the ESP32 has it, over a simulated NOR chip: addresses are offsets in the chip, pages
 * have 4 kB, unaligned writes become read-modify-writes of 4-byte words, and no failure is reported as an exception.
 */
import { encodeText } from '../../modules/engine';
import type { FlashArea, NativeFlash } from '../devices/native';
import type { NorFlash } from './nor';

const PAGE = 4096;
const WORD = 4;
/** What the firmware takes for the end of the chip. One that knows of larger chips is simulated above them. */
const FLASH_MAX = 4 * 1024 * 1024;

export function espruinoFlash(nor: NorFlash): NativeFlash {
  const end = Math.max(FLASH_MAX, nor.geometry.size);

  function readWord(addr: number): Uint8Array {
    const word = new Uint8Array(WORD);
    nor.read(addr, word);
    return word;
  }

  return {
    getPage: function (addr: number): FlashArea | undefined {
      return addr >= 0 && addr < end ? { addr: addr - (addr % PAGE), length: PAGE } : undefined;
    },

    // A list fixed in the firmware; its last area lies within the firmware's own Storage.
    getFree: function (): FlashArea[] {
      return [
        { addr: 0xe000, length: 0x2000 },
        { addr: 0x310000, length: 0x10000 },
        { addr: 0x360000, length: 0xa0000 },
      ];
    },

    erasePage: function (addr: number): void {
      if (typeof addr !== 'number' || addr % 1 !== 0) throw new Error('Address should be an integer, got ' + typeof addr);
      nor.erase(addr - (addr % PAGE));
    },

    write: function (data: unknown, addr: number): void {
      const bytes = asBytes(data);
      let at = addr;
      let done = 0;
      const skew = at % WORD;
      if (skew && bytes.length) {
        const head = readWord(at - skew);
        done = Math.min(WORD - skew, bytes.length);
        head.set(bytes.subarray(0, done), skew);
        nor.program(at - skew, head);
        at += done;
      }
      const tail = (bytes.length - done) % WORD;
      const middle = bytes.length - done - tail;
      if (middle) nor.program(at, bytes.subarray(done, done + middle));
      if (tail) {
        const last = readWord(at + middle);
        last.set(bytes.subarray(done + middle));
        nor.program(at + middle, last);
      }
    },

    read: function (length: number, addr: number): Uint8Array | undefined {
      if (!(length > 0)) return undefined;
      const data = new Uint8Array(length);
      nor.read(addr, data);
      return data;
    },
  };
}

/** The bytes of whatever `Flash.write` takes: a string, a number, an array (also of these), a typed array. */
function asBytes(data: unknown): Uint8Array {
  if (data === undefined) throw new Error('Data is not defined');
  if (data instanceof Uint8Array) return data;
  if (typeof data === 'string') return encodeText(data);
  if (typeof data === 'number') return asBytes([data]);
  const list = data as unknown[];
  const isView = list !== null && typeof list === 'object' && typeof (list as unknown as Uint8Array).subarray === 'function';
  if (!isView && !Array.isArray(list)) throw new TypeError('Expecting a number or something iterable, got ' + typeof data);
  let total = 0;
  const parts: Uint8Array[] = [];
  for (let i = 0; i < list.length; i++) {
    const part = typeof list[i] === 'number' ? new Uint8Array([list[i] as number]) : asBytes(list[i]);
    parts.push(part);
    total += part.length;
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (let k = 0; k < parts.length; k++) {
    bytes.set(parts[k], at);
    at += parts[k].length;
  }
  return bytes;
}
