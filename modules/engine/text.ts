import { espruinoE } from './native';

/** What only text needs of Espruino's `E`. Builds without Unicode support have no `isUTF8`. */
interface EspruinoText {
  isUTF8?(text: string): boolean;
  toUint8Array(text: string): Uint8Array;
}

/**
 * The UTF-8 bytes of a string. On Espruino strings are bytes already. A lone surrogate becomes U+FFFD.
 */
export function encodeText(text: string): Uint8Array {
  const length = text.length;
  if (espruinoE) {
    const native = espruinoE as unknown as EspruinoText;
    // Strings marked as UTF-8 (a literal with such characters) count characters, not bytes. Long ones go faster by `set`.
    if (length < 64 || (native.isUTF8 && native.isUTF8(text))) return native.toUint8Array(text);
    const raw = new Uint8Array(length);
    raw.set(text as unknown as ArrayLike<number>);
    return raw;
  }
  const bytes = new Uint8Array(length * 3);
  let n = 0;
  for (let i = 0; i < length; i++) {
    let c = text.charCodeAt(i);
    if (c >> 11 === 27) {
      const low = text.charCodeAt(i + 1);
      if (c < 0xdc00 && low >> 10 === 55) {
        c = ((c & 1023) << 10) + (low & 1023) + 0x10000;
        i++;
      } else c = 0xfffd;
    }
    if (c < 128) bytes[n++] = c;
    else {
      let more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
      // As many ones as bytes; the array keeps the low eight bits.
      bytes[n++] = (0xf80 >> more) | (c >> (6 * more));
      while (more--) bytes[n++] = 128 | ((c >> (6 * more)) & 63);
    }
  }
  return bytes.subarray(0, n);
}

/**
 * The form of a string under which equal texts are equal. Espruino builds with Unicode mark literals with such characters
 * as UTF-8, and these never equal the same bytes read from a medium (nor is an empty piece of them false).
 */
export function byteText(text: string): string {
  const native = espruinoE as unknown as EspruinoText | undefined;
  return native && native.isUTF8 && native.isUTF8(text) ? decodeText(native.toUint8Array(text)) : text;
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
      const more = code < 0xc2 || code > 0xf4 ? 0 : code < 0xe0 ? 1 : code < 0xf0 ? 2 : 3;
      let k = 0;
      code &= 63 >> more;
      for (; k < more && bytes[i + k] >> 6 === 2; k++) code = (code << 6) | (bytes[i + k] & 63);
      // Too short, longer than need be, a surrogate, or beyond Unicode.
      if (!more || k < more || code >> (5 * more + 1) === 0 || code >> 11 === 27 || code > 0x10ffff) code = 0xfffd;
      else i += more;
    }
    if (code > 0xffff) {
      text += String.fromCharCode((code >> 10) + 0xd7c0);
      code = (code & 1023) | 0xdc00;
    }
    text += String.fromCharCode(code);
  }
  return text;
}
