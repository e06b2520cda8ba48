/** Blocks as they are, and what the format says of them. */
import { describeFat, type Layout } from '../dump/fat';
import { describeLfs1, describeLfs2 } from '../dump/littlefs';
import type { Described, Note } from '../dump/notes';
import { describeRom } from '../dump/romfs';
import type { Format } from '../places/formats';
import { type Medium, piece } from '../places/medium';
import { type OpenPart, type PlaceOptions, withPlaces } from '../places/open';
import { UsageError } from '../usage';
import { romSize } from './romfs';

export type { Note };

export interface DumpOptions extends PlaceOptions {
  /** Numbers of blocks of littlefs, or sectors. Default: the first pair of a littlefs, else the first sector. */
  blocks?: number[];
}

/** A block, or a sector. */
export interface DumpedBlock extends Described {
  number: number;
  /** Bytes from the begin of the image. */
  offset: number;
  bytes: Uint8Array;
}

/**
 * Blocks of a volume, damaged or not, with what its format says of their bytes.
 * @throws UsageError if there is no such image, or no such block
 */
export function dump(place: string, options: DumpOptions = {}): Promise<DumpedBlock[]> {
  return withPlaces(options, (places) => {
    const part = places.named(place);
    let format: Format | undefined;
    try {
      format = places.formatOf(part);
    } catch {
      // What is nothing known is shown as it is.
    }
    const name = format?.name ?? '';
    const littlefs = name === 'lfs2' || name === 'lfs1';
    const size = options.blockSize ?? (format ? format.blockSize(part.medium) : 512);
    const count = Math.ceil(part.medium.size / size);
    const describe = describer(name, part, size);
    return (options.blocks ?? (littlefs ? [0, 1] : [0])).map((number) => {
      if (number >= count) throw new UsageError(`${part.title} has ${count} blocks of ${size} bytes, and no block ${number}`);
      const bytes = piece(part.medium, number * size, Math.min(size, part.medium.size - number * size));
      return { number, offset: part.offset + number * size, bytes, ...describe(bytes, number) };
    });
  });
}

function describer(name: string, { medium }: OpenPart, size: number): (bytes: Uint8Array, number: number) => Described {
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
function layoutOf(name: 'fat' | 'exfat', medium: Medium): Layout | undefined {
  const b = Buffer.from(piece(medium, 0, 512));
  if (name === 'exfat')
    return {
      type: 64,
      sector: 1 << (b[108] & 31),
      fatStart: b.readUInt32LE(80),
      fatSize: b.readUInt32LE(84) || 1,
      fats: b[110],
      rootStart: 0,
      rootSectors: 0,
      dataStart: b.readUInt32LE(88),
      perCluster: 1 << (b[109] & 31),
      root: b.readUInt32LE(96),
      fsInfo: 0,
    };
  const sector = b.readUInt16LE(11);
  // A card with partitions: what is meant is one of them.
  if (![512, 1024, 2048, 4096].includes(sector) || !b[13]) return undefined;
  const narrow = b.readUInt16LE(22);
  const fatSize = narrow || b.readUInt32LE(36) || 1;
  const fatStart = b.readUInt16LE(14);
  const rootStart = fatStart + b[16] * fatSize;
  const rootSectors = Math.ceil((b.readUInt16LE(17) * 32) / sector);
  const dataStart = rootStart + rootSectors;
  const total = b.readUInt16LE(19) || b.readUInt32LE(32);
  const clusters = Math.floor((total - dataStart) / b[13]);
  const type = narrow ? (clusters < 4085 ? 12 : 16) : 32;
  const more = narrow ? { root: 0, fsInfo: 0 } : { root: b.readUInt32LE(44), fsInfo: b.readUInt16LE(48) };
  return { type, sector, fatStart, fatSize, fats: b[16], rootStart, rootSectors, dataStart, perCluster: b[13], ...more };
}
