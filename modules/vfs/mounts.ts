/** The tree of mounts: where a path leads, and what is done there. */
import { EINVAL, ENODEV, ENOENT, ENOTDIR, EROFS, expect, vfsError } from '../contract/errno';
import { type Stat, TYPE_DIR } from '../contract/filesystem';
import { namesIn } from '../contract/path';
import { byteText } from '../engine';
import { invoke, refuse } from './call';
import * as driver from './driver.lazy';
import type { Mount, Place } from './rows';

export type { Mount, Place };

/** The mount table in the order of mounting. */
export const mounts: Mount[] = [];

/** The working directory. */
export const working: { _path: string } = { _path: '/' };

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
  if (mount._context) return driver.perform(place, method || place._operation, argument);
  return invoke(mount._fs, method || place._operation, place, place._inner, argument);
}
