/**
 * Blocks of 512 bytes over flash sectors of any, also different, size, in which a power cut never costs what was written.
 *
 * Nothing is changed in place. A block goes to the next free slot of the sector that is being filled, then its tag, which
 * makes it valid; the older copy is dead from then on. A sector without live blocks may be erased. So many slots stay free
 * that the live blocks of any sector can move, which makes room where none is left. Needs 4 bytes of RAM a block.
 *
 * Sector: a header of 8 bytes (sequence number, CRC-32 of it and of what tells this volume from others), a tag of 8 bytes
 * for each slot (number of the block and its complement, 31 bits of the content's CRC-32), and at its end the slots.
 * All is programmed once and in multiples of 8 bytes, since some chips can do no more.
 */
import { crc32, fill, le32, putLe32 } from '../../modules/engine';
import { EIO, ENOSPC } from '../../modules/errno';
import type { FlashArea, NativeFlash } from '../native';
import { writeFlash } from '../window';

export const BLOCK = 512;
/** Of a header and of a tag. */
const TAG = 8;
/** CRC-32 (register) of an erased slot. */
const ERASED = 1115962464;
/** What a tag keeps of a CRC: the last bit to be programmed tells that the tag is whole. */
const WHOLE = 0x7fffffff;
/** Smaller pages are taken together, else the tags would take too much. */
const SECTOR_MIN = 4096;
/** Slots that power cuts may spoil while blocks move. */
const SPARE = 4;

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
  _sectors: Sector[];
  /** Where each block is: sector * 65536 + slot + 1, or 0. Undefined until the flash was read. */
  _map: Int32Array | undefined;
  /** How many blocks there are. */
  _count: number;
  /** The sector that is being filled, and its next slot. */
  _head: Sector | undefined;
  _next: number;
  /** Slots that can be written without moving anything, and with how many blocks begin to move. */
  _free: number;
  _low: number;
  /** The flash holds something else. */
  _foreign: boolean;
}

export function divide(log: Log, pages: FlashArea[]): void {
  let largest = 0;
  let total = 0;
  let length = 0;
  log._sectors = [];
  for (let i = 0; i < pages.length; i++) {
    length += pages[i].length;
    if (length >= SECTOR_MIN) {
      const end = pages[i].addr + pages[i].length;
      const slots = Math.floor((length - TAG) / (BLOCK + TAG));
      log._sectors.push({ _addr: end - length, _end: end, _slots: slots, _live: 0, _seq: 0 });
      total += slots;
      largest = Math.max(largest, slots);
      length = 0;
    }
  }
  log._low = largest + SPARE;
  // An eighth more, so that there are always dead blocks to win back.
  log._count = Math.max(0, Math.floor(((total - log._low) * 7) / 8));
}

function pair(first: number, second: number): Uint8Array {
  const bytes = new Uint8Array(8);
  putLe32(bytes, 0, first);
  putLe32(bytes, 4, second);
  return bytes;
}

function headerOf(log: Log, seq: number): number {
  return crc32(-1, pair(seq, log._sectors[0]._addr + log._count));
}

/** Reads where everything is. Writes nothing. */
export function scan(log: Log): Int32Array {
  const flash = log._flash;
  const sectors = log._sectors;
  const map = new Int32Array(log._count);
  let head: Sector | undefined;
  for (let s = 0; s < sectors.length; s++) {
    const sector = sectors[s];
    const slots = sector._slots;
    const tags = flash.read(TAG + slots * TAG, sector._addr) as Uint8Array;
    const seq = le32(tags, 0);
    const valid = le32(tags, 4) === headerOf(log, seq);
    sector._seq = valid ? seq : 0;
    sector._live = 0;
    const newest = valid && !(head && head._seq > seq);
    if (newest) {
      head = sector;
      log._next = 0;
    }
    for (let i = 0; valid && i < slots; i++) {
      const word = le32(tags, TAG + i * TAG);
      const block = word & 0xffff;
      if (newest && word !== -1) log._next = i + 1;
      if (block < log._count && word >>> 16 === (block ^ 0xffff) && le32(tags, TAG + i * TAG + 4) >= 0) {
        const older = map[block] && sectors[(map[block] - 1) >> 16];
        if (older && older._seq > seq) continue;
        if (older) older._live--;
        sector._live++;
        map[block] = s * 65536 + i + 1;
      }
    }
  }
  log._free = head ? head._slots - log._next : 0;
  log._foreign = false;
  for (let s = 0; s < sectors.length; s++) {
    const sector = sectors[s];
    if (!sector._live && sector !== head) log._free += sector._slots;
    if (!head)
      for (let at = sector._addr; at < sector._end; at += BLOCK)
        if (crc32(-1, flash.read(BLOCK, at) as Uint8Array) !== ERASED) log._foreign = true;
  }
  log._head = head;
  log._map = map;
  return map;
}

