import { optionsOf } from '../contract/arguments';
import { ENOENT, ENOTDIR, type VfsError } from '../contract/errno';
import { type DirEntry, type DirIterator, type ListOptions, TYPE_DIR } from '../contract/filesystem';
import { invoke } from './call';
import { locate, mounts, perform } from './mounts';

/** What `ilistdir` gives: an iterator object, also for for-of where the engine has it. */
export type Listing = DirIterator & Iterable<DirEntry>;

/** Makes an iterator object of `next`, iterable where the engine knows the word. */
export function iterator(next: () => unknown): unknown {
  const result: Record<string | symbol, unknown> = { next: next };
  if (typeof Symbol !== 'undefined')
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
 * @param options `attributes`: entries on FAT and exFAT have a fifth item
 * @throws ENOENT, ENOTDIR; ENODEV where nothing is mounted; while iterating EIO, ECORRUPT; TypeError for other options.
 * Source: MicroPython `os.ilistdir`. Differs: no duplicates, mounts seen from any path, at least four items.
 */
export function ilistdir(path?: string, options?: ListOptions): Listing {
  const place = locate(path === undefined || path === '' ? '.' : path, 'ilistdir');
  const names: string[] = [];
  let source: unknown = [];
  for (let i = 0; i < mounts.length; i++) {
    const key = mounts[i]._key;
    const name = key.substring(place._key.length).split('/')[0];
    if (name && key.indexOf(place._key) === 0 && names.indexOf(name) < 0) names.push(name);
  }
  // The driver itself says ENOTDIR.
  place._slash = false;
  if (place._mount || !place._pinned) {
    try {
      source = perform(place, 0, optionsOf(options));
    } catch (error) {
      // A parent of mount points need not exist in the file system that covers it.
      const errno = error && (error as VfsError).errno;
      if (!names.length || (errno !== ENOENT && errno !== ENOTDIR)) throw error;
    }
  }
  const list = Array.isArray(source) && source;
  if (!list && !(source as DirIterator).next) source = (source as Iterable<DirEntry>)[Symbol.iterator]();
  let at = 0;
  return iterator(function (): { done: boolean; value?: DirEntry } {
    if (at < names.length) return { done: false, value: [names[at++], TYPE_DIR, 0, 0] };
    for (;;) {
      const index = at++ - names.length;
      let step = list
        ? { done: index >= list.length, value: list[index] }
        : (invoke(source, 'next', place) as { done: boolean; value?: DirEntry });
      if (step.done) return step;
      // A user's file system may leave the size out, as on MicroPython.
      while ((step.value as DirEntry).length < 4) step = { done: false, value: (step.value as DirEntry).concat(0 as never) as DirEntry };
      const name = (step.value as DirEntry)[0];
      // No medium gives a name that is a path: neither listed, nor walked into, nor removed.
      if (names.indexOf(name) < 0 && '..'.indexOf(name) && name.indexOf('/') < 0 && name.indexOf('\0') < 0) return step;
    }
  }) as Listing;
}

/**
 * The names in a directory, in the order of `ilistdir`.
 * @throws as `ilistdir`.
 * Source: MicroPython `os.listdir`; differs as `ilistdir`.
 */
export function listdir(path?: string): string[] {
  const listing = ilistdir(path);
  const list: string[] = [];
  for (let step = listing.next(); !step.done; step = listing.next()) list.push((step.value as DirEntry)[0]);
  return list;
}
