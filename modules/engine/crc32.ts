import { espruinoE } from './native';

/** Remainders of the 16 nibbles for the reflected polynomial 0xEDB88320. */
const NIBBLES = [
  0x0, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, -0x12477ce0, -0xff06cbc, -0x29295c18,
  -0x349e4c74, -0x649b3d50, -0x792c2d2c, -0x5ff51d88, -0x42420de4,
];

/**
 * The CRC-32 register (no final inversion, as littlefs uses it) after `data`, from `crc`, as a signed integer.
 * Start with -1. Espruino's native CRC takes no seed; a running value is brought in by XORing it into the first four
 * bytes, which are put back afterwards, so there `data` must be writable unless `crc` is -1.
 */
export function crc32(crc: number, data: Uint8Array): number {
  const length = data.length;
  if (espruinoE && length > 3) {
    if (crc === -1) return ~espruinoE.CRC32(data);
    flipSeed(data, ~crc);
    const next = ~espruinoE.CRC32(data);
    flipSeed(data, ~crc);
    return next;
  }
  for (let i = 0; i < length; i++) {
    crc ^= data[i];
    crc = NIBBLES[crc & 15] ^ (crc >>> 4);
    crc = NIBBLES[crc & 15] ^ (crc >>> 4);
  }
  return crc;
}

function flipSeed(data: Uint8Array, seed: number): void {
  data[0] ^= seed;
  data[1] ^= seed >> 8;
  data[2] ^= seed >> 16;
  data[3] ^= seed >> 24;
}
