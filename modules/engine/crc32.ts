import { le32, putLe32 } from './bytes';
import { espruinoE } from './native';
import * as portable from './portable.lazy';

/**
 * The CRC-32 register (no final inversion, as littlefs uses it) after `data`, from `crc`, as a signed integer.
 * Start with -1. Espruino's native CRC takes no seed; a running value is brought in by XORing it into the first four
 * bytes, which are put back afterwards, so there `data` must be writable unless `crc` is -1. Of fewer bytes a copy is made,
 * and what they leave of the running value is only shifted.
 */
export function crc32(crc: number, data: Uint8Array): number {
  if (!espruinoE) return portable.crc32OfBytes(crc, data);
  const running = ~crc;
  const length = data.length;
  if (!running) return ~espruinoE.CRC32(data);
  if (length < 4) {
    const few = new Uint8Array(4);
    few.set(data);
    putLe32(few, 0, le32(few, 0) ^ running);
    return ~espruinoE.CRC32(few.subarray(0, length)) ^ (running >>> (8 * length));
  }
  const first = le32(data, 0);
  putLe32(data, 0, first ^ running);
  crc = ~espruinoE.CRC32(data);
  putLe32(data, 0, first);
  return crc;
}
