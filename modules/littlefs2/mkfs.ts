import { whole } from '../contract/arguments';
import { ENOSPC, ENOTEMPTY, EROFS } from '../contract/errno';
import { encodeText, putLe32 } from '../engine';
import { blocksFreed } from './alloc';
import { begin } from './begin';
import { commit, writeTwin } from './commit';
import { NO_STATE } from './gstate';
import { fetch, KIND_INLINE, type Mdir, newMdir } from './mdir';
import { readVolume } from './mount';
import { INLINESTRUCT, NULL } from './tags';
import { traverse } from './traverse';
import { fail, fs, type Lfs2Options, use, type Volume } from './volume';

/** The six words of the superblock entry (SPEC.md, "Superblock"). */
function superblockBytes(blockCount: number): Uint8Array {
  const v = fs;
  const bytes = new Uint8Array(24);
  const words = [0x20000 | v._minor, v._blockSize, blockCount, v._nameMax, v._fileMax, v._attrMax];
  for (let k = 0; k < 6; k++) putLe32(bytes, k * 4, words[k]);
  return bytes;
}

/** Lets the volume use all blocks of the device, or `wanted`. */
export function grow(v: Volume, wanted: number | undefined): void {
  begin(v, 'grow', '/', true);
  resize(v, wanted === undefined ? v._dev._blockCount : wanted, v._blockCount, v._dev._blockCount);
}

/** Leaves the blocks from `wanted` on to others, where none of them is in use. */
export function shrink(v: Volume, wanted: number): void {
  begin(v, 'shrink', '/', true);
  resize(v, wanted, 2, v._blockCount);
}

/** A pair, while the number of blocks in RAM need not be the disk's: if it cannot be read, the next operation reads the state anew. */
function fetchResized(a: number, b: number): Mdir {
  fs._stale = true;
  const m = fetch(a, b);
  fs._stale = false;
  return m;
}

function resize(v: Volume, wanted: number, least: number, most: number): void {
  const count = whole(wanted, 'blockCount', [least, most], v);
  traverse((block) => {
    if (block >= count) fail(ENOTEMPTY, 'block ' + block + ' is in use');
  });
  // What the change itself takes has to lie there as well.
  v._blockCount = count;
  v._mapStart = v._mapNext = v._mapSize = v._mapBehind = 0;
  v._released = [];
  // Each pair with a superblock entry says so, the last of them, which counts, at the end: the C library looks at all.
  for (let m = fetchResized(0, 1); m._super; m = fetchResized(m._tail0, m._tail1)) {
    commit(m, [INLINESTRUCT, 0, superblockBytes(count)]);
    if (m._tail0 === NULL) break;
  }
  v._stale = true;
  readVolume();
  v._stale = false;
  // Files that are open may hold more than their entries say.
  blocksFreed();
}

/** Makes an empty volume of one that is not mounted. */
export function makeVolume(v: Volume, options: Lfs2Options | undefined): void {
  const given = options && options.diskVersion;
  use(v);
  v._operation = 'mkfs';
  v._path = '';
  format(given === undefined ? 0x20001 : whole(given, 'diskVersion', [0x20000, 0x20001], v));
}

/** Writes an empty volume over blocks 0 and 1; the other blocks are left as they are. */
export function format(version: number): void {
  const v = fs;
  const m = newMdir(0, 1);
  const entry = new Uint8Array(32);
  if (!v._dev._bdev.writeblocks) fail(EROFS);
  if (v._blockCount < 2) fail(ENOSPC);
  v._minor = version & 1;
  v._nameMax = 255;
  v._fileMax = 0x7fffffff;
  v._attrMax = 1022;
  entry.set(encodeText('littlefs'));
  entry.set(superblockBytes(v._blockCount), 8);
  // Both blocks are written, so that no older volume shows through if one is lost.
  m._count = m._super = 1;
  m._rows[0] = (KIND_INLINE << 30) | (v._blockSize << 10) | 8;
  m._rows[1] = v._blockSize + 8;
  m._rows[2] = 24;
  v._pending = entry;
  writeTwin(m, NO_STATE);
  v._source = m._a;
  writeTwin(m, NO_STATE);
}
