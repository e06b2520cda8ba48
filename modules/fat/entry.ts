import { loadMeta, syncVolume } from './sector';
import { fs } from './volume';

/**
 * The FAT entry of a cluster: the next one, 0 where it is free, `_mask - 7` or more at the end of a chain. A `value` that
 * is not negative is put in its place; the upper four bits of FAT32 stay.
 */
export function fatEntry(cluster: number, value: number): number {
  const size = fs._sectorSize;
  const at = Math.floor((cluster * fs._type) / 8);
  const shift = fs._type < 16 && cluster & 1 ? 4 : 0;
  const mask = fs._mask << shift;
  let sector = fs._fatStart + Math.floor(at / size);
  let i = at % size;
  let b = loadMeta(sector);
  let old = 0;
  for (let k = 0; k < fs._type; k += 8, i++) {
    if (i === size) {
      // Of an entry of FAT12 in two sectors the lower bits come first: an end of a chain then becomes no cluster, or a high one.
      if (value >= 0) syncVolume();
      b = loadMeta(++sector);
      i = 0;
    }
    old |= b[i] << k;
    if (value >= 0) {
      b[i] = (b[i] & ~(mask >> k)) | ((value << shift) >> k);
      fs._meta._dirty = true;
    }
  }
  return (old & mask) >> shift;
}
