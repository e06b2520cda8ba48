import { byteText } from '../engine';
import { EINVAL, ENODEV, ENOENT, ENOTDIR, EROFS, vfsError } from '../errno';
import { type FileSystem, type Stat, TYPE_DIR } from '../filesystem';
import { invoke } from './call';
import type { VfsFile } from './file';

/** One row of the mount table. */
export interface Mount {
  _fs: FileSystem;
  /** Absolute and normalised. */
  _point: string;
  _readonly: boolean;
  /** Open files of ours: what keeps it from being unmounted. */
  _files: VfsFile[];
}

/** The mount table in the order of mounting, and the working directory. */
export const tree: { _mounts: Mount[]; _cwd: string } = { _mounts: [], _cwd: '/' };

/** Where a path leads. */
export interface Place {
  /** Absolute, normalised. */
  _path: string;
  /** The mount with the longest matching point. */
  _mount: Mount | undefined;
  /** The path as that mount's file system knows it. */
  _inner: string;
  /** It is `/`, a mount point, or a directory that leads to one: always there, never to be removed. */
  _pinned: boolean;
  /** It was written so that only a directory can be meant: it ends in `/`, `.` or `..`. */
  _slash: boolean;
}

/** Whether `path` is `directory` or lies below it. */
export function within(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.lastIndexOf(directory + '/', 0) === 0;
}

/**
 * Resolves a path: `.`, `..` and `//` textually, against the working directory, then the mount.
 * @throws TypeError if it is not a string; ENOENT if empty; EINVAL if it holds NUL.
 */
export function locate(path: string, operation: string): Place {
  if (typeof path !== 'string') throw new TypeError(operation + ': path must be a string');
  const bad = !path ? ENOENT : path.indexOf('\0') < 0 ? 0 : EINVAL;
  if (bad) throw vfsError(bad, operation, path);
  const parts = byteText(path.charAt(0) === '/' ? path : tree._cwd + '/' + path).split('/');
  const names: string[] = [];
  const mounts = tree._mounts;
  let slash = true;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    slash = !part || part === '.' || part === '..';
    if (!slash) names.push(part);
    else if (part === '..') names.pop();
  }
  const full = '/' + names.join('/');
  let pinned = full === '/';
  let mount: Mount | undefined;
  for (let k = 0; k < mounts.length; k++) {
    const point = mounts[k]._point;
    if (within(point, full)) pinned = true;
    if (within(full, point) && (!mount || point.length > mount._point.length)) mount = mounts[k];
  }
  return {
    _path: full,
    _mount: mount,
    _inner: mount && mount._point !== '/' ? full.substring(mount._point.length) || '/' : full,
    _pinned: pinned,
    _slash: slash,
  };
}

/** The mount that does an operation. @throws ENODEV where nothing is mounted; EROFS if it would write to a read-only mount. */
export function mountOf(place: Place, operation: string, writes: boolean): Mount {
  const mount = place._mount;
  if (!mount || (writes && mount._readonly)) throw vfsError(mount ? EROFS : ENODEV, operation, place._path);
  return mount;
}

/** What `stat` gives. @throws ENOTDIR if it must be a directory and is none. */
export function status(place: Place, operation: string, directory: boolean): Stat {
  const found = place._pinned
    ? [TYPE_DIR, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    : (invoke(mountOf(place, operation, false)._fs, 'stat', operation, place._path, place._inner) as Stat);
  if (directory && (found[0] & 0xf000) !== TYPE_DIR) throw vfsError(ENOTDIR, operation, place._path);
  return found;
}

/** Has the file system do one operation, which is also the name of the method. */
export function perform(place: Place, operation: string, writes: boolean, argument?: unknown): unknown {
  const mount = mountOf(place, operation, writes);
  // POSIX: a path that ends in a slash names a directory. `mkdir` and `ilistdir` see to it themselves.
  if (place._slash && operation !== 'mkdir' && operation !== 'ilistdir') status(place, operation, true);
  return invoke(mount._fs, operation, operation, place._path, place._inner, argument);
}
