import { espruinoE } from './native';

/** What only text needs of Espruino's `E`. Builds without Unicode support have no `isUTF8`. */
interface EspruinoText {
  isUTF8?(text: string): boolean;
  toUint8Array(text: string): Uint8Array;
}

/**
 * The form of a string under which equal texts are equal. Espruino builds with Unicode mark literals with such characters
 * as UTF-8, and these count characters and never equal the same bytes read from a medium (nor is an empty piece of them false).
 */
export function byteText(text: string): string {
  const native = espruinoE as unknown as EspruinoText | undefined;
  return native && native.isUTF8 && native.isUTF8(text) ? decodeText(native.toUint8Array(text)) : text;
}

/** The UTF-8 bytes of a string. On Espruino strings are bytes already. A lone surrogate becomes U+FFFD. */
export function encodeText(text: string): Uint8Array {
  text = byteText(text);
  const length = text.length;
  const bytes = new Uint8Array(espruinoE ? length : length * 3);
  if (espruinoE) {
    bytes.set(text as unknown as ArrayLike<number>);
    return bytes;
  }
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

/** The string of UTF-8 bytes; what is not UTF-8 becomes U+FFFD, byte by byte. On Espruino the bytes themselves. */
export function decodeText(bytes: Uint8Array): string {
  const length = bytes.length;
  let text = '';
  // With `text` before it a copy: E.toString may hand out the array itself, to change when it changes.
  if (espruinoE) return length ? text + espruinoE.toString(bytes) : text;
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
