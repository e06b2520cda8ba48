/** What Espruino has natively, for every other engine: in a part, which Espruino never wants. */

/** The CRC-32 register after `data`, from `crc`, by the remainders of the 16 nibbles for the reflected polynomial 0xEDB88320. */
export function crc32OfBytes(crc: number, data: Uint8Array): number {
  const nibbles = new Int32Array([
    0, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, -0x12477ce0, -0xff06cbc, -0x29295c18,
    -0x349e4c74, -0x649b3d50, -0x792c2d2c, -0x5ff51d88, -0x42420de4,
  ]);
  for (let i = 0; i < data.length; i++) {
    crc ^= data[i];
    crc = nibbles[crc & 15] ^ (crc >>> 4);
    crc = nibbles[crc & 15] ^ (crc >>> 4);
  }
  return crc;
}

/**
 * How many bytes `limit` characters take, or a line if `line`; with `binary` a character is a byte. One more than there are
 * if that is not all: the end of the last character shows at the next.
 */
export function measure(bytes: Uint8Array, limit: number, line: boolean, binary: number): number {
  for (let i = 0; i < bytes.length; i++) {
    if ((binary || bytes[i] >> 6 !== 2 || !i) && limit-- < 1) return i;
    if (line && bytes[i] === 10) return i + 1;
  }
  return bytes.length + 1;
}

/** Runs a script as global code, known by its path. */
export function run(code: string, path: string): void {
  // biome-ignore lint/security/noGlobalEval: running the user's script is the purpose
  // biome-ignore lint/complexity/noCommaOperator: indirect eval is global code
  (0, eval)(code + '\n//# sourceURL=' + path);
}

export function encodeUtf8(text: string): Uint8Array {
  const length = text.length;
  const bytes = new Uint8Array(length * 3);
  let n = 0;
  for (let i = 0; i < length; i++) {
    let code = text.charCodeAt(i);
    if (code >> 11 === 27) {
      const low = text.charCodeAt(i + 1);
      if (code < 0xdc00 && low >> 10 === 55) {
        // Takes off both marks of a pair and adds the 0x10000 that it leaves out.
        code = (code << 10) + low - 0x35fdc00;
        i++;
      } else code = 0xfffd;
    }
    let more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    // As many ones as bytes; the array keeps the low eight bits.
    bytes[n++] = (more && 0xf80 >> more) | (code >> (6 * more));
    while (more--) bytes[n++] = 128 | ((code >> (6 * more)) & 63);
  }
  return bytes.subarray(0, n);
}

export function decodeUtf8(bytes: Uint8Array): string {
  const length = bytes.length;
  let text = '';
  for (let i = 0; i < length; ) {
    let code = bytes[i++];
    if (code > 127) {
      const more = code < 0xc2 ? 0 : code < 0xe0 ? 1 : code < 0xf0 ? 2 : 3;
      code -= 256 - (128 >> more);
      // Negative from the first byte on that continues nothing.
      for (let k = 0; k < more; k++) code = (bytes[i + k] >> 6 === 2 ? code << 6 : -1) | (bytes[i + k] & 63);
      // Too short, longer than need be, a surrogate, or beyond Unicode.
      if (!more || code >> (5 * more + 1) < 1 || code >> 11 === 27 || code > 0x10ffff) code = 0xfffd;
      else i += more;
    }
    text += code > 0xffff ? String.fromCharCode((code >> 10) + 0xd7c0, (code & 1023) | 0xdc00) : String.fromCharCode(code);
  }
  return text;
}
