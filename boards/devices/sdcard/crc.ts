/**
 * The CRCs of the SD protocol. Tables, because JavaScript on the chip pays for every step: CRC16 takes two bytes in one
 * step (1 kB), CRC7 one. Made with the first card.
 */
let table7: Uint8Array | undefined;
/** What the first and the second byte of a pair amount to. */
let first16: Uint16Array;
let second16: Uint16Array;

/** CRCs are linear: an entry is the XOR of the entries of its bits. */
export function makeTables(): void {
  if (table7) return;
  const seven = new Uint8Array(256);
  first16 = new Uint16Array(256);
  second16 = new Uint16Array(256);
  // x^16 modulo the generator of CRC16 (0x11021), x^8 modulo that of CRC7 (0x89) shifted left by one.
  let c = 0x1021;
  let d = 0x12;
  for (let power = 0; power < 16; power++) {
    const bit = 1 << (power & 7);
    const table = power < 8 ? second16 : first16;
    for (let below = 0; below < bit; below++) {
      // With the bytes swapped, as a little-endian word of the data has them.
      table[bit + below] = table[below] ^ (c >> 8) ^ (c << 8);
      if (power < 8) seven[bit + below] = seven[below] ^ d;
    }
    c = (c << 1) ^ (c & 0x8000 ? 0x11021 : 0);
    d = (d << 1) ^ (d & 0x80 ? 0x112 : 0);
  }
  table7 = seven;
}

/** The byte that follows `length` bytes of a command or register: CRC7 and the end bit. */
export function crc7(data: Uint8Array, length: number): number {
  let crc = 0;
  for (let i = 0; i < length; i++) crc = (table7 as Uint8Array)[crc ^ data[i]];
  return crc | 1;
}

/** CRC16 of the first `words` pairs of bytes, its high byte in the low half. Over data with its CRC behind: 0. */
export function crc16(data: Uint8Array, words: number): number {
  // Words lie at even places.
  const even = data.byteOffset & 1 ? new Uint8Array(data) : data;
  const pairs = new Uint16Array(even.buffer as ArrayBuffer, even.byteOffset, words);
  const first = first16;
  const second = second16;
  let crc = 0;
  let i = 0;
  // The form of a loop that Espruino runs fastest: half the time of a `for`.
  do {
    crc ^= pairs[i];
    crc = first[crc & 255] ^ second[crc >> 8];
  } while (++i < words);
  return crc;
}
