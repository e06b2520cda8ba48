import { crc32, putLe32 } from '../../modules/engine';
import { type Medium, piece } from '../places/medium';

/** Types of tags (littlefs SPEC.md, "Metadata tags"). */
const INLINE_STRUCT = 0x201;
const CCRC = 0x500;

/**
 * Sets the longest name of a littlefs 2 that was just made: a word of the superblock, which each of the first two blocks has in its one
 * commit.
 */
export function limitNames(medium: Medium, blockSize: number, nameMax: number): void {
  for (let block = 0; block < 2; block++) {
    const bytes = piece(medium, block * blockSize, Math.min(blockSize, 512));
    const view = new DataView(bytes.buffer);
    let tag = 0xffffffff;
    for (let at = 4; at + 4 <= bytes.length; ) {
      tag = (view.getUint32(at) ^ tag) >>> 0;
      const type = (tag >>> 20) & 0x7ff;
      const length = tag & 0x3ff;
      // Version, block size, block count, then this.
      if (type === INLINE_STRUCT && length === 24) putLe32(bytes, at + 4 + 12, nameMax);
      if ((type & 0x780) === CCRC) {
        putLe32(bytes, at + 4, crc32(-1, bytes.subarray(0, at + 4)));
        break;
      }
      at += 4 + (length === 0x3ff ? 0 : length);
    }
    medium.write(block * blockSize, bytes);
  }
}
