/** Blocks as they are, and what the format says of them. */
import { describer } from '../dump/describe';
import type { Described, Note } from '../dump/notes';
import type { Format } from '../places/formats';
import { piece } from '../places/medium';
import { type PlaceOptions, withPlaces } from '../places/open';
import { UsageError } from '../usage';

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
    const describe = describer(name, part.medium, size);
    return (options.blocks ?? (littlefs ? [0, 1] : [0])).map((number) => {
      if (number >= count) throw new UsageError(`${part.title} has ${count} blocks of ${size} bytes, and no block ${number}`);
      const bytes = piece(part.medium, number * size, Math.min(size, part.medium.size - number * size));
      return { number, offset: part.offset + number * size, bytes, ...describe(bytes, number) };
    });
  });
}
