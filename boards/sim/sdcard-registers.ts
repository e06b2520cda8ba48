/** What an SD card tells about itself, and its checksums bit by bit. */

export type SdType = 'SDSC' | 'SDHC' | 'SDXC';

/** CRC7 with the end bit, as commands and registers carry it. */
export function sdCrc7(data: ArrayLike<number>, length: number): number {
  let crc = 0;
  for (let i = 0; i < length; i++) {
    for (let bit = 7; bit >= 0; bit--) {
      const carry = ((crc >> 6) ^ (data[i] >> bit)) & 1;
      crc = ((crc << 1) & 0x7f) ^ (carry ? 9 : 0);
    }
  }
  return (crc << 1) | 1;
}

export function sdCrc16(data: ArrayLike<number>, length: number): number {
  let crc = 0;
  for (let i = 0; i < length; i++) {
    crc ^= data[i] << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}

/** The Card-Specific Data of a card with so many blocks of 512 bytes. Not every number can be said. */
export function cardSpecificData(type: SdType, blocks: number, writeProtect: boolean): Uint8Array {
  const csd = new Uint8Array(16);
  csd[3] = 0x32; // 25 MHz
  csd[4] = 0x5b;
  csd[5] = 0x59;
  if (type === 'SDSC') {
    let length = 9;
    let multiplier = 0;
    while (blocks / Math.pow(2, multiplier + 2 + length - 9) > 4096) {
      if (multiplier < 7) multiplier++;
      else length++;
    }
    const size = blocks / Math.pow(2, multiplier + 2 + length - 9) - 1;
    if (size < 0 || size % 1 || length > 11) throw new Error('SimSdCard: no SDSC card has ' + blocks + ' blocks');
    csd[5] = 0x50 | length;
    csd[6] = 0x80 | (size >> 10);
    csd[7] = size >> 2;
    csd[8] = (size << 6) | 0x3f;
    csd[9] = 0xfc | (multiplier >> 1);
    csd[10] = (multiplier << 7) | 0x7f;
  } else {
    const size = blocks / 1024 - 1;
    if (size < 0 || size % 1 || size > 0x3fffff) throw new Error('SimSdCard: no ' + type + ' card has ' + blocks + ' blocks');
    csd[0] = 0x40;
    csd[7] = size >> 16;
    csd[8] = size >> 8;
    csd[9] = size;
    csd[10] = 0x7f;
  }
  csd[11] = 0x80;
  csd[12] = 0x0a;
  csd[13] = 0x40;
  csd[14] = writeProtect ? 0x10 : 0;
  csd[15] = sdCrc7(csd, 15);
  return csd;
}
