/**
 * Two file systems seen as one. What the upper has counts; a *whiteout* in it, an empty file `.wh.NAME`, hides what the lower has under that
 * name, whether the upper has something there or not. Directories of both, without a whiteout, are one. So everything that changes the tree
 * is prepared without being seen, and done by one step of the upper.
 */
import { EINVAL, ENOENT, ENOTDIR, type VfsError, vfsError } from '../contract/errno';
import { type DirEntry, type DirIterator, type FileSystem, type RawFile, type Stat, TYPE_DIR } from '../contract/filesystem';

/** What names of whiteouts begin with. Nobody else's do. */
export const HIDES = '.wh.';

export interface OverlayFile extends RawFile {
  _path: string;
  _writable: boolean;
  /** Whether it is the upper's. */
  _risen: boolean;
  _raw: RawFile;
}

export interface Layers {
  _lower: Required<FileSystem>;
  _upper: Required<FileSystem>;
  /** What is open. */
  _files: OverlayFile[];
  /** What is being done, for errors. */
  _operation: string;
  _path: string;
  /** What `look` found last: of the upper, and of the lower where no whiteout hides it. */
  _u: Stat | undefined;
  _l: Stat | undefined;
}

export function fail(layers: Layers, code: number, detail?: string): never {
  throw vfsError(code, layers._operation, layers._path, detail);
}

export function isDir(stat: Stat): boolean {
  return (stat[0] & 0xf000) === TYPE_DIR;
}

/** Nothing where there is nothing. */
export function statOf(fs: Required<FileSystem>, path: string): Stat | undefined {
  try {
    return fs.stat(path);
  } catch (error) {
    const errno = error && (error as VfsError).errno;
    if (errno !== ENOENT && errno !== ENOTDIR) throw error;
    return undefined;
  }
}

/** The whiteout for a path. */
export function whiteout(path: string): string {
  const at = path.lastIndexOf('/') + 1;
  return path.substring(0, at) + HIDES + path.substring(at);
}

/**
 * Looks a path up: `_u` and `_l`; gives what is seen.
 * @param making it may be missing, and could be made
 * @throws ENOENT, ENOTDIR; EINVAL for the name of a whiteout that would be made
 */
export function look(layers: Layers, path: string, making: boolean): Stat | undefined {
  const names = path === '/' ? [] : path.split('/').slice(1);
  // Of the root no file system has to tell.
  let seen: Stat | undefined = [TYPE_DIR, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  let upper: Stat | undefined = seen;
  let lower: Stat | undefined = seen;
  let at = '';
  for (let i = 0; i < names.length; i++) {
    if (!seen || !isDir(seen)) fail(layers, seen ? ENOTDIR : ENOENT);
    at += '/' + names[i];
    const whole = upper;
    const hidden = names[i].indexOf(HIDES) === 0;
    if (hidden && making && i === names.length - 1) fail(layers, EINVAL, 'names of whiteouts begin with ' + HIDES);
    // What hides as a whole hides what lies below.
    const through: unknown = !hidden && lower && isDir(lower) && (!upper || isDir(upper));
    upper = upper && !hidden ? statOf(layers._upper, at) : undefined;
    lower = through ? statOf(layers._lower, at) : undefined;
    if (lower && whole && statOf(layers._upper, whiteout(at))) lower = undefined;
    seen = upper || lower;
  }
  layers._u = upper;
  layers._l = lower;
  return seen || (making ? undefined : fail(layers, ENOENT));
}

/** A function that gives the entries of a directory, one after the other, and then nothing. */
export function entries(fs: Required<FileSystem>, path: string): () => DirEntry | undefined {
  let source: unknown = fs.ilistdir(path);
  let at = 0;
  if (!Array.isArray(source) && !(source as DirIterator).next) source = (source as Iterable<DirEntry>)[Symbol.iterator]();
  return function () {
    if (Array.isArray(source)) return source[at++];
    const step = (source as DirIterator).next();
    return step.done ? undefined : step.value;
  };
}

/** What is seen in a directory, `_u` and `_l` of which are known: the upper's entries, then those of the lower that nothing hides. */
export function merged(layers: Layers, path: string): () => DirEntry | undefined {
  const names: string[] = [];
  const none = function (): undefined {
    return undefined;
  };
  const lower = layers._l && isDir(layers._l) ? entries(layers._lower, path) : none;
  let next = layers._u ? entries(layers._upper, path) : lower;
  return function () {
    for (;;) {
      const entry = next();
      if (!entry && next === lower) return undefined;
      if (!entry) {
        next = lower;
        continue;
      }
      const hides = entry[0].indexOf(HIDES) === 0;
      const name = hides ? entry[0].substring(HIDES.length) : entry[0];
      const known = names.indexOf(name) >= 0;
      if (next !== lower) names.push(name);
      // A whiteout and what the upper has under its name come in any order.
      if (!hides && (next !== lower || !known)) return entry;
    }
  };
}
