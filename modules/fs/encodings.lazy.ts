/** Text of other encodings than UTF-8. */
import { isEspruino } from '../engine';
import type { Face } from './types';

/** Duktape's is an older one, without `from`. */
export function hasBuffer(): boolean {
  return typeof Buffer !== 'undefined' && typeof Buffer.from === 'function';
}

/** @throws TypeError for an encoding that is not known */
export function check(encoding: unknown, face: Face): void {
  const name = ('' + encoding).toLowerCase();
  const known = hasBuffer() ? Buffer.isEncoding(name) : /^(utf-*8|latin1|binary|ascii)$/.test(name);
  if (!known && name !== 'buffer') face._bad('ERR_INVALID_ARG_VALUE', 'encoding');
}

/** The bytes of a text; the text itself where they are to be UTF-8. */
export function encode(text: string, encoding: unknown, face: Face): Uint8Array | string {
  if (encoding === undefined || encoding === null || encoding === 'buffer' || /^utf-*8$/i.test(encoding as string)) return text;
  check(encoding, face);
  if (hasBuffer()) return Buffer.from(text, encoding as BufferEncoding);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The text of bytes, one of the encodings that are not UTF-8. */
export function decode(bytes: Uint8Array, encoding: string): string {
  if (hasBuffer()) return bufferOf(bytes).toString(encoding as BufferEncoding);
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(encoding === 'ascii' ? bytes[i] & 127 : bytes[i]);
  return text;
}

/** The same bytes as a `Buffer`, where there are any. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The bytes of whatever view. @throws TypeError that names the argument */
export function viewOf(data: unknown, name: string, face: Face): Uint8Array {
  const view = data as ArrayBufferView;
  if (data instanceof Uint8Array) return data;
  if (!data || !view.buffer || view.byteLength === undefined) face._bad('ERR_INVALID_ARG_TYPE', name);
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** What is to be written: bytes of whatever view, or a text. @throws TypeError */
export function bytesOf(data: unknown, encoding: unknown, face: Face): Uint8Array | string {
  return typeof data === 'string' ? encode(data, encoding, face) : viewOf(data, 'data', face);
}

/** How many bytes at the end belong to a character, or a group of digits, that goes on in the next piece. */
export function unfinished(bytes: Uint8Array, encoding: string): number {
  if (/^base64/.test(encoding)) return bytes.length % 3;
  if (!/^utf-*8$/i.test(encoding) || isEspruino) return 0;
  for (let n = 1; n < 4 && n <= bytes.length; n++) {
    const b = bytes[bytes.length - n];
    if (b >> 6 !== 2) return (b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : b >= 0xc0 ? 2 : 1) > n ? n : 0;
  }
  return 0;
}
