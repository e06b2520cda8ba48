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
  if (typeof path !== 'string') throw new TypeError(operation + ': the path must be a string');
  if (!path) throw vfsError(ENOENT, operation, '', 'empty path');
  if (path.indexOf('\0') >= 0) throw vfsError(EINVAL, operation, path, 'NUL in path');
  const parts = (path.charAt(0) === '/' ? path : tree._cwd + '/' + path).split('/');
  const names: string[] = [];
  let slash = true;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    slash = !part || part === '.' || part === '..';
    if (!slash) names.push(part);
    else if (part === '..') names.pop();
  }
  const full = '/' + names.join('/');
  const mounts = tree._mounts;
  let mount: Mount | undefined;
  let pinned = full === '/';
  for (let k = 0; k < mounts.length; k++) {
    const point = mounts[k]._point;
    if (within(full, point) && (!mount || point.length > mount._point.length)) mount = mounts[k];
    if (within(point, full)) pinned = true;
  }
  const inner = mount && mount._point !== '/' ? full.substring(mount._point.length) || '/' : full;
  return { _path: full, _mount: mount, _inner: inner, _pinned: pinned, _slash: slash };
}

export function isDir(stat: Stat): boolean {
  return (stat[0] & 0xf000) === TYPE_DIR;
}

/** The mount that does an operation. @throws ENODEV where nothing is mounted; EROFS if it would write to a read-only mount. */
export function mountOf(place: Place, operation: string, writes: boolean): Mount {
  const mount = place._mount;
  if (!mount) throw vfsError(ENODEV, operation, place._path, 'nothing is mounted here');
  if (writes && mount._readonly) throw vfsError(EROFS, operation, place._path);
  return mount;
}

/** Has the file system do one operation, which is also the name of the method. */
export function perform(place: Place, operation: string, writes: boolean, argument?: unknown): unknown {
  const fs = mountOf(place, operation, writes)._fs;
  // POSIX: a path that ends in a slash names a directory. `mkdir` and `ilistdir` see to it themselves.
  if (place._slash && place._inner !== '/' && operation !== 'mkdir' && operation !== 'ilistdir') {
    if (!isDir(invoke(fs, 'stat', operation, place._path, place._inner) as Stat)) throw vfsError(ENOTDIR, operation, place._path);
  }
  return invoke(fs, operation, operation, place._path, place._inner, argument);
}
