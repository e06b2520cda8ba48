import { readSlots, slotAt } from './dir';
import { isSame, setText, UNITS } from './name';
import { le16 } from './sector';
import { type Chain, fs } from './volume';

export const ATTR_READONLY = 1;
export const ATTR_DIRECTORY = 16;
export const ATTR_ARCHIVE = 32;

/** Types of directory entries that are in use (section 6.2.1). */
export const FILE_ENTRY = 0x85;
export const STREAM_ENTRY = 0xc0;
export const NAME_ENTRY = 0xc1;

/** Kinds that a look-up gives. */
export const FILE = 1;
export const DIR = 2;

/** The most secondary entries of a set. */
export const MOST_SECONDARY = 18;

/**
 * Where a set of `need` entries goes that ends a directory whose last entries, `run` of them before `slot`, are free: what fits
 * into one sector lies in one, so that it is made and removed by one write; what does not begins one.
 */
function placeAtEnd(slot: number, run: number, need: number): number {
  const per = fs._sectorSize / 32;
  const hole = slot - run;
  const over = hole % per;
  return need <= per ? (over + need > per ? hole + per - over : hole) : over ? hole + per - over : hole;
}

/**
 * Goes through a directory from `slot` on: to the next entry set; or, to `find`, to the one that has the name of `setName`, hashes
 * first. Gives the kind, 0 at the end; `_slot`, `_sector`, `_at`, `_count` and `_set` are the set's. In vain, `_hole` is where the
 * name would go. Checksums are for a check: what is read here holds without them, the one entry with clusters and sizes above all.
 */
export function scan(dir: Chain, slot: number, find: boolean): number {
  const v = fs;
  const size = v._sectorSize;
  const per = size / 32;
  const need = 2 + Math.ceil(v._length / UNITS);
  let at = size;
  let run = 0;
  let hole = -1;
  v._dir = dir;
  for (; ; slot++) {
    at += 32;
    if (at >= size) {
      at = slotAt(dir, slot);
      if (need <= per) run = 0;
    }
    const type = at < 0 ? 0 : v._meta._buf[at];
    if (!type) {
      v._end = slot;
      v._hole = hole < 0 ? placeAtEnd(slot, run, need) : hole;
      return 0;
    }
    if (type < 128) {
      if (run || need <= per || !(slot % per)) run++;
      if (run === need && hole < 0) hole = slot - need + 1;
      continue;
    }
    run = 0;
    if (type !== FILE_ENTRY) continue;
    const sector = v._meta._sector;
    const count = v._meta._buf[at + 1];
    const offset = at;
    let next = at + 32;
    if (next >= size) {
      next = slotAt(dir, slot + 1);
      at = size;
    }
    const b = v._meta._buf;
    const length = next < 0 || b[next] !== STREAM_ENTRY ? 0 : b[next + 3];
    if (!length || count > MOST_SECONDARY || count <= Math.ceil(length / UNITS)) continue;
    if (!find || (length === v._length && le16(b, next + 4) === v._hash && slot !== v._ignore)) {
      const set = v._set.subarray(0, count * 32 + 32);
      let sound = readSlots(dir, slot, set);
      at = size;
      for (let i = Math.ceil(length / UNITS) + 1; i > 1; i--) if (set[i * 32] !== NAME_ENTRY) sound = false;
      if (sound && (find ? isSame(set) : setText(set))) {
        v._slot = slot;
        v._count = count;
        v._sector = sector;
        v._at = offset;
        return set[4] & ATTR_DIRECTORY ? DIR : FILE;
      }
    }
    // Over the rest of the set.
    slot += count;
    at = Math.min(at + count * 32, size);
  }
}
