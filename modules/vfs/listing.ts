import { ENOENT, ENOTDIR, type VfsError } from '../errno';
import { type DirEntry, type DirIterator, TYPE_DIR } from '../filesystem';
import { invoke } from './call';
import { locate, perform, tree, within } from './table';

/** What `ilistdir` gives: an iterator object, also for for-of where the engine has it. */
export type Listing = DirIterator & Iterable<DirEntry>;

/** Makes an iterator object of `next`, iterable where the engine knows the word. */
export function iterator(next: () => unknown): unknown {
  const result: Record<string | symbol, unknown> = { next: next };
  if (typeof Symbol === 'function' && Symbol.iterator)
    result[Symbol.iterator] = function () {
      return result;
    };
  return result;
}

/**
 * Lists a directory: `[name, type, inode, size]` each, type 0x4000 for a directory and 0x8000 for a file, inode 0, size
 * in bytes. Mount points, and the parents of mount points, come first, and hide an entry of their name. The rest is in
 * the file system's order (littlefs: by bytes of the name). `.` and `..` are never listed.
 * @param path by default, and for `''`, the working directory
 * @throws ENOENT, ENOTDIR; ENODEV where nothing is mounted; while iterating EIO, ECORRUPT.
 * Source: MicroPython `os.ilistdir`. Differs: no duplicates, mounts seen from any path, always four items.
 */
export function ilistdir(path?: string): Listing {
  const place = locate(path === undefined || path === '' ? '.' : path, 'ilistdir');
  const full = place._path;
  const names: string[] = [];
  const mounts = tree._mounts;
  let source: unknown;
  for (let i = 0; i < mounts.length; i++) {
    const point = mounts[i]._point;
    const name = point.substring(full === '/' ? 1 : full.length + 1).split('/')[0];
    if (point !== full && within(point, full) && names.indexOf(name) < 0) names.push(name);
  }
  if (place._mount || !place._pinned) {
    try {
      source = perform(place, 'ilistdir', false);
    } catch (error) {
      // A parent of mount points need not exist in the file system that covers it.
      const errno = (error as VfsError).errno;
      if (!names.length || (errno !== ENOENT && errno !== ENOTDIR)) throw error;
    }
  }
  let at = 0;
  let index = 0;
  return iterator(function (): { done: boolean; value?: DirEntry } {
    if (at < names.length) return { done: false, value: [names[at++], TYPE_DIR, 0, 0] };
    while (source) {
      let step: { done: boolean; value?: DirEntry };
      if (Array.isArray(source)) step = { done: index >= source.length, value: source[index++] };
      else {
        if (!(source as DirIterator).next) source = (source as Iterable<DirEntry>)[Symbol.iterator]();
        step = invoke(source, 'next', 'ilistdir', full) as { done: boolean; value?: DirEntry };
      }
      if (step.done) source = undefined;
      else if (names.indexOf((step.value as DirEntry)[0]) < 0) return step;
    }
    return { done: true, value: undefined };
  }) as Listing;
}

/** All entries at once, so that the directory may be changed meanwhile. */
export function entries(path: string | undefined): DirEntry[] {
  const list: DirEntry[] = [];
  const listing = ilistdir(path);
  for (let step = listing.next(); !step.done; step = listing.next()) list.push(step.value as DirEntry);
  return list;
}

/**
 * The names in a directory, in the order of `ilistdir`.
 * @throws as `ilistdir`.
 * Source: MicroPython `os.listdir`; differs as `ilistdir`.
 */
export function listdir(path?: string): string[] {
  return entries(path).map(function (entry) {
    return entry[0];
  });
}
