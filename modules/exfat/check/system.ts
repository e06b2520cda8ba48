/** What a volume needs for itself: the root directory, the allocation bitmap and the up-case table. */
import { ENOSPC } from '../../contract/errno';
import { copy, le32, putLe32 } from '../../engine';
import { isUsed, mark } from '../bitmap';
import { END, fatEntry, makeChain, putFat, reach } from '../chain';
import { eraseSlots, reserve, slotAt } from '../dir';
import { le64, putLe64, sectorOf, transfer } from '../sector';
import { putTable, TABLE_BYTES, TABLE_SUM } from '../table';
import { fail, fs } from '../volume';
import { type Check, claim, damage, isMarked, markBit, reasonText, trace } from './state';

export const BITMAP_ENTRY = 0x81;
export const TABLE_ENTRY = 0x82;

/** Claims the root directory, and what it names for the volume itself. */
export function claimSystem(c: Check): void {
  const root = claim(c, fs._root, false, Infinity);
  const maps: boolean[] = [];
  c._top = makeChain(fs._root, false, root._count);
  c._tableSlot = -1;
  c._tableSound = false;
  if (root._why && damage(c, root._why === 'loop' ? 'loop' : 'chain', '/', 'its chain ' + reasonText(root), [root._next]))
    putFat(root._last, END);
  for (let slot = 0; ; slot++) {
    const at = slotAt(c._top, slot);
    const b = fs._meta._buf;
    const type = at < 0 ? 0 : b[at];
    if (!type) return;
    if (type !== BITMAP_ENTRY && type !== TABLE_ENTRY) continue;
    const which = b[at + 1] & 1;
    if (type === TABLE_ENTRY ? c._tableSlot >= 0 : maps[which]) {
      if (damage(c, 'entry', '/', 'a second entry of its kind in slot ' + slot)) eraseSlots(c._top, slot, 1);
    } else if (type === TABLE_ENTRY) {
      c._tableSlot = slot;
      claimTable(c, new Uint8Array(b.subarray(at, at + 32)));
    } else {
      const count = Math.ceil(le64(b, at + 24) / fs._clusterSize);
      maps[which] = true;
      if (which === fs._active) c._mapSlot = slot;
      if (claimBitmap(c, le32(b, at + 20) >>> 0, count) === count && which === fs._active) c._mapSound = true;
    }
  }
}

/** The bitmap lies in one piece, which others follow by the FAT. Gives how many clusters of it belong to nothing else. */
function claimBitmap(c: Check, first: number, count: number): number {
  const found = claim(c, first, true, count);
  let differ = false;
  if (found._count < count) return found._count;
  for (let k = 0; k < found._count; k++) if (fatEntry(first + k) !== (k < count - 1 ? first + k + 1 : END)) differ = true;
  if (differ && damage(c, 'bitmap', '', 'the FAT has another chain than the allocation bitmap takes', [first])) chainRun(first, count);
  return count;
}

/** Lets the FAT say that clusters lie one behind the other. */
function chainRun(first: number, count: number): void {
  for (let k = 0; k < count; k++) putFat(first + k, k < count - 1 ? first + k + 1 : END);
}

/** The first of so many free clusters that lie together, as some systems want the up-case table; 0 if there are none. */
function freeRun(count: number, taken: (cluster: number) => boolean): number {
  let run = 0;
  for (let cluster = 2; cluster <= fs._last; cluster++) {
    run = taken(cluster) ? 0 : run + 1;
    if (run === count) return cluster - count + 1;
  }
  return 0;
}

/** Gives the bitmap a place of its own, where by its entry it lies over something else. Gives whether that was done. */
export function moveBitmap(c: Check): boolean {
  const bytes = Math.ceil((fs._last - 1) / 8);
  const count = Math.ceil(bytes / fs._clusterSize);
  if (!damage(c, 'bitmap', '', 'the allocation bitmap lies where something else does')) return false;
  const first =
    freeRun(count, function (cluster) {
      return isMarked(c._map, cluster);
    }) || fail(ENOSPC);
  for (let k = 0; k < count; k++) markBit(c._map, first + k);
  chainRun(first, count);
  fs._bitmap = sectorOf(first);
  fs._map._sector = -1;
  const at = slotAt(fs._top, c._mapSlot);
  putLe32(fs._meta._buf, at + 20, first);
  putLe64(fs._meta._buf, at + 24, bytes);
  fs._meta._dirty = true;
  return true;
}

