/**
 * What Espruino has natively, for every other engine: a part of its own, which a device loads when it is first wanted, and keeps.
 * Espruino never wants it, and need not have it.
 */

export interface Portable {
  _crc32(crc: number, data: Uint8Array): number;
  _encode(text: string): Uint8Array;
  _decode(bytes: Uint8Array): string;
  /**
   * How many bytes `limit` characters take, or a line if `line`; with `binary` a character is a byte. One more than there are
   * if that is not all: the end of the last character shows at the next.
   */
  _measure(bytes: Uint8Array, limit: number, line: boolean, binary: number): number;
  /** Runs a script as global code, known by its path. */
  _run(code: string, path: string): void;
}

export function makePortable(): Portable {
  /** Remainders of the 16 nibbles for the reflected polynomial 0xEDB88320. */
  const nibbles = new Int32Array(16);
  for (let nibble = 16; nibble--; ) {
    let rest = nibble;
    for (let bit = 4; bit--; ) rest = (rest >>> 1) ^ (0xedb88320 & -(rest & 1));
    nibbles[nibble] = rest;
  }
  return {
    _crc32: function (crc: number, data: Uint8Array): number {
      for (let i = 0; i < data.length; i++) {
        crc ^= data[i];
        crc = nibbles[crc & 15] ^ (crc >>> 4);
        crc = nibbles[crc & 15] ^ (crc >>> 4);
      }
      return crc;
    },
    _encode: encodeUtf8,
    _decode: decodeUtf8,
    _measure: function (bytes: Uint8Array, limit: number, line: boolean, binary: number): number {
      for (let i = 0; i < bytes.length; i++) {
        if ((binary || bytes[i] >> 6 !== 2 || !i) && limit-- < 1) return i;
        if (line && bytes[i] === 10) return i + 1;
      }
      return bytes.length + 1;
    },
    _run: function (code: string, path: string): void {
      // biome-ignore lint/security/noGlobalEval: running the user's script is the purpose
      // biome-ignore lint/complexity/noCommaOperator: indirect eval is global code
      (0, eval)(code + '\n//# sourceURL=' + path);
    },
  };
}

function encodeUtf8(text: string): Uint8Array {
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

function decodeUtf8(bytes: Uint8Array): string {
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
