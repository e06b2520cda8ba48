/** What a format says of the bytes of one block. */
export interface Note {
  /** From the begin of the block. */
  at: number;
  length: number;
  text: string;
  /** In which commit of a log it is, counted from 1. */
  commit?: number;
  /** The commit from which on something else stands in its place, or nothing. */
  superseded?: number;
}

export interface Described {
  /** What the block is, as far as it tells. */
  what: string;
  notes: Note[];
}

/** Names as they are in an image, quoted. */
export function quoted(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
}

export function le16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

export function u32(bytes: Uint8Array, at: number): number {
  return (le16(bytes, at) | (le16(bytes, at + 2) << 16)) >>> 0;
}

/** Fields of a structure, one note each: offset, length, name, and the value unless it is the number that stands there. */
export function fields(bytes: Uint8Array, base: number, list: [at: number, length: number, name: string, value?: string][]): Note[] {
  return list.map(([at, length, name, value]) => {
    let number = 0;
    for (let i = length - 1; i >= 0; i--) number = number * 256 + bytes[base + at + i];
    return { at: base + at, length, text: `${name}: ${value ?? number}` };
  });
}
