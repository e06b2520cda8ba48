/** Bytes as text and back, with what both Node and browsers have. */

/** Arguments that a call may have. */
const MOST = 8192;

/** A character for each byte. */
export function textOfBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += MOST) text += String.fromCharCode(...bytes.subarray(at, at + MOST));
  return text;
}

/** The low bytes of the characters. */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export const toBase64 = (bytes: Uint8Array): string => btoa(textOfBytes(bytes));

/** Padding may be missing. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => bytesOfText(atob(text));

/** A text as its bytes of UTF-8, a character for each. */
export const utf8Of = (text: string): string => textOfBytes(new TextEncoder().encode(text));

/** The text whose UTF-8 these bytes are; what is none is replaced. */
export const fromUtf8 = (text: string): string => new TextDecoder().decode(bytesOfText(text));
