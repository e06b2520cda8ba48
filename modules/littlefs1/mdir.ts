import { ECORRUPT } from '../contract/errno';
import { crc32, le32 } from '../engine';
import { load, readBytes } from './disk';
import { DIR, FILE, fail, fs, type Mdir, MOVED } from './volume';

/** Bytes of a pair's header, before the entries. */
export const HEADER = 16;
/** What a pair takes besides its entries: header and CRC. */
export const FRAME = 20;
/** Bytes of pairs that are kept between operations. */
const KEPT = 4096;

/** Where the entry after the one at `at` begins. */
export function after(bytes: Uint8Array, at: number): number {
  return at + 4 + bytes[at + 1] + bytes[at + 2] + bytes[at + 3];
}

/** The type of the entry at `at`: a file, a directory, or something else. */
export function kindAt(m: Mdir, at: number): number {
  return m._bytes[at] & ~MOVED;
}

/** Word `n` of the data of the entry at `at`: of a directory its pair, of a file the last block and the size. */
export function wordAt(m: Mdir, at: number, n: number): number {
  return le32(m._bytes, at + 4 + n * 4);
}

/** The name of the entry at `at`. */
export function nameAt(m: Mdir, at: number): Uint8Array {
  const to = after(m._bytes, at);
  return m._bytes.subarray(to - m._bytes[at + 3], to);
}

/** Whether two pairs have a block in common. */
export function shares(a: number, b: number, c: number, d: number): boolean {
  return a === c || a === d || b === c || b === d;
}

/** Whether two pairs have both blocks in common. */
export function isSame(a: number, b: number, c: number, d: number): boolean {
  return (a === c && b === d) || (a === d && b === c);
}

/** The newest version of a pair that moved in the operation under way: at 0 and 1 of the result. */
export function translate(a: number, b: number): number[] {
  const moves = fs._moves;
  for (let k = 0; k < moves.length; k += 4)
    if (shares(a, b, moves[k], moves[k + 1])) {
      a = moves[k + 2];
      b = moves[k + 3];
    }
  return [a, b];
}

/** Whether the entries are laid out as they should be. */
function isSound(bytes: Uint8Array): boolean {
  const end = bytes.length;
  let at = HEADER;
  while (at + 4 <= end) {
    const type = bytes[at] & ~MOVED;
    // What all types with such data have, whatever else is in an entry.
    if (bytes[at + 1] < 8 && (type >> 4 === FILE >> 4 || type >> 4 === DIR >> 4)) return false;
    at = after(bytes, at);
  }
  return at === end;
}

/** Reads the block of a pair that counts, or undefined if neither is valid. (SPEC.md: revisions are compared as a sequence.) */
export function readPair(a: number, b: number): Mdir | undefined {
  let newest: number[] = [];
  for (let k = 0; k < 2; k++) {
    const block = k ? b : a;
    const status = load(block, 0, HEADER, fs._own.length);
    const w = fs._w;
    if (!status) {
      const rev = le32(w, 0);
      const found = [block, rev, le32(w, 4), le32(w, 8), le32(w, 12)];
      newest = newest.length && ((rev - newest[1]) | 0) < 0 ? newest.concat(found) : found.concat(newest);
    } else if (status !== -ECORRUPT) fail(status);
  }
  for (let k = 0; k < newest.length; k += 5) {
    const size = newest[k + 2] & 0x7fffffff;
    if (size < FRAME || size > fs._blockSize) continue;
    const bytes = new Uint8Array(size);
    const status = readBytes(newest[k], 0, bytes, 0);
    if (status && status !== -ECORRUPT) fail(status);
    const end = size - 4;
    if (!status && crc32(-1, bytes.subarray(0, end)) === le32(bytes, end)) {
      // Valid, but nothing that is understood: what it was before must not stand for it.
      if (!isSound(bytes.subarray(0, end))) break;
      return {
        _a: newest[k],
        _b: newest[k] === a ? b : a,
        _rev: newest[k + 1],
        _split: newest[k + 2] < 0,
        _tail0: newest[k + 3],
        _tail1: newest[k + 4],
        _bytes: bytes.subarray(0, end),
      };
    }
  }
  return undefined;
}

/** Keeps a pair, instead of what was kept of it. */
export function keep(m: Mdir): void {
  const mdirs = fs._mdirs;
  let bytes = 0;
  for (let i = mdirs.length; i--; ) if (shares(m._a, m._b, mdirs[i]._a, mdirs[i]._b)) mdirs.splice(i, 1);
  mdirs.unshift(m);
  for (let i = 0; i < mdirs.length; i++) {
    bytes += mdirs[i]._bytes.length;
    if (i && bytes > KEPT) mdirs.splice(i--, 1);
  }
}

/** A pair of the volume. @throws ECORRUPT if it has no valid block */
export function fetch(a: number, b: number): Mdir {
  const mdirs = fs._mdirs;
  if (fs._moves.length) {
    const moved = translate(a, b);
    a = moved[0];
    b = moved[1];
  }
  for (let i = 0; i < mdirs.length; i++) {
    const kept = mdirs[i];
    if (isSame(a, b, kept._a, kept._b)) {
      if (i) {
        mdirs.splice(i, 1);
        mdirs.unshift(kept);
      }
      return kept;
    }
  }
  const m = a === b ? undefined : readPair(a, b);
  if (!m) fail(ECORRUPT);
  keep(m as Mdir);
  return m as Mdir;
}
