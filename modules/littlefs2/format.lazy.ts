/** Making an empty volume. */
import { whole } from '../contract/arguments';
import { ENOSPC, EROFS } from '../contract/errno';
import { encodeText, putLe32 } from '../engine';
import { writeBlock } from './compaction';
import { KIND_INLINE, newMdir, ROW } from './table';
import { NO_STATE } from './tags';
import { fail, fs, type Lfs2Options, use, type Volume } from './volume';

/** The six words of the superblock entry (SPEC.md, "Superblock"). */
export function superblockBytes(blockCount: number): Uint8Array {
  const v = fs;
  const bytes = new Uint8Array(24);
  const words = [0x20000 | v._minor, v._blockSize, blockCount, v._nameMax, v._fileMax, v._attrMax];
  for (let k = 0; k < 6; k++) putLe32(bytes, k * 4, words[k]);
  return bytes;
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
  m._rows = new Int32Array(ROW);
  m._rows[0] = (KIND_INLINE << 30) | (v._blockSize << 10) | 8;
  m._rows[1] = v._blockSize + 8;
  m._rows[2] = 24;
  v._pending = entry;
  for (let block = 1; block >= 0; block--) {
    if (!writeBlock(m, block, NO_STATE)) fail(ENOSPC);
    v._source = block;
  }
}
