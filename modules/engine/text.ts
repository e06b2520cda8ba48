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
    if (c >= 0xd800 && c < 0xe000) {
      const low = c < 0xdc00 && i + 1 < length ? text.charCodeAt(i + 1) : 0;
      if (low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        i++;
      } else c = 0xfffd;
    }
    if (c < 0x80) bytes[n++] = c;
    else {
      if (c < 0x800) bytes[n++] = 0xc0 | (c >> 6);
      else {
        if (c < 0x10000) bytes[n++] = 0xe0 | (c >> 12);
        else {
          bytes[n++] = 0xf0 | (c >> 18);
          bytes[n++] = 0x80 | ((c >> 12) & 63);
        }
        bytes[n++] = 0x80 | ((c >> 6) & 63);
      }
      bytes[n++] = 0x80 | (c & 63);
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
  return native && native.isUTF8 && native.isUTF8(text) ? decodeText(encodeText(text)) : text;
}

/** How many bytes the UTF-8 sequence that begins with `lead` has; 1 for a byte that begins none. */
export function sequenceLength(lead: number): number {
  return espruinoE || lead < 0xc2 || lead > 0xf4 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** The string of UTF-8 bytes; what is not UTF-8 becomes U+FFFD, byte by byte. On Espruino the bytes themselves. */
export function decodeText(bytes: Uint8Array): string {
  const length = bytes.length;
  // A view of its own: E.toString would hand out the array itself, to change when it changes.
  if (espruinoE) return length ? '' + espruinoE.toString(bytes) : '';
  let text = '';
  for (let i = 0; i < length; ) {
    const lead = bytes[i++];
    let code = lead;
    if (lead > 127) {
      const more = sequenceLength(lead) - 1;
      code = more ? lead & (0x3f >> more) : 0xfffd;
      for (let k = 0; k < more; k++) {
        const next = i + k < length ? bytes[i + k] : 0;
        if ((next & 0xc0) !== 0x80) {
          code = 0xfffd;
          break;
        }
        code = (code << 6) | (next & 63);
      }
      if (more && (code < (more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000) || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)))
        code = 0xfffd;
      if (code !== 0xfffd) i += more;
      else if (more === 2 && lead === 0xef && bytes[i] === 0xbf && bytes[i + 1] === 0xbd) i += 2;
      if (code > 0xffff) {
        text += String.fromCharCode(0xd800 + ((code - 0x10000) >> 10));
        code = 0xdc00 + ((code - 0x10000) & 0x3ff);
      }
    }
    text += String.fromCharCode(code);
  }
  return text;
}
