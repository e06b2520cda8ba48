import { espruinoE } from './native';
import * as portable from './portable.lazy';

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
  if (!espruinoE) return portable.encodeUtf8(text);
  text = byteText(text);
  const bytes = new Uint8Array(text.length);
  bytes.set(text as unknown as ArrayLike<number>);
  return bytes;
}

/** The string of UTF-8 bytes; what is not UTF-8 becomes U+FFFD, byte by byte. On Espruino the bytes themselves. */
export function decodeText(bytes: Uint8Array): string {
  if (!espruinoE) return portable.decodeUtf8(bytes);
  const text = '';
  // With `text` before it a copy: E.toString may hand out the array itself, to change when it changes.
  return bytes.length ? text + espruinoE.toString(bytes) : text;
}
