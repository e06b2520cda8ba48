/** The tree of mounts: where a path leads, and what is done there. */
import { EINVAL, ENODEV, ENOENT, ENOTDIR, EROFS, expect, vfsError } from '../contract/errno';
import { type FileSystem, type Stat, TYPE_DIR, type VfsFile } from '../contract/filesystem';
import { byteText } from '../engine';
import { invoke, refuse, type Where } from './call';
import { namesIn } from './path';

/** One row of the mount table. */
export interface Mount extends Where {
  _fs: FileSystem;
  /** The mount point as a `Place` has it. */
  _key: string;
  _readonly: boolean;
  /** Open files of ours: what keeps it from being unmounted. */
  _files: VfsFile[];
}

/** The mount table in the order of mounting. */
export const mounts: Mount[] = [];

/** The working directory. */
export const working: { _path: string } = { _path: '/' };

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
  /** It was written so that only a directory can be meant, ending in `/`, `.` or `..`, and may still be something else. */
  _slash: boolean;
}

/**
 * Resolves a path, against the working directory, then the mount.
 * @param pinnedCode the error at `/`, mount points and what leads to them
 * @throws TypeError if it is not a string; ENOENT if empty; EINVAL if it holds NUL.
 */
export function locate(path: string, operation: string, pinnedCode?: number): Place {
  expect(typeof path === 'string', 'path');
  if (!path || path.indexOf('\0') >= 0) throw vfsError(path ? EINVAL : ENOENT, operation, path);
  const names: string[] = [];
  const slash = namesIn(byteText(path[0] === '/' ? path : working._path + '/' + path), names);
  const full = '/' + names.join('/');
  const key = names.length ? full + '/' : full;
  let pinned = !names.length;
  let mount: Mount | undefined;
  for (let k = 0; k < mounts.length; k++) {
    const one = mounts[k];
    if (one._key.indexOf(key) === 0) pinned = true;
    // Of two beginnings of one text the longer is the greater.
    if (key.indexOf(one._key) === 0 && !(mount && mount._key > one._key)) mount = one;
  }
  const place: Place = {
    _operation: operation,
    _path: full,
    _key: key,
    _mount: mount,
    _inner: (mount && full.substring(mount._key.length - 1)) || '/',
    _pinned: pinned,
    _slash: slash && !pinned,
  };
  if (pinned && pinnedCode) refuse(place, pinnedCode);
  return place;
}

/**
 * Has the mount's file system do the operation, which is also the name of the method unless another is given.
 * @throws ENODEV where nothing is mounted; EROFS if it would write to a read-only mount.
 */
export function perform(place: Place, writes?: unknown, argument?: unknown, method?: string): unknown {
  const mount = place._mount as Mount;
  if (!mount || (writes && mount._readonly)) refuse(place, mount ? EROFS : ENODEV);
  // POSIX: a path that ends in a slash names a directory.
  if (place._slash) {
    place._slash = false;
    if (((perform(place, 0, 0, 'stat') as Stat)[0] & 0xf000) !== TYPE_DIR) refuse(place, ENOTDIR);
  }
  return invoke(mount._fs, method || place._operation, place, place._inner, argument);
}
