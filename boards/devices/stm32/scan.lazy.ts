/** Reading what the flash of a log holds: its own sectors, and what else is there. A part to load on demand. */
import { crc32, le32, putLe32 } from '../../../modules/engine';
import * as free from '../free.lazy';
import type { FlashArea } from '../native';
import { BLOCK, ERASED, HEADER, type Log, OLD_HEADER, type Sector, slotsOf, TAG, tagWord, UNIT } from './sector';

/** Smaller pages are taken together, else the tags would take too much. */
const SECTOR_MIN = 4096;
/** Slots that power cuts may spoil while blocks move. */
const SPARE = 4;
/** A sequence number of earlier versions is taken for one up to here. */
const OLD_SEQ = 1048576;

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
      const end = pages[i].addr + pages[i].length;
      const sector: Sector = { _addr: end - length, _end: end, _header: HEADER, _slots: 0, _live: 0, _seq: 0 };
      // As many blocks as earlier versions had, which hardly ever fitted one slot more into a sector.
      const slots = slotsOf(sector, OLD_HEADER);
      log._sectors.push(sector);
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

/** Whether littlefs keeps its superblock in a page that begins with these bytes. */
export function isSuperblock(bytes: Uint8Array): boolean {
  return le32(bytes, 8) === 0x7474696c && le32(bytes, 12) === 0x7366656c;
}

/** Reads where everything is. Writes nothing. */
export function scan(log: Log): Int32Array {
  const flash = log._flash;
  const sectors = log._sectors;
  const map = new Int32Array(log._count);
  const old = new Uint8Array(8);
  let head: Sector | undefined;
  let told = 0;
  let marked = 0;
  log._next = log._written = 0;
  for (let s = 0; s < sectors.length; s++) {
    const sector = sectors[s];
    const tags = flash.read(HEADER + slotsOf(sector, OLD_HEADER) * TAG, sector._addr) as Uint8Array;
    const seq = le32(tags, 0);
    const window = windowOf(tags);
    let valid = !!window && window[0] === log._addr && window[1] === log._length;
    putLe32(old, 0, seq);
    putLe32(old, 4, log._addr + log._count);
    const header = !window && le32(tags, 4) === crc32(-1, old) ? OLD_HEADER : HEADER;
    if (header === OLD_HEADER) valid = true;
    const slots = slotsOf(sector, header);
    const newest = valid && !(head && head._seq > seq);
    sector._header = header;
    sector._slots = slots;
    sector._seq = valid ? seq : 0;
    sector._live = 0;
    if (valid) marked++;
    if (newest) {
      head = sector;
      log._next = 0;
      told = window ? le32(tags, 8) >>> 16 : 0;
    }
    for (let i = 0; valid && i < slots; i++) {
      const word = le32(tags, header + i * TAG);
      const check = le32(tags, header + i * TAG + 4);
      const block = word & 0xffff;
      if (newest && (word !== -1 || check !== -1)) log._next = i + 1;
      if (block < log._count && word >>> 16 === (block ^ 0xffff) && check === tagWord(check, header)) {
        const older = map[block] && sectors[(map[block] - 1) >> 16];
        if (older && older._seq > seq) continue;
        if (older) older._live--;
        else log._written++;
        sector._live++;
        map[block] = s * 65536 + i + 1;
      }
    }
  }
  log._free = head ? head._slots - log._next : 0;
  for (let k = 0; k < sectors.length; k++) if (!sectors[k]._live && sectors[k] !== head) log._free += sectors[k]._slots;
  log._head = head;
  log._map = map;
  log._lost = log._written < told;
  log._held = othersIn(log, !head || marked < Math.min(head._seq, sectors.length));
  return map;
}

/** Whether this page of a sector of the log begins within what was written as a block. */
function isContent(log: Log, sector: Sector, page: number): boolean {
  const flash = log._flash;
  const slot = sector._slots - Math.ceil((sector._end - page) / BLOCK);
  if (slot < 0) return true;
  const tag = flash.read(TAG, sector._addr + sector._header + slot * TAG) as Uint8Array;
  const crc = crc32(-1, flash.read(BLOCK, sector._end - (sector._slots - slot) * BLOCK) as Uint8Array);
  return le32(tag, 4) === tagWord(crc, sector._header);
}

/**
 * What else than the log lies in its window: sectors of another window, a superblock of littlefs, and where there is no log,
 * anything. When a log begins, all that goes; so it is newer.
 * Sectors of earlier versions tell no window. They are of another one if this log lacks some that it had; of two windows that
 * begin at the same place the older one does. A superblock may be older than a log of those versions, but then is alone.
 * @param lacks whether a sector of the log is missing. One may be: the power has gone while it was erased
 */
function othersIn(log: Log, lacks: boolean): string {
  const flash = log._flash;
  const sectors = log._sectors;
  const strict = !log._head || log._head._header === HEADER;
  const another = 'a volume of another window';
  let blank = true;
  let superblocks = 0;
  for (let s = 0; s < sectors.length; s++) {
    const sector = sectors[s];
    const own = sector._seq;
    for (let at = sector._addr; at < sector._end; at += (flash.getPage(at) as FlashArea).length) {
      if (own && at === sector._addr) continue;
      const bytes = flash.read(HEADER, at) as Uint8Array;
      const window = windowOf(bytes);
      const tag = le32(bytes, 8);
      if (own && ((!window && !isSuperblock(bytes)) || isContent(log, sector, at))) continue;
      if (window && !(window[0] === log._addr && window[1] === log._length))
        return another + ' {start: ' + (window[0] - free.claim(undefined, 'Flash')[0].addr) + ', len: ' + window[1] + '}';
      superblocks = isSuperblock(bytes) ? superblocks + 1 : 0;
      if (superblocks > (strict ? 0 : 1)) return 'littlefs 2';
      if (lacks && !own && le32(bytes, 0) > 0 && le32(bytes, 0) < OLD_SEQ && tag >>> 16 === (~tag & 0xffff))
        return 'a volume of another window';
    }
    for (let slot = sector._addr; slot < sector._end && !log._head && blank; slot += BLOCK)
      if (crc32(-1, flash.read(BLOCK, slot) as Uint8Array) !== ERASED) blank = false;
  }
  return blank ? '' : 'something that is no volume of this window';
}
