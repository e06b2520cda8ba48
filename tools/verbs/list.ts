/** Looking at trees: ls, tree, cat, df. */
import { type PlaceOptions, withPlaces } from '../places/open';
import { type Entry, PlaceError, placeText, type Usage, walk } from '../places/tree';
import { expand } from './glob';

export interface LsOptions extends PlaceOptions {
  /** Everything below. Default false. */
  recursive?: boolean;
  /** Names that begin with a dot, and what is marked as hidden. Default false. */
  all?: boolean;
  /** Times too. Default false. */
  times?: boolean;
}

export interface Listed extends Entry {
  /** From the place that was asked for, without a leading `/`; the name of a file that was asked for itself. */
  path: string;
}

/** What is in a place: a directory's entries, or the file. */
export interface Listing {
  place: string;
  entries: Listed[];
}

/**
 * Lists directories, and files that are named themselves.
 * @throws PlaceError if a place is not there
 */
export function ls(places: string[], options: LsOptions = {}): Promise<Listing[]> {
  return withPlaces(options, async (open) => {
    const listings: Listing[] = [];
    for (const { tree, path, entry } of await expand(open, places, 'volume')) {
      const place = placeText(tree, path);
      if (entry.kind !== 'directory') listings.push({ place, entries: [{ ...entry, path: place }] });
      else if (options.recursive) {
        const entries: Listed[] = [];
        for await (const step of walk(tree, path, options.times)) {
          const hidden = !options.all && (step.entry.hidden || step.relative.split('/').some((name) => name.startsWith('.')));
          if (!hidden) entries.push({ ...step.entry, path: step.relative });
        }
        listings.push({ place, entries });
      } else {
        const entries = (await tree.list(path, options.times)).filter(({ hidden }) => options.all || !hidden);
        listings.push({ place, entries: entries.map((one) => ({ ...one, path: one.name })) });
      }
    }
    return listings;
  });
}

/**
 * The content of files, one after the other, as it is read.
 * @param write takes the pieces, each good until the next; a promise is waited for
 * @throws PlaceError if one is not there, or is a directory
 */
export function cat(
  places: string[],
  options: PlaceOptions | undefined,
  write: (piece: Uint8Array) => void | Promise<void>,
): Promise<void> {
  return withPlaces(options, async (open) => {
    for (const { tree, path, entry } of await expand(open, places, 'file')) {
      if (entry.kind === 'directory') throw new PlaceError('EISDIR', placeText(tree, path), 'it is a directory');
      for await (const piece of tree.read(path)) await write(piece);
    }
  });
}

/** How full a volume is. */
export interface Filled extends Usage {
  place: string;
  format: string;
}

/** How full volumes are. @throws UsageError, PlaceError if a place is none */
export function df(places: string[], options?: PlaceOptions): Promise<Filled[]> {
  return withPlaces(options, async (open) => {
    const filled: Filled[] = [];
    for (const text of places) {
      const { tree, path } = open.open(text, 'volume');
      filled.push({ place: tree.title || text, format: tree.format, ...(await tree.usage(path)) });
    }
    return filled;
  });
}
