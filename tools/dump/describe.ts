/** What each format says of a block, from the bytes of the volume alone. */
import { type Medium, piece } from '../places/medium';
import { describeFat, type Layout } from './fat';
import { describeLfs1, describeLfs2 } from './littlefs';
import { type Described, le16, u32 } from './notes';
import { describeRom, romSize } from './romfs';

/**
 * Tells of a block of a volume, damaged or not, what its format says of the bytes.
 * @param name of the format; '' for nothing known
 * @param size of a block, in bytes
 */
export function describer(name: string, medium: Medium, size: number): (bytes: Uint8Array, number: number) => Described {
  if (name === 'lfs2') return describeLfs2;
  if (name === 'lfs1') return describeLfs1;
  if (name === 'rom') {
    const image = piece(medium, 0, Math.min(romSize(medium), medium.size));
    return (_, number) => describeRom(image, number * size, (number + 1) * size);
  }
  const layout = name === 'fat' || name === 'exfat' ? layoutOf(name, medium) : undefined;
  return (bytes, number) => (layout ? describeFat(bytes, number, layout) : { what: 'nothing that is known', notes: [] });
}

/** By the boot sector, as far as it can be believed. */
export function layoutOf(name: 'fat' | 'exfat', medium: Medium): Layout | undefined {
  const b = piece(medium, 0, 512);
  if (name === 'exfat')
    return {
      type: 64,
      sector: 1 << (b[108] & 31),
      fatStart: u32(b, 80),
      fatSize: u32(b, 84) || 1,
      fats: b[110],
      rootStart: 0,
      rootSectors: 0,
      dataStart: u32(b, 88),
      perCluster: 1 << (b[109] & 31),
      root: u32(b, 96),
      fsInfo: 0,
    };
  const sector = le16(b, 11);
  // A card with partitions: what is meant is one of them.
  if (![512, 1024, 2048, 4096].includes(sector) || !b[13]) return undefined;
  const narrow = le16(b, 22);
  const fatSize = narrow || u32(b, 36) || 1;
  const fatStart = le16(b, 14);
  const rootStart = fatStart + b[16] * fatSize;
  const rootSectors = Math.ceil((le16(b, 17) * 32) / sector);
  const dataStart = rootStart + rootSectors;
  const total = le16(b, 19) || u32(b, 32);
  const clusters = Math.floor((total - dataStart) / b[13]);
  const type = narrow ? (clusters < 4085 ? 12 : 16) : 32;
  const more = narrow ? { root: 0, fsInfo: 0 } : { root: u32(b, 44), fsInfo: le16(b, 48) };
  return { type, sector, fatStart, fatSize, fats: b[16], rootStart, rootSectors, dataStart, perCluster: b[13], ...more };
}
