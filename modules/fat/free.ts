/** Looking through the FAT, for free clusters many sectors a call: a part that a device loads for as long as that takes. */
import { ECORRUPT } from '../contract/errno';
import { fatEntry } from './entry';
import { transfer } from './sector';
import { type Chain, fail, fs } from './volume';

/** Bytes of the FAT that are read at once. */
const PIECE = 4096;
/** Pieces behind the last cluster taken that are searched first, so that files stay together; then one in so many. */
const NEAR = 8;
const STRIDE = 32;

/** Clusters that a piece of the FAT tells of. FAT12, where entries lie across sectors, is short: it is one piece. */
function pieceClusters(): number {
  return fs._type < 16 ? fs._last + 1 : (Math.max(PIECE, fs._sectorSize) * 8) / fs._type;
}

/** Of the clusters from `c` to the end of its piece: the first free one (0: none), or, to `count`, how many are free. */
function scanPiece(c: number, count: boolean): number {
  const v = fs;
  const each = pieceClusters();
  const base = c - (c % each);
  const end = Math.min(base + each, v._last + 1);
  let found = 0;
  if (v._type < 16) {
    for (; c < end; c++) {
      if (fatEntry(c, -1)) continue;
      if (!count) return c;
      found++;
    }
    return found;
  }
  const wide = v._type > 16;
  const width = wide ? 4 : 2;
  const size = v._sectorSize;
  // As many sectors as the piece has.
  const buf = new Uint8Array(Math.ceil(((end - base) * width) / size) * size);
  transfer(v._fatStart + (base * width) / size, buf, false);
  const entries = wide ? new Uint32Array(buf.buffer) : new Uint16Array(buf.buffer);
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

/** The free cluster to take next, 0 for none: in the pieces from the last one taken on, then in one of many, then in all. */
export function findFree(): number {
  const v = fs;
  const each = pieceClusters();
  const pieces = Math.ceil((v._last + 1) / each);
  const rows = Math.ceil(pieces / STRIDE);
  const first = Math.floor(v._next / each);
  for (let i = -NEAR; i < rows * STRIDE; i++) {
    const piece = i < 0 ? first + NEAR + i : (i % rows) * STRIDE + ((Math.floor(i / rows) * 11) % STRIDE);
    const found = piece < pieces ? scanPiece(i === -NEAR ? v._next : Math.max(piece * each, 2), false) : 0;
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
  for (let at = chain._first, k = chain._index; k-- >= 0; at = at === chain._linkFrom ? chain._linkTo : fatEntry(at, -1))
    if (at === next) fail(ECORRUPT, 'a chain leads back into itself');
}
