/** Looking through the FAT, for free clusters many sectors a call: a part that a device loads for as long as that takes. */
import { ECORRUPT } from '../contract/errno';
import { fatEntry, transfer } from './sector';
import { type Chain, fail, fs } from './volume';

/** Bytes of the FAT that are read at once. */
const PIECE = 4096;
/** Pieces from the last cluster taken on that are searched first, so that files stay together; then in steps, a prime that no FAT has as many pieces. */
const NEAR = 8;
const STEP = 262147;

/** Clusters that a piece of the FAT tells of. */
function pieceClusters(): number {
  const v = fs;
  return v._type < 16 ? 512 : (Math.max(PIECE, v._sectorSize) * 8) / v._type;
}

/** Of the clusters from `c` to the end of its piece: the first free one (0: none), or, to `count`, how many are free. */
function scanPiece(c: number, count: boolean): number {
  const v = fs;
  const each = pieceClusters();
  const base = c - (c % each);
  const end = Math.min(base + each, v._last + 1);
  const size = v._sectorSize;
  const width = v._type >> 3;
  // As many sectors as the piece has.
  const buf = new Uint8Array(Math.ceil(((end - base) * (width + (width & 1))) / size) * size);
  const entries = width > 2 ? new Uint32Array(buf.buffer) : new Uint16Array(buf.buffer);
  let found = 0;
  // Entries of FAT12 lie across bytes and sectors.
  if (width < 2) for (let i = c; i < end; i++) entries[i - base] = fatEntry(i);
  else transfer(v._fatStart + (base * width) / size, buf, false);
  for (let i = c - base; i < end - base; i++) {
    if (entries[i] & v._mask) continue;
    if (!count) return base + i;
    found++;
  }
  return found;
}

/** Counts free clusters, until `budget` calls of the device are spent, if there is one. Whether there is more to do. */
export function countFree(budget?: number): boolean {
  const v = fs;
  const each = pieceClusters();
  for (let left = budget === undefined ? Infinity : budget; v._upTo <= v._last && left > 0; left--) {
    v._free += scanPiece(v._upTo, true);
    v._upTo += each - (v._upTo % each);
    v._counted = v._upTo > v._last;
  }
  return v._upTo <= v._last;
}

/** The free cluster to take next, 0 for none: in the pieces from the last one taken on, then in pieces all over the FAT. */
export function findFree(): number {
  const v = fs;
  const each = pieceClusters();
  const pieces = Math.ceil((v._last + 1) / each);
  const first = Math.floor(v._next / each);
  for (let i = 0; i < pieces + NEAR; i++) {
    const piece = (first + (i < NEAR ? i : i * STEP)) % pieces;
    const found = scanPiece(i ? Math.max(piece * each, 2) : v._next, false);
    if (found) return found;
  }
  v._free = 0;
  v._upTo = v._last + 1;
  v._counted = true;
  return 0;
}

/** Looks at a chain from its start to where it is whether it has been at cluster `next` already. @throws ECORRUPT */
export function checkCircle(chain: Chain, next: number): void {
  chain._checked = chain._index;
  for (let at = chain._first, k = chain._index; k-- >= 0; at = at === chain._linkFrom ? chain._linkTo : fatEntry(at))
    if (at === next) fail(ECORRUPT, 'a chain leads back into itself');
}
