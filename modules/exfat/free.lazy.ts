/** Looking through the allocation bitmap, many sectors a call: a part that a device loads for as long as that takes. */
import { transfer } from './sector';
import { fs } from './volume';

/** Bytes of the bitmap that are read at once. */
const PIECE = 4096;

/** The words of that piece of the bitmap, a bit for each cluster from `piece * PIECE * 8 + 2` on; those behind the last are set. */
function loadPiece(piece: number): Int32Array {
  const v = fs;
  const bits = Math.min(v._last - 1 - piece * PIECE * 8, PIECE * 8);
  const bytes = new Uint8Array(Math.ceil(Math.ceil(bits / 8) / v._sectorSize) * v._sectorSize);
  transfer(v._bitmap + (piece * PIECE) / v._sectorSize, bytes, false);
  const words = new Int32Array(bytes.buffer, 0, Math.ceil(bits / 32));
  if (bits % 32) words[words.length - 1] |= -1 << (bits % 32);
  return words;
}

function countPieces(): number {
  return Math.ceil((fs._last - 1) / (PIECE * 8));
}

/** Counts the free clusters, once. */
export function countFree(): void {
  const pieces = countPieces();
  let free = 0;
  if (fs._free >= 0) return;
  for (let piece = 0; piece < pieces; piece++) {
    const words = loadPiece(piece);
    for (let i = 0; i < words.length; i++) {
      let w = ~words[i];
      if (w === -1) free += 32;
      else
        while (w) {
          w &= w - 1;
          free++;
        }
    }
  }
  fs._free = free;
}

/** The next free cluster from the last one taken on, in a circle; 0 for none. */
export function findFree(): number {
  const v = fs;
  const pieces = countPieces();
  const first = Math.floor((v._next - 2) / (PIECE * 8));
  // The first piece twice: behind the place, and before it.
  for (let k = 0; k <= pieces; k++) {
    const piece = (first + k) % pieces;
    const words = loadPiece(piece);
    let i = k ? 0 : Math.floor(((v._next - 2) % (PIECE * 8)) / 32);
    while (i < words.length && words[i] === -1) i++;
    if (i === words.length) continue;
    let bit = 0;
    while (words[i] & (1 << bit)) bit++;
    return piece * PIECE * 8 + i * 32 + bit + 2;
  }
  v._free = 0;
  return 0;
}

/** The first of `count` free clusters that lie together, from cluster `from` on, but none behind `most`; 0 if there is none. */
export function findRun(from: number, count: number, most: number): number {
  const bits = PIECE * 8;
  let words: Int32Array | undefined;
  let run = 0;
  for (let c = from; c <= fs._last; c++) {
    const bit = (c - 2) % bits;
    if (!words || !bit) words = loadPiece(Math.floor((c - 2) / bits));
    const word = words[bit >> 5];
    if (!(word & (1 << (bit & 31)))) {
      if (++run === count) return c - count + 1;
      continue;
    }
    if (c >= most) return 0;
    run = 0;
    // Over a word of clusters that are all in use.
    if (word === -1) c += 31 - (bit & 31);
  }
  return 0;
}
