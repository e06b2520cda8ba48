/** CRC-32 (reflected 0xEDB88320) of `bytes`, bit by bit; `register` is the start value, and no inversion is done at the end. */
export function crcRegister(bytes: Uint8Array, register = 0xffffffff): number {
  let crc = register;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return crc >>> 0;
}

const TABLE = Array.from({ length: 256 }, (_, byte) => crcRegister(Uint8Array.of(byte), 0));

/** The same, by a table made from it: for whole files and devices. */
export function crcFast(bytes: Uint8Array, register = 0xffffffff): number {
  let crc = register;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]) & 0xff];
  return crc >>> 0;
}

/** The common CRC-32 of `bytes`, as 8 hex digits, as the manifests of the golden images give it. */
export function crcHex(bytes: Uint8Array): string {
  return (~crcFast(bytes) >>> 0).toString(16).padStart(8, '0');
}
