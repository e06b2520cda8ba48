import { le32 } from '../engine';
import { ECORRUPT, ENODEV } from '../errno';
import { le16 } from './sector';
import type { Geometry } from './volume';

/**
 * Takes a boot sector (512 bytes at least) apart into `g`. The type comes from the number of clusters alone.
 * Gives 0, ECORRUPT for a FAT boot sector with impossible numbers, or ENODEV where it is none: known by its numbers, not
 * by its type string, which may be anything.
 */
export function parseBoot(b: Uint8Array, g: Geometry): number {
  const size = le16(b, 11);
  const perCluster = b[13];
  const reserved = le16(b, 14);
  const fats = b[16];
  const entries = le16(b, 17);
  const wide = !le16(b, 22);
  const fatSize = le16(b, 22) || le32(b, 36) >>> 0;
  const flags = wide ? b[40] : 0;
  g._total = le16(b, 19) || le32(b, 32) >>> 0;
  g._rootStart = reserved + fats * fatSize;
  g._rootSectors = Math.ceil((entries * 32) / size);
  g._dataStart = g._rootStart + g._rootSectors;
  const count = Math.floor((g._total - g._dataStart) / perCluster);
  const type = count < 4085 ? 12 : count < 65525 ? 16 : 32;
  if ((b[0] !== 0xeb && b[0] !== 0xe9) || le16(b, 510) !== 0xaa55) return ENODEV;
  g._sectorSize = size;
  g._perCluster = perCluster;
  g._clusterSize = perCluster * size;
  // Bit 7: no mirroring, the low bits say which one counts.
  g._mirror = flags < 128;
  g._firstFat = reserved;
  g._fatStart = reserved + (flags < 128 ? 0 : (flags & 15) * fatSize);
  g._fatSize = fatSize;
  g._fats = fats;
  g._type = type;
  g._mask = type > 16 ? 0xfffffff : (1 << type) - 1;
  // A FAT may be too small for the clusters.
  g._last = Math.min(count + 1, Math.floor((fatSize * size * 8) / type) - 1);
  g._root = wide ? le32(b, 44) : 0;
  g._fsInfo = wide ? le16(b, 48) : 0;
  if (
    size > 256 &&
    size < 4097 &&
    !(size & (size - 1)) &&
    !(perCluster & (perCluster - 1)) &&
    reserved &&
    fats &&
    wide === type > 16 &&
    wide === !entries &&
    g._fatStart < g._rootStart &&
    g._fsInfo < reserved &&
    g._last > 1 &&
    g._last < 0xffffff7 &&
    (!wide || (g._root > 1 && g._root <= g._last))
  )
    return 0;
  // "FA", of the type
  return le16(b, 54) === 0x4146 || le16(b, 82) === 0x4146 ? ECORRUPT : ENODEV;
}
