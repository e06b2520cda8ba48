/** Bytes and text as source that a console takes, in ASCII only, and the sum that is sent along. */
import { crc32 as register } from '../../modules/engine';
import { bytesOfText, fromBase64, textOfBytes, toBase64 } from './bytes';

/** CRC-32 (ISO 3309) of bytes, as `E.CRC32` of Espruino has it. */
export function crc32(bytes: Uint8Array): number {
  return ~register(-1, bytes) >>> 0;
}

/** The same of text, of which it takes the low bytes of the characters. */
export function crcOfText(text: string): number {
  return crc32(bytesOfText(text));
}

/** A string literal of a script. */
export function literal(text: string): string {
  const inner = text.replace(/[^ -~]|['\\]/g, (char) => {
    const code = char.charCodeAt(0);
    if (char === '\n') return '\\n';
    if (code > 255) return `\\u${code.toString(16).padStart(4, '0')}`;
    return code < 32 || code > 126 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\${char}`;
  });
  return `'${inner}'`;
}

/** How bytes are sent: base64, or as the characters that they are where that is shorter, as it is with text. */
export interface Packed {
  /** 0: base64; 1: a character for each byte. */
  coding: number;
  text: string;
}

export function pack(bytes: Uint8Array): Packed {
  const text = textOfBytes(bytes);
  const base64 = toBase64(bytes);
  return literal(text).length <= base64.length ? { coding: 1, text } : { coding: 0, text: base64 };
}

/** What the board has packed: a string for characters, base64 in an array. */
export function unpack(packed: string | [string]): Uint8Array {
  return typeof packed === 'string' ? bytesOfText(packed) : fromBase64(packed[0]);
}
