/**
 * What a power cut may have left: clusters with two names. A part that a device loads before it first changes a volume that was
 * in use when it was mounted. No file loses its name here, and nothing is freed: that takes a check. A file that is to be
 * written and shares its clusters gets some of its own; of two names of one directory the older goes.
 */
import { ECORRUPT, EIO } from '../contract/errno';
import { le32 } from '../engine';
import { mark } from './bitmap';
import { chainOf, makeChain, reach, rewind } from './chain';
import { touch } from './clean';
import { eraseSlots } from './dir';
import { change, fillTo, move, syncFile } from './file';
import { DIR, scan } from './scan';
import { syncVolume } from './sector';
import { type Chain, fs, type OpenFile } from './volume';

/** Bits that first clusters are noted in, by their remainder. */
const SPAN = 65536;
/** The most clusters that are looked at closely. */
const MOST = 64;
/** Bytes that are copied at once. */
const PIECE = 4096;

/** Goes through the entry sets that have clusters, in all directories. Gives whether all of them can be read. */
export function walk(visit: (first: number, kind: number) => void): boolean {
  const dirs: Chain[] = [makeChain(fs._root, false, Infinity)];
  const seen: number[] = [fs._root];
  let sound = true;
  for (let i = 0; i < dirs.length; i++) {
    const dir = dirs[i];
    try {
      for (let slot = 0; ; ) {
        const kind = scan(dir, slot, false);
        if (!kind) break;
        const first = le32(fs._set, 52) >>> 0;
        slot = fs._slot + fs._count + 1;
        if (first < 2 || first > fs._last) continue;
        visit(first, kind);
        if (kind !== DIR || seen.indexOf(first) >= 0) continue;
        const child = chainOf(fs._set);
        seen.push(first);
        dirs.push(child);
      }
    } catch (error) {
      if (!error || (error as { errno?: number }).errno !== ECORRUPT) throw error;
      sound = false;
    }
  }
  return sound;
}

/** Finds the files whose first cluster is named twice: `_shared`. Where damage or their number hinders that, all files count as such (`_doubt` 2). */
export function mend(): void {
  const v = fs;
  const map = new Uint8Array(SPAN / 8);
  const again: number[] = [];
  const names: number[] = [];
  v._doubt = 2;
  try {
    const sound = walk(function (first) {
      const i = first % SPAN;
      if (map[i >> 3] & (1 << (i & 7)) && again.indexOf(first) < 0) again.push(first);
      map[i >> 3] |= 1 << (i & 7);
    });
    if (!sound || again.length > MOST) return;
    for (let k = 0; k < again.length; k++) names.push(0);
    if (again.length)
      walk(function (first) {
        const i = again.indexOf(first);
        if (i >= 0) names[i]++;
      });
    for (let n = 0; n < again.length; n++) if (names[n] > 1 && !settleName(again[n])) v._shared.push(again[n]);
    v._doubt = 0;
  } catch (failure) {
    if (!failure || (failure as { errno?: number }).errno !== EIO) throw failure;
  }
}

/** Of two names that one directory has after a rename that was cut, the older goes: see `renameEntry`. Whether it was one. */
function settleName(twice: number): boolean {
  const rows: { _dir: Chain; _slot: number; _count: number; _age: number }[] = [];
  let directories = true;
  walk(function (first, kind) {
    if (first !== twice) return;
    if (kind !== DIR) directories = false;
    rows.push({ _dir: fs._dir, _slot: fs._slot, _count: fs._count, _age: fs._set[20] });
  });
  if (!directories || rows.length !== 2) return false;
  const old = rows[(rows[0]._age + 1) % 200 === rows[1]._age ? 0 : 1];
  const other = rows[old === rows[0] ? 1 : 0];
  if ((old._age + 1) % 200 !== other._age) return false;
  touch();
  eraseSlots(old._dir, old._slot, old._count + 1);
  syncVolume();
  fs._epoch++;
  return true;
}

/** Gives a file that is to be written clusters of its own, if others may name them. @throws ENOSPC with nothing changed */
export function ownClusters(f: OpenFile): void {
  if (fs._doubt !== 2 && fs._shared.indexOf(f._first) < 0) return;
  const size = f._size;
  const valid = f._valid;
  const old = makeChain(f._first, f._contiguous, f._count) as Chain & { _size: number; _valid: number };
  const buf = new Uint8Array(Math.min(size, Math.max(PIECE, fs._sectorSize)));
  old._size = size;
  old._valid = valid;
  f._first = f._count = f._size = f._valid = 0;
  f._marks = undefined;
  rewind(f, 0);
  change(f);
  try {
    for (let pos = 0; pos < valid; pos += buf.length) {
      const piece = buf.subarray(0, Math.min(buf.length, valid - pos));
      move(old, pos, piece, false);
      move(f, pos, piece, true);
    }
    // What is behind that is zeros, for others to see as well.
    fillTo(f, size);
  } catch (error) {
    // These are nobody's else.
    for (let k = 0; k < f._count; k++) mark(reach(f, k), 1, false);
    throw error;
  }
  syncFile(f);
}
