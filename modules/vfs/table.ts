import { byteText } from '../engine';
import { EINVAL, ENODEV, ENOENT, ENOTDIR, EROFS, vfsError } from '../errno';
import { type FileSystem, type Stat, TYPE_DIR } from '../filesystem';
import { expect, invoke, refuse, type Where } from './call';
import type { VfsFile } from './file';

/** One row of the mount table. */
export interface Mount extends Where {
  _fs: FileSystem;
  /** The mount point as a `Place` has it. */
  _key: string;
  _readonly: boolean;
  /** Open files of ours: what keeps it from being unmounted. */
  _files: VfsFile[];
}

/** The mount table in the order of mounting, and the working directory. */
export const tree: { _mounts: Mount[]; _cwd: string } = { _mounts: [], _cwd: '/' };

/** Where a path leads. */
export interface Place extends Where {
  /** The path with a slash at its end: what lies below it begins with that. */
  _key: string;
  /** The mount with the longest matching point. */
  _mount: Mount | undefined;
  /** The path as that mount's file system knows it. */
  _inner: string;
  /** It is `/`, a mount point, or a directory that leads to one: always there, never to be removed. */
  _pinned: boolean;
  /** It was written so that only a directory can be meant: it ends in `/`, `.` or `..`. */
  _slash: boolean;
}

/**
 * Resolves a path: `.`, `..` and `//` textually, against the working directory, then the mount.
 * @param pinnedCode the error at `/`, mount points and what leads to them
 * @throws TypeError if it is not a string; ENOENT if empty; EINVAL if it holds NUL.
 */
export function locate(path: string, operation: string, pinnedCode?: number): Place {
  expect(typeof path === 'string', operation);
  if (!path || path.indexOf('\0') >= 0) throw vfsError(path ? EINVAL : ENOENT, operation, path);
  const parts = byteText(path.charAt(0) === '/' ? path : tree._cwd + '/' + path).split('/');
  const names: string[] = [];
  let slash = true;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    slash = !part || part === '.' || part === '..';
    if (!slash) names.push(part);
    else if (part === '..') names.pop();
  }
  const full = '/' + names.join('/');
  const key = names.length ? full + '/' : full;
  let pinned = !names.length;
  let mount: Mount | undefined;
  for (let k = 0; k < tree._mounts.length; k++) {
    const one = tree._mounts[k];
    if (one._key.indexOf(key) === 0) pinned = true;
    if (key.indexOf(one._key) === 0 && !(mount && mount._key.length > one._key.length)) mount = one;
  }
  const place: Place = {
    _operation: operation,
    _path: full,
    _key: key,
    _mount: mount,
    _inner: (mount && key.substring(mount._key.length - 1, key.length - 1)) || '/',
    _pinned: pinned,
    _slash: slash,
  };
  if (pinned && pinnedCode) refuse(place, pinnedCode);
  return place;
}

/** The mount that does an operation. @throws ENODEV where nothing is mounted; EROFS if it would write to a read-only mount. */
export function mountOf(place: Place, writes: boolean): Mount {
  const mount = place._mount;
  if (!mount || (writes && mount._readonly)) refuse(place, mount ? EROFS : ENODEV);
  return mount as Mount;
}

/** What `stat` gives. @throws ENOTDIR if it must be a directory and is none. */
export function status(place: Place, directory: boolean): Stat {
  const found = place._pinned
    ? [TYPE_DIR, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    : (invoke(mountOf(place, false)._fs, 'stat', place, place._inner) as Stat);
  if (directory && (found[0] & 0xf000) !== TYPE_DIR) refuse(place, ENOTDIR);
  return found;
}

/** Has the file system do the operation, which is also the name of the method. */
export function perform(place: Place, writes: boolean, argument?: unknown): unknown {
  const mount = mountOf(place, writes);
  // POSIX: a path that ends in a slash names a directory.
  if (place._slash) status(place, true);
  return invoke(mount._fs, place._operation, place, place._inner, argument);
}
