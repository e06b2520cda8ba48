/** Finding out what chip there is: a part that a device loads on demand. */
import { ENODEV } from '../../../modules/contract/errno';
import { le32, now } from '../../../modules/engine';
import { ERASE_MS, type Nor, type SpiFlashOptions, WRITE_ENABLE } from './types';

const POWER_UP = 0xab;
const READ_SFDP = 0x5a;
const ENTER_WIDE = 0xb7;

/** What it may still be erasing for the chip as it was before its restart: until then it does not tell its name. */
const LEFT_BUSY_MS = 1000;
/** What three bytes of an address reach. */
const NARROW = 0x1000000;
/** "SFDP" as a number. */
const SIGNATURE = 0x50444653;
/** More headers than any chip has. */
const HEADERS = 16;

/** A piece of the Serial Flash Discoverable Parameters (JESD216 5.1): always three bytes of address and one that is waited for. */
function readParameters(nor: Nor, at: number, length: number): Uint8Array {
  nor._cs.write(0);
  nor._spi.write(READ_SFDP, (at >> 16) & 255, (at >> 8) & 255, at & 255, 0);
  const data = nor._spi.send({ data: 0, count: length });
  nor._cs.write(1);
  return data;
}

/** A table by its identifier (6.3), undefined if the chip has none. The last one of a kind is the newest. */
function table(nor: Nor, id: number, words: number): Uint8Array | undefined {
  const head = readParameters(nor, 0, 8);
  let found: Uint8Array | undefined;
  if (le32(head, 0) !== SIGNATURE || head[5] !== 1) return undefined;
  const headers = readParameters(nor, 8, 8 * Math.min(head[6] + 1, HEADERS));
  for (let i = 0; i < headers.length; i += 8) {
    const length = headers[i + 3];
    // The length is in words; what a chip of an older revision does not tell reads as 0.
    if (headers[i] === (id & 255) && headers[i + 7] === id >> 8 && headers[i + 2] === 1 && length) {
      found = new Uint8Array(words * 4);
      found.set(readParameters(nor, headers[i + 4] | (headers[i + 5] << 8) | (headers[i + 6] << 16), Math.min(length, words) * 4));
    }
  }
  return found;
}

/** Commands with addresses of four bytes (6.5), or the mode in which all have them (6.4.18); else only 16 MB are used. */
function widen(nor: Nor, basic: Uint8Array, type: number): void {
  const wide = table(nor, 0xff84, 2);
  if (wide && wide[0] & 1 && wide[0] & 0x40 && (wide[1] >> (1 + type)) & 1) {
    nor._read = 0x13;
    nor._program = 0x12;
    nor._erase = wide[4 + type];
  } else if (basic[63] & 3) {
    // Some want the permission to write first, and it harms no other.
    nor._send(WRITE_ENABLE);
    nor._send(ENTER_WIDE);
  } else if (!(basic[63] & 0x40)) {
    nor._size = NARROW;
    return;
  }
  nor._wide = true;
}

/** Takes size, erase block and page from the Basic Flash Parameter Table (6.4), or the size from the chip's name. */
function describe(nor: Nor, id: number): number {
  const basic = table(nor, 0xff00, 16);
  let exponent = 12;
  let power = id & 255;
  let type = 0;
  nor._read = 3;
  nor._program = 2;
  nor._erase = 0x20;
  nor._page = 256;
  nor._wide = false;
  if (basic) {
    const density = le32(basic, 4);
    // Of bits: a power of two, or the last one's number.
    power = (density & 0x7fffffff) - 3;
    nor._size = density < 0 ? (power > 0 && power < 31 ? 1 << power : 0) : (density + 1) / 8;
    exponent = 32;
    for (let i = 0; i < 4; i++) {
      const one = basic[28 + 2 * i];
      if (one && one < exponent) {
        exponent = one;
        nor._erase = basic[29 + 2 * i];
        type = i;
      }
    }
    // 0 before revision A.
    if (basic[40] >> 4) nor._page = 1 << (basic[40] >> 4);
  } else nor._size = power < 24 ? 1 << power : NARROW;
  // Blocks, and few enough of them that a number holds an address.
  if (exponent < 8 || exponent > 20 || !(nor._size >= 65536 && nor._size <= 0x40000000) || nor._size % (1 << exponent)) return -ENODEV;
  nor._block = 1 << exponent;
  if (basic && nor._size > NARROW) widen(nor, basic, type);
  return 0;
}

/** Wakes the chip, and asks what it is. Gives 0, or -ENODEV if there is none, or none whose size can be known. */
export function start(nor: Nor, settings: SpiFlashOptions): number {
  let looked = now();
  let spent = 0;
  let id = 0;
  nor._spi.setup(settings);
  nor._cs.write(1);
  nor._status = -ENODEV;
  for (let n = 0; n < LEFT_BUSY_MS * 10 && spent <= LEFT_BUSY_MS; n++) {
    nor._send(POWER_UP);
    id = nor._name();
    if (id && id !== 0xffffff) break;
    const at = now();
    if (at - looked > 0 && at - looked < 1000) spent += at - looked;
    looked = at;
  }
  if (!id || id === 0xffffff) return -ENODEV;
  nor._id = id;
  nor._status = nor._ready(ERASE_MS) < 0 ? -ENODEV : describe(nor, id);
  return nor._status;
}
