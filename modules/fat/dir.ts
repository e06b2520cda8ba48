import { ECORRUPT } from '../contract/errno';
import { copy } from '../engine';
import { COMPARE, checksum, longEntry, TAKE } from './name';
import { le16, loadMeta, sectorOf } from './sector';
import { reach } from './table';
import { fail, fs } from './volume';

export const ATTR_READONLY = 1;
export const ATTR_LABEL = 8;
export const ATTR_DIRECTORY = 16;
export const ATTR_ARCHIVE = 32;
export const DELETED = 0xe5;

/** The most entries a directory may have: 2 MiB. */
export const MAX_SLOTS = 65536;

/** Kinds that a look-up gives. */
export const FILE = 1;
export const DIR = 2;

/** Loads the sector of a directory with that slot; gives the offset of the slot in it, -1 behind the last cluster. */
export function slotAt(dir: number, slot: number): number {
  const size = fs._sectorSize;
  const chain = fs._chain;
  let pos = slot * 32;
  let sector = fs._rootStart;
  if (dir) {
    if (chain._first !== dir) {
      chain._first = chain._cluster = dir;
      chain._index = chain._checked = 0;
    }
    const index = Math.floor(pos / fs._clusterSize);
    const cluster = slot < MAX_SLOTS && reach(chain, index);
    if (!cluster) return -1;
    sector = sectorOf(cluster);
    pos -= index * fs._clusterSize;
  } else if (pos >= fs._rootSectors * size) return -1;
  loadMeta(sector + (pos >> fs._shift));
  return pos & (size - 1);
}

/** The first cluster that `_entry` names. */
export function entryCluster(): number {
  const e = fs._entry;
  return le16(e, 26) + (fs._type > 16 ? le16(e, 20) * 65536 : 0);
}

/** The directory just looked up. */
export function dirCluster(): number {
  const cluster = fs._slot < 0 ? fs._root : entryCluster();
  return fs._slot < 0 || (cluster > 1 && cluster <= fs._last) ? cluster : fail(ECORRUPT);
}

/**
 * Goes through a directory from `slot` on: to the next entry, whose long name is collected in `_name`; or, to `find`, to
 * the one that has the name of `setName`, compared in place. Gives the kind, 0 at the end; `_long`, `_from`, `_slot`,
 * `_sector`, `_at` and `_entry` are the entry's. In vain, `_hole` is where the name would go: entries that fit into one
 * sector lie in one, so that they are made and removed by one write.
 */
export function scan(dir: number, slot: number, find: boolean): number {
  const size = fs._sectorSize;
  const parts = fs._parts;
  const short = fs._short;
  const apart = parts * 32 < size && !fs._spread;
  let at = size;
  let from = slot;
  let left = -1;
  let sum = 0;
  let same = !find;
  let run = 0;
  let hole = -1;
  for (; ; slot++) {
    at += 32;
    if (at >= size) {
      at = slotAt(dir, slot);
      if (apart) run = 0;
    }
    const b = fs._meta._buf;
    const first = at < 0 ? 0 : b[at];
    const attr = b[at + 11] & 63;
    if (!first || first === DELETED) {
      left = -1;
      if (++run > parts && hole < 0) hole = slot - parts;
      if (first) continue;
      if (hole < 0) {
        // All is free from here on.
        hole = slot - run + 1;
        if (apart && ((hole * 32) % size) + parts * 32 >= size) hole = slot + (size - at) / 32;
      }
      fs._end = slot;
      fs._hole = hole;
      return 0;
    }
    run = 0;
    if (attr === 15) {
      const part = first & 63;
      if (first & 64) {
        from = slot;
        left = part;
        sum = b[at + 13];
        if (find) same = part === Math.ceil(fs._length / 13);
      }
      if (part === left && part && part < 21 && sum === b[at + 13]) {
        left--;
        same = (same || !find) && longEntry(b, at, part, find ? COMPARE : TAKE);
      } else left = -1;
      continue;
    }
    // `.` and `..`
    if (attr & ATTR_LABEL || (first === 46 && (b[at + 1] | 14) === 46 && b[at + 2] === 32)) {
      left = -1;
      continue;
    }
    const n = find ? 255 : fs._length;
    fs._long = !left && sum === checksum(b, at) && n > 0 && n < 256 && (n > 2 || fs._name[0] !== 46 || fs._name[n - 1] !== 46);
    left = -1;
    if (!fs._long) from = slot;
    let k = 11;
    if (find && !(fs._long && same)) {
      let c = first;
      for (k = 0; k < 11 && (c === short[k] || (c > 96 && c < 123 && c === short[k] + 32)); ) c = b[at + ++k];
      if (fs._lossy ? !fs._long && (k || short[0] === 95 || first < 48) : k < 11 && c < 48 && (c === 46 || short[k] === 95)) fs._odd = true;
      if (fs._lossy) k = 12;
    }
    if (k === 11 && slot !== fs._ignore) {
      fs._from = from;
      fs._slot = slot;
      fs._sector = fs._meta._sector;
      fs._at = at;
      copy(fs._entry, 0, b.subarray(at, at + 32));
      return attr & ATTR_DIRECTORY ? DIR : FILE;
    }
  }
}
