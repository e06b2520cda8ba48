/**
 * Blocks of 512 bytes over flash sectors of any, also different, size, in which a power cut never costs what was written.
 *
 * Nothing is changed in place. A block goes to the next free slot of the sector that is being filled, then its tag, which
 * makes it valid; the older copy is dead from then on. A sector without live blocks may be erased. So many slots stay free
 * that the live blocks of any sector can move, which makes room where none is left. Needs 4 bytes of RAM a block.
 *
 * Sector: a header of 16 bytes (sequence number; address of the window; its length in units of 128 bytes, and above that how
 * many blocks have ever been written; CRC-32 of these), a tag of 8 bytes for each slot (number of the block and its complement,
 * 27 bits of the content's CRC-32 and how many of them are 0), and at its end the slots.
 * All is programmed once and in multiples of 8 bytes, since some chips can do no more. While bits are programmed, in whatever
 * order, there are more ones than in the end: the complement and the count tell a tag of which some are missing.
 */

import { EIO, ENOSPC } from '../../../modules/contract/errno';
import { crc32, fill, le32, putLe32 } from '../../../modules/engine';
import { writeFlash } from '../window';
import * as beginning from './begin.lazy';
import * as scanning from './scan.lazy';
import { BLOCK, ERASED, eraseSector, HEADER, type Log, type Sector, startSector, TAG, tagWord } from './sector';

/** Fills `buf` with one block; one that was never written reads as erased. */
export function readBlock(log: Log, block: number, buf: Uint8Array): number {
  const place = (log._map || scanning.scan(log))[block] - 1;
  if (place < 0 || log._held) {
    fill(buf, 0xff);
    return log._held || log._lost ? -EIO : 0;
  }
  const slot = place & 0xffff;
  const sector = log._sectors[place >> 16];
  buf.set(log._flash.read(BLOCK, sector._end - (sector._slots - slot) * BLOCK) as Uint8Array);
  const tag = log._flash.read(4, sector._addr + HEADER + slot * TAG + 4) as Uint8Array;
  return le32(tag, 0) === tagWord(crc32(-1, buf)) ? 0 : -EIO;
}

/** Writes one block. When this returns it is on the flash, and until then the old one is. */
export function writeBlock(log: Log, block: number, data: Uint8Array): number {
  if (!log._map) scanning.scan(log);
  if (log._held) beginning.beginLog(log);
  const map = log._map as Int32Array;
  const sectors = log._sectors;
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
  const crc = crc32(-1, data) ^ damage;
  const tag = new Uint8Array(TAG);
  // Slots that a power cut has spoiled, or that are worn out, are left alone.
  for (let tries = 0; log._free > 0 && tries < 1000; tries++) {
    const head = log._head;
    if (!head || log._next >= head._slots) {
      const seq = head ? head._seq + 1 : 1;
      if (head && !head._live) log._free += head._slots;
      let s = -1;
      for (let k = 0; k < sectors.length; k++) if (!sectors[k]._live && (s < 0 || sectors[k]._seq < sectors[s]._seq)) s = k;
      if (s < 0) break;
      eraseSector(flash, sectors[s]);
      startSector(log, sectors[s], seq);
      continue;
    }
    const slot = log._next++;
    const at = head._end - (head._slots - slot) * BLOCK;
    log._free--;
    putLe32(tag, 0, block | (~block << 16));
    putLe32(tag, 4, tagWord(crc));
    if (
      crc32(-1, flash.read(BLOCK, at) as Uint8Array) === ERASED &&
      !writeFlash(flash, at, data) &&
      !writeFlash(flash, head._addr + HEADER + slot * TAG, tag)
    ) {
      const older = map[block] && sectors[(map[block] - 1) >> 16];
      if (!older) log._written++;
      else if (!--older._live && older !== head) log._free += older._slots;
      head._live++;
      map[block] = sectors.indexOf(head) * 65536 + slot + 1;
      return 0;
    }
  }
  return -EIO;
}
