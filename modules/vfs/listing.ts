import { ENOENT, ENOTDIR, type VfsError } from '../errno';
import { type DirEntry, type DirIterator, TYPE_DIR } from '../filesystem';
import { invoke } from './call';
import { locate, perform, tree, within } from './table';

/** What `ilistdir` gives: an iterator object, also for for-of where the engine has it. */
export type Listing = DirIterator & Iterable<DirEntry>;

/** Makes an iterator's prototype iterable where the engine knows the word. */
export function iterable(prototype: object): void {
  if (typeof Symbol === 'function' && Symbol.iterator)
    (prototype as Record<symbol, unknown>)[Symbol.iterator] = function (this: unknown) {
      return this;
    };
}

/** First what is mounted below, then the file system's own entries but for those hidden by a mount. */
class DirList {
  private _path: string;
  private _names: string[];
  private _queue: DirEntry[];
  private _source: DirIterator | undefined;

  constructor(path: string, names: string[], queue: DirEntry[], source: DirIterator | undefined) {
    this._path = path;
    this._names = names;
    this._queue = queue;
    this._source = source;
  }

  next(): { done: boolean; value?: DirEntry } {
    if (this._queue.length) return { done: false, value: this._queue.shift() };
    while (this._source) {
      const step = invoke(this._source, 'next', 'ilistdir', this._path) as { done: boolean; value?: DirEntry };
      if (step.done) this._source = undefined;
      else if (this._names.indexOf((step.value as DirEntry)[0]) < 0) return step;
    }
    return { done: true, value: undefined };
  }
}
iterable(DirList.prototype);

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
  const queue: DirEntry[] = [];
  for (let i = 0; i < tree._mounts.length; i++) {
    const point = tree._mounts[i]._point;
    if (point !== full && within(point, full)) {
      const name = point.substring(full === '/' ? 1 : full.length + 1).split('/')[0];
      if (names.indexOf(name) < 0) {
        names.push(name);
        queue.push([name, TYPE_DIR, 0, 0]);
      }
    }
  }
  let source: unknown;
  // A parent of mount points need not exist in the file system that covers it.
  const floating = place._pinned && place._inner !== '/';
  if (place._mount || !place._pinned) {
    try {
      source = perform(place, 'ilistdir', false);
    } catch (error) {
      const errno = (error as VfsError).errno;
      if (!floating || (errno !== ENOENT && errno !== ENOTDIR)) throw error;
    }
  }
  if (source && typeof (source as DirIterator).next !== 'function') {
    if (Array.isArray(source)) {
      for (let k = 0; k < source.length; k++) if (names.indexOf(source[k][0]) < 0) queue.push(source[k]);
      source = undefined;
    } else source = (source as Iterable<DirEntry>)[Symbol.iterator]();
  }
  return new DirList(full, names, queue, source as DirIterator) as unknown as Listing;
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
  const list = entries(path);
  const names: string[] = [];
  for (let i = 0; i < list.length; i++) names.push(list[i][0]);
  return names;
}
