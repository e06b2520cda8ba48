/** The sectors of the log, see `log.ts`: their marks. */
import { crc32, putLe32 } from '../../../modules/engine';
import type { FlashArea, NativeFlash } from '../native';
import { writeFlash } from '../window';

export const BLOCK = 512;
/** Bytes of a header, and of a tag. */
export const HEADER = 16;
export const TAG = 8;
/** Unit of a window's length. */
export const UNIT = 128;
/** CRC-32 (register) of an erased slot. */
export const ERASED = 1115962464;

export interface Sector {
  _addr: number;
  _end: number;
  _slots: number;
  /** Slots with a valid block. */
  _live: number;
  /** Sequence number, 0 for none. */
  _seq: number;
}

export interface Log {
  _flash: NativeFlash;
  /** The window. */
  _addr: number;
  _length: number;
  _sectors: Sector[];
  /** Where each block is: sector * 65536 + slot + 1, or 0. Undefined until the flash was read. */
  _map: Int32Array | undefined;
  /** How many blocks there are, and how many have ever been written. */
  _count: number;
  _written: number;
  /** The sector that is being filled, and its next slot. */
  _head: Sector | undefined;
  _next: number;
  /** Slots that can be written without moving anything, and with how many blocks begin to move. */
  _free: number;
  _low: number;
  /** What the flash holds instead of this log, or besides it; '' for nothing. */
  _held: string;
  /** Blocks that were written are lost: what seems never to have been written may be one of them. */
  _lost: boolean;
}

/** A tag's second word for a content of that CRC. */
export function tagWord(crc: number): number {
  crc &= 0x7ffffff;
  let ones = crc - ((crc >>> 1) & 0x55555555);
  ones = (ones & 0x33333333) + ((ones >>> 2) & 0x33333333);
  ones = (ones + (ones >>> 4)) & 0x0f0f0f0f;
  // The sum of the four bytes.
  return crc | ((27 - (ones % 255)) << 27);
}

export function eraseSector(flash: NativeFlash, sector: Sector): void {
  for (let at = sector._addr; at < sector._end; at += (flash.getPage(at) as FlashArea).length) flash.erasePage(at);
}

/** Writes the header of an erased sector, which is then the one being filled. */
export function startSector(log: Log, sector: Sector, seq: number): void {
  const bytes = new Uint8Array(HEADER);
  putLe32(bytes, 0, seq);
  putLe32(bytes, 4, log._addr);
  putLe32(bytes, 8, (log._length / UNIT) | (log._written << 16));
  putLe32(bytes, 12, crc32(-1, bytes.subarray(0, 12)));
  sector._seq = seq;
  log._head = sector;
  log._next = 0;
  if (writeFlash(log._flash, sector._addr, bytes)) {
    log._next = sector._slots;
    log._free -= sector._slots;
  }
}
