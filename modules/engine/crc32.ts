import { le32, putLe32 } from './bytes';
import { espruinoE } from './native';

/** Remainders of the 16 nibbles for the reflected polynomial 0xEDB88320; made at the first use, which Espruino hardly ever has. */
const NIBBLES = new Int32Array(16);

/**
 * The CRC-32 register (no final inversion, as littlefs uses it) after `data`, from `crc`, as a signed integer.
 * Start with -1. Espruino's native CRC takes no seed; a running value is brought in by XORing it into the first four
 * bytes, which are put back afterwards, so there `data` must be writable unless `crc` is -1.
 */
export function crc32(crc: number, data: Uint8Array): number {
  if (espruinoE && data.length > 3) {
    if (crc === -1) return ~espruinoE.CRC32(data);
    const first = le32(data, 0);
    putLe32(data, 0, first ^ ~crc);
    crc = ~espruinoE.CRC32(data);
    putLe32(data, 0, first);
    return crc;
  }
  for (let nibble = NIBBLES[1] ? 0 : 16; nibble--; ) {
    let rest = nibble;
    for (let bit = 4; bit--; ) rest = (rest >>> 1) ^ (0xedb88320 & -(rest & 1));
    NIBBLES[nibble] = rest;
  }
  for (let i = 0; i < data.length; i++) {
    crc ^= data[i];
    crc = NIBBLES[crc & 15] ^ (crc >>> 4);
    crc = NIBBLES[crc & 15] ^ (crc >>> 4);
  }
  return crc;
}
