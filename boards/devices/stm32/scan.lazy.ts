/** Reading what the flash of a log holds: its own sectors, and what else is there. A part to load on demand. */
import { crc32, le32 } from '../../../modules/engine';
import * as free from '../free.lazy';
import type { FlashArea, NativeFlash } from '../native';
import { BLOCK, ERASED, HEADER, type Log, type Sector, TAG, tagWord, UNIT } from './sector';

/** Smaller pages are taken together, else the tags would take too much. */
const SECTOR_MIN = 4096;
/** Slots that power cuts may spoil while blocks move. */
const SPARE = 4;

/** Divides a window into sectors. */
export function divide(log: Log, pages: FlashArea[]): void {
  let largest = 0;
  let total = 0;
  let length = 0;
  log._sectors = [];
  log._addr = pages[0].addr;
  log._length = 0;
  for (let i = 0; i < pages.length; i++) {
    length += pages[i].length;
    log._length += pages[i].length;
    if (length >= SECTOR_MIN) {
      const end = log._addr + log._length;
      const slots = Math.floor((length - HEADER) / (BLOCK + TAG));
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

/** The window of which a sector is that begins with these bytes: address and length; undefined for no sector. */
export function windowOf(bytes: Uint8Array): [addr: number, length: number] | undefined {
  return le32(bytes, 12) === crc32(-1, bytes.subarray(0, 12)) ? [le32(bytes, 4), (le32(bytes, 8) & 0xffff) * UNIT] : undefined;
}

/** Whether it is the window of this log. */
export function isOwn(log: Log, window: [addr: number, length: number] | undefined): boolean {
  return !!window && window[0] === log._addr && window[1] === log._length;
}

/** Whether littlefs keeps its superblock in a page that begins with these bytes. */
export function isSuperblock(bytes: Uint8Array): boolean {
  return le32(bytes, 8) === 0x7474696c && le32(bytes, 12) === 0x7366656c;
}

/** Reads where everything is. Writes nothing. */
export function scan(log: Log): Int32Array {
  const sectors = log._sectors;
  const map = new Int32Array(log._count);
  let head: Sector | undefined;
  let told = 0;
  log._next = log._written = log._free = 0;
  for (let s = 0; s < sectors.length; s++) {
    const sector = sectors[s];
    const slots = sector._slots;
    const tags = log._flash.read(HEADER + slots * TAG, sector._addr) as Uint8Array;
    const seq = isOwn(log, windowOf(tags)) ? le32(tags, 0) : 0;
    const newest = seq && !(head && head._seq > seq);
    sector._seq = seq;
    sector._live = 0;
    if (newest) {
      head = sector;
      log._next = 0;
      told = le32(tags, 8) >>> 16;
    }
    for (let i = 0; seq && i < slots; i++) {
      const word = le32(tags, HEADER + i * TAG);
      const check = le32(tags, HEADER + i * TAG + 4);
      const block = word & 0xffff;
      if (newest && (word !== -1 || check !== -1)) log._next = i + 1;
      if (block < log._count && word >>> 16 === (block ^ 0xffff) && check === tagWord(check)) {
        const older = map[block] && sectors[(map[block] - 1) >> 16];
        if (older && older._seq > seq) continue;
        if (older) older._live--;
        else log._written++;
        sector._live++;
        map[block] = s * 65536 + i + 1;
      }
    }
  }
  for (let k = 0; k < sectors.length; k++) {
    if (sectors[k] === head) log._free += head._slots - log._next;
    else if (!sectors[k]._live) log._free += sectors[k]._slots;
  }
  log._head = head;
  log._map = map;
  log._lost = log._written < told;
  log._held = othersIn(log);
  return map;
}

export function isErased(flash: NativeFlash, sector: Sector): boolean {
  let at = sector._addr;
  while (at < sector._end && crc32(-1, flash.read(BLOCK, at) as Uint8Array) === ERASED) at += BLOCK;
  return at >= sector._end;
}

/** Whether this page of a sector of the log begins within what was written as a block. */
function isContent(log: Log, sector: Sector, page: number): boolean {
  const flash = log._flash;
  const slot = sector._slots - Math.ceil((sector._end - page) / BLOCK);
  if (slot < 0) return true;
  const tag = flash.read(TAG, sector._addr + HEADER + slot * TAG) as Uint8Array;
  const crc = crc32(-1, flash.read(BLOCK, sector._end - (sector._slots - slot) * BLOCK) as Uint8Array);
  return le32(tag, 4) === tagWord(crc);
}

/**
 * What else than the log lies in its window: sectors of another window, a superblock of littlefs, and where there is no log,
 * anything. When a log begins, all that goes; so it is newer.
 */
function othersIn(log: Log): string {
  const flash = log._flash;
  const sectors = log._sectors;
  let held = '';
  for (let s = 0; s < sectors.length; s++) {
    const sector = sectors[s];
    for (let at = sector._addr; at < sector._end; at += (flash.getPage(at) as FlashArea).length) {
      const bytes = flash.read(HEADER, at) as Uint8Array;
      const window = windowOf(bytes);
      const superblock = isSuperblock(bytes);
      if (!(window || superblock) || isOwn(log, window) || (sector._seq && isContent(log, sector, at))) continue;
      return window
        ? 'a volume of another window {start: ' + (window[0] - free.claim(undefined, 'Flash')[0].addr) + ', len: ' + window[1] + '}'
        : 'littlefs 2';
    }
    if (!log._head && !held && !isErased(flash, sector)) held = 'something that is no volume of this window';
  }
  return held;
}