/** Claims the up-case table if it is what its entry says. */
function claimTable(c: Check, entry: Uint8Array): void {
  const first = le32(entry, 20) >>> 0;
  const bytes = le64(entry, 24);
  const sound = bytes > 0 && bytes <= 131072;
  const found = claim(c, first, false, sound ? Math.ceil(bytes / fs._clusterSize) : 0);
  const chain = makeChain(first, false, found._count);
  let sum = 0;
  if (found._why === 'long' && trace(c, 'size', '', 'the chain of the up-case table ' + reasonText(found), [found._last]))
    putFat(found._last, END);
  c._tableSound = sound && (!found._why || found._why === 'long');
  const size = fs._sectorSize;
  const b = new Uint8Array(size);
  for (let at = 0; at < bytes && c._tableSound; at++) {
    if (!(at % size)) {
      const index = Math.floor(at / fs._clusterSize);
      transfer(sectorOf(reach(chain, index)) + (at - index * fs._clusterSize) / size, b, false);
    }
    sum = ((sum << 31) | (sum >>> 1)) + b[at % size];
  }
  if ((sum | 0) !== le32(entry, 4)) c._tableSound = false;
  if (c._tableSound) return;
  // What belongs to no table is free for others.
  for (let k = 0, cluster = first; k < found._count; k++, cluster = fatEntry(cluster))
    c._map[Math.floor((cluster - 2) / 8)] &= ~(1 << ((cluster - 2) & 7));
}

/** Makes the bitmap say what the map does: frees what belongs to nothing, and takes what does. Bad clusters stay as they are. */
export function sweep(c: Check): void {
  const size = fs._sectorSize;
  const count = fs._last - 1;
  const bad = new Uint8Array(c._map.length);
  const lost: number[] = [];
  const missing: number[] = [];
  const b = new Uint8Array(size);
  for (let pass = 0; pass < 2; pass++) {
    for (let at = 0; at < c._map.length; at += size) {
      let differs = false;
      transfer(fs._bitmap + at / size, b, false);
      for (let i = 0; i < size && at + i < c._map.length; i++) {
        const owned = c._map[at + i] | bad[at + i];
        const other = (b[i] ^ owned) & ((1 << Math.min(8, count - (at + i) * 8)) - 1);
        if (!other) continue;
        differs = true;
        b[i] ^= other;
        for (let bit = 0; bit < 8 && !pass; bit++) {
          const cluster = (at + i) * 8 + bit + 2;
          if (!(other & (1 << bit))) continue;
          if (owned & (1 << bit)) missing.push(cluster);
          else if (fatEntry(cluster) === 0xfffffff7) bad[at + i] |= 1 << bit;
          else lost.push(cluster);
        }
      }
      if (pass && differs) transfer(fs._bitmap + at / size, b, true);
    }
    if (pass || !(lost.length + missing.length)) return;
    let mend = false;
    if (lost.length) mend = trace(c, 'lost', '', lost.length + ' clusters belong to no file', lost.slice(0, 100));
    if (missing.length)
      mend = damage(c, 'bitmap', '', missing.length + ' clusters of files are free by the allocation bitmap', missing.slice(0, 100));
    if (!mend) return;
  }
}

/** Puts the recommended up-case table where the volume has none that can be used. The bitmap is right by now. */
export function restoreTable(c: Check): void {
  if (c._tableSound || !damage(c, 'upcase', '', c._tableSlot < 0 ? 'there is no up-case table' : 'the up-case table is damaged')) return;
  // Whole sectors: of the last cluster no more than the table takes.
  const bytes = new Uint8Array(Math.ceil(TABLE_BYTES / fs._sectorSize) * fs._sectorSize);
  const entry = new Uint8Array(32);
  const count = Math.ceil(bytes.length / fs._clusterSize);
  const first = freeRun(count, isUsed) || fail(ENOSPC);
  putTable(bytes);
  fs._free = -1;
  mark(first, count, true);
  transfer(sectorOf(first), bytes, true);
  chainRun(first, count);
  entry[0] = TABLE_ENTRY;
  putLe32(entry, 20, first);
  putLe32(entry, 4, TABLE_SUM);
  putLe64(entry, 24, TABLE_BYTES);
  let slot = c._tableSlot;
  if (slot < 0) {
    for (slot = 0; ; slot++) {
      const at = slotAt(fs._top, slot);
      if (at < 0 || fs._meta._buf[at] < 128) break;
    }
    fs._dir = fs._top;
    fs._hole = fs._end = slot;
    reserve(1);
  }
  copy(fs._meta._buf, slotAt(fs._top, slot), entry);
  fs._meta._dirty = true;
  fs._table = undefined;
}
