/** Changing trees: rm, mkdir, rmdir, touch, edit. */
import { isImage, type OpenPlace, type PlaceOptions, withPlaces } from '../places/open';
import { baseName, makeDirectories, PlaceError, placeText, readAll, removeAll } from '../places/tree';
import { UsageError } from '../usage';
import { expand } from './glob';

export interface RmOptions extends PlaceOptions {
  /** Directories, with all that is in them. Default false. */
  recursive?: boolean;
  /** What is not there is passed over. Default false. */
  force?: boolean;
}

/** Removes files. @throws PlaceError for what is not there, and for a directory without `recursive` */
export function rm(places: string[], options: RmOptions = {}): Promise<void> {
  return withPlaces(options, async (open) => {
    for (const text of places) {
      try {
        for (const { tree, path, entry } of await expand(open, [text], 'file')) {
          if (entry.kind === 'directory' && !options.recursive)
            throw new PlaceError('EISDIR', placeText(tree, path), 'it is a directory: -r removes it with what is in it');
          await removeAll(tree, path, entry);
        }
      } catch (error) {
        if (!options.force || (error as PlaceError).code !== 'ENOENT') throw error;
      }
    }
  });
}

export interface MkdirOptions extends PlaceOptions {
  /** Makes what is missing above it too, and is content if it is there. Default false. */
  parents?: boolean;
}

/** Makes directories. @throws PlaceError if one is there, or what it is to be in is not */
export function mkdir(places: string[], options: MkdirOptions = {}): Promise<void> {
  return withPlaces(options, async (open) => {
    for (const text of places) {
      const { tree, path } = open.open(text, 'file');
      if (options.parents) await makeDirectories(tree, path);
      else await tree.mkdir(path);
    }
  });
}

/** Removes empty directories. @throws PlaceError for what is none */
export function rmdir(places: string[], options?: PlaceOptions): Promise<void> {
  return withPlaces(options, async (open) => {
    for (const { tree, path } of await expand(open, places, 'file')) await tree.rmdir(path);
  });
}

export interface TouchOptions extends PlaceOptions {
  /** Seconds since 1970; by default now. */
  time?: number;
}

/** Sets the time of files and directories, and makes files that are not there. @throws PlaceError */
export function touch(places: string[], options: TouchOptions = {}): Promise<void> {
  return withPlaces(options, async (open) => {
    for (const text of places) {
      const { tree, path } = open.open(text, 'file');
      if (await tree.stat(path)) await tree.utime(path, options.time ?? Math.floor(Date.now() / 1000));
      else await tree.write(path, [], options.time);
    }
  });
}

/** A file of a place, for somebody to edit. */
export interface Edited {
  name: string;
  content: Uint8Array;
}

/**
 * Gives the content of a file to somebody who edits it, and puts back what they give; a file that is not there is made.
 * @param change gives the new content, or undefined to leave it as it is
 * @returns whether it has changed
 * @throws UsageError for a directory; PlaceError
 */
export async function edit(
  place: string,
  options: PlaceOptions | undefined,
  change: (file: Edited) => Promise<Uint8Array | undefined> | Uint8Array | undefined,
): Promise<boolean> {
  // The image is not held open meanwhile: the editor may take its time.
  const fetched = await withPlaces(options, async (open) => {
    const { tree, path } = inside(open.open(place, 'file'));
    const there = await tree.stat(path);
    if (there?.kind === 'directory') throw new UsageError(`${placeText(tree, path)} is a directory`);
    return { name: baseName(path), content: there ? await readAll(tree, path) : undefined };
  });
  const content = await change({ name: fetched.name, content: fetched.content ?? new Uint8Array(0) });
  if (!content || (fetched.content && Buffer.compare(content, fetched.content) === 0)) return false;
  await withPlaces(options, async (open) => {
    const { tree, path } = open.open(place, 'file');
    await tree.write(path, [content]);
  });
  return true;
}

function inside(open: OpenPlace): OpenPlace {
  const { host, image } = open.place;
  if (!image && !open.place.board && isImage(host)) throw new UsageError(`${host} is an image: which file of it? ${host}:/boot.js`);
  if (open.place.image && !open.place.inside) throw new UsageError(`${open.place.text}: which file of it? ${open.place.text}:/boot.js`);
  return open;
}
