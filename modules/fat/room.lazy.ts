/** Room for a file ahead of its growth: seldom wanted, a part that a device loads for it. */
import { EFBIG, ENOSPC } from '../contract/errno';
import { fatEntry, transfer } from './sector';
import { reach } from './table';
import { fail, fs, type OpenFile } from './volume';
import * as write from './write.lazy';

/** Bytes of the FAT that are read at once. */
const PIECE = 4096;

/** The first of `count` free clusters that lie together, from cluster `from` on, but none behind `most`; 0 if there is none. */
function findRun(from: number, count: number, most: number): number {
  const v = fs;
  const size = Math.max(PIECE, v._sectorSize);
  const each = (size * 8) / v._type;
  const wide = v._type > 16;
  const sectors = v._fatSize * v._sectorSize;
  let entries: Uint16Array | Uint32Array | undefined;
  let run = 0;
  for (let c = from; c <= v._last; c++) {
    let used: number;
    // Entries of FAT12 lie across bytes and sectors.
    if (v._type < 16) used = fatEntry(c);
    else {
      const i = c % each;
      if (!entries || !i) {
        const at = ((c - i) * v._type) / 8;
        const piece = new Uint8Array(Math.min(size, sectors - at));
        transfer(v._fatStart + at / v._sectorSize, piece, false);
        entries = wide ? new Uint32Array(piece.buffer) : new Uint16Array(piece.buffer);
      }
      used = entries[i] & v._mask;
    }
    if (!used) {
      if (++run === count) return c - count + 1;
    } else if (c >= most) return 0;
    else run = 0;
  }
  return 0;
}

/** Lengthens the chain of a file for `bytes` more behind its end: behind its last cluster, else elsewhere in one piece, else in several. */
export function reserve(f: OpenFile, bytes: number): void {
  const v = fs;
  const size = f._size + bytes;
  if (size > 0xffffffff) fail(EFBIG);
  // Leads to its end.
  if (f._first) reach(f, v._last);
  const tail = f._first && f._cluster;
  const missing = Math.ceil(size / v._clusterSize) - (tail ? f._index + 1 : 0);
  if (missing <= 0) return;
  if (missing > v._last - 1 || (v._counted && missing > v._free)) fail(ENOSPC);
  write.change(f);
  f._reserved = true;
  const run = (tail && findRun(tail + 1, missing, tail + 1)) || findRun(v._next, missing, v._last) || findRun(2, missing, v._next);
  for (let i = 0, after = run ? run - 1 : tail; i < missing; i++) {
    after = write.add(f, after);
    if (after) continue;
    write.shrink(f, f._size);
    fail(ENOSPC);
  }
}