/** Fills `buf` with one block; one that was never written reads as erased. */
export function readBlock(log: Log, block: number, buf: Uint8Array): number {
  const place = (log._map || scan(log))[block] - 1;
  if (place < 0) {
    fill(buf, 0xff);
    return log._foreign ? -EIO : 0;
  }
  const slot = place & 0xffff;
  const sector = log._sectors[place >> 16];
  buf.set(log._flash.read(BLOCK, sector._end - (sector._slots - slot) * BLOCK) as Uint8Array);
  return le32(log._flash.read(4, sector._addr + TAG + slot * TAG + 4) as Uint8Array, 0) === (crc32(-1, buf) & WHOLE) ? 0 : -EIO;
}

/** Writes one block. When this returns it is on the flash, and until then the old one is. */
export function writeBlock(log: Log, block: number, data: Uint8Array): number {
  const map = log._map || scan(log);
  const sectors = log._sectors;
  log._foreign = false;
  while (log._free <= log._low) {
    // Most dead blocks, for longest. The one that is being filled is closed for that, which costs its free slots.
    const head = log._head as Sector;
    const rest = head._slots - log._next;
    let worst = -1;
    let most = -1;
    for (let s = 0; s < sectors.length; s++) {
      const sector = sectors[s];
      const live = sector._live;
      const lost = sector === head ? rest : 0;
      const gain = (sector._slots - live - lost) * (head._seq - sector._seq + 1);
      if (live && live <= log._free - lost && gain > most) {
        most = gain;
        worst = s;
      }
    }
    if (worst < 0) return -ENOSPC;
    if (sectors[worst] === head) {
      log._free -= rest;
      log._next += rest;
    }
    const moving = new Uint8Array(BLOCK);
    for (let b = 0; b < log._count; b++)
      if (map[b] && (map[b] - 1) >> 16 === worst) {
        // A damaged block stays one.
        const status = append(log, map, b, moving, readBlock(log, b, moving));
        if (status) return status;
      }
  }
  return append(log, map, block, data, 0);
}

function append(log: Log, map: Int32Array, block: number, data: Uint8Array, damage: number): number {
  const flash = log._flash;
  const sectors = log._sectors;
  const tag = pair(block | (~block << 16), (crc32(-1, data) ^ damage) & WHOLE);
  // Slots that a power cut has spoiled, or that are worn out, are left alone.
  for (let tries = 0; log._free > 0 && tries < 1000; tries++) {
    let head = log._head;
    if (!head || log._next >= head._slots) {
      const seq = head ? head._seq + 1 : 1;
      if (head && !head._live) log._free += head._slots;
      let s = -1;
      for (let k = 0; k < sectors.length; k++) if (!sectors[k]._live && (s < 0 || sectors[k]._seq < sectors[s]._seq)) s = k;
      if (s < 0) break;
      log._head = head = sectors[s];
      head._seq = seq;
      for (let at = head._addr; at < head._end; at += (flash.getPage(at) as FlashArea).length) flash.erasePage(at);
      log._next = 0;
      if (writeFlash(flash, head._addr, pair(seq, headerOf(log, seq)))) {
        log._next = head._slots;
        log._free -= head._slots;
      }
      continue;
    }
    const slot = log._next++;
    const at = head._end - (head._slots - slot) * BLOCK;
    log._free--;
    if (
      crc32(-1, flash.read(BLOCK, at) as Uint8Array) === ERASED &&
      !writeFlash(flash, at, data) &&
      !writeFlash(flash, head._addr + TAG + slot * TAG, tag)
    ) {
      const older = map[block] && sectors[(map[block] - 1) >> 16];
      if (older && !--older._live && older !== head) log._free += older._slots;
      head._live++;
      map[block] = sectors.indexOf(head) * 65536 + slot + 1;
      return 0;
    }
  }
  return -EIO;
}
