import picomatch from 'picomatch';
import type { OpenPlace, Places } from '../places/open';
import type { Bare, Place } from '../places/parse';
import { type Entry, joined, PlaceError, placeText, type Tree } from '../places/tree';

/** What one of the places on a command line stands for. */
export interface Found extends OpenPlace {
  entry: Entry;
}

/**
 * What places stand for: a path with `*`, `?`, `[...]`, `{a,b}` or `**` in an image all that match it, as the shell does for
 * paths of the host. A name that is there as it is written is that.
 * @throws PlaceError for what is not there, and a pattern that matches nothing
 */
export async function expand(places: Places, texts: string[], bare: Bare): Promise<Found[]> {
  const found: Found[] = [];
  for (const text of texts) {
    const open = places.open(text, bare);
    const { tree, path } = open;
    const entry = await tree.stat(path);
    if (entry) found.push({ ...open, entry });
    else {
      const matches = open.place.image || open.place.board ? await matching(tree, path) : [];
      if (!matches.length)
        throw new PlaceError('ENOENT', placeText(tree, path), isPattern(path) ? 'nothing matches that' : 'no such file or directory');
      for (const [one, what] of matches) found.push({ tree, path: one, entry: what, place: { ...open.place, path: one } as Place });
    }
  }
  return found;
}

const isPattern = (path: string): boolean => picomatch.scan(path).isGlob;

async function matching(tree: Tree, pattern: string): Promise<[string, Entry][]> {
  if (!isPattern(pattern)) return [];
  // A `/` at the beginning would have to be matched by something.
  const inner = pattern.slice(1);
  const { base } = picomatch.scan(inner);
  const matches = picomatch(inner);
  // Without `**` nothing deeper can match.
  const depth = pattern.includes('**') ? Infinity : pattern.split('/').length;
  const found: [string, Entry][] = [];
  const look = async (directory: string): Promise<void> => {
    for (const entry of await tree.list(directory)) {
      const path = joined(directory, entry.name);
      if (matches(path.slice(1))) found.push([path, entry]);
      if (entry.kind === 'directory' && path.split('/').length < depth) await look(path);
    }
  };
  const start = '/' + base;
  if ((await tree.stat(start))?.kind === 'directory') await look(start);
  return found;
}
