/** What POSIX does by names, and the tree of `vfs` has no function for. */
import { EACCES, EBADF, EISDIR, EROFS, EXDEV } from '../contract/errno';
import { type DirEntry, type DirIterator, TYPE_DIR } from '../contract/filesystem';
import { check, refuse, type Where } from '../vfs/call';
import * as driver from '../vfs/driver.lazy';
import { open } from '../vfs/file';
import { ilistdir } from '../vfs/listing';
import { locate, perform } from '../vfs/mounts';
import { stat } from '../vfs/operations';
import * as replacing from '../vfs/replace.lazy';
import type { Mount, Place } from '../vfs/rows';

/** An open directory. */
export interface Dir extends Where {
  _row: Mount | undefined;
  /** The driver's; undefined once closed. */
  _dir: unknown;
  _entries: DirEntry[] | undefined;
  _at: number;
}

/** The row of a place that is a driver's. */
function driverAt(place: Place): Mount | undefined {
  return place._mount && place._mount._context && place._mount;
}

/** A second name for a file. @throws EXDEV to another mount; EOPNOTSUPP on a file system without; ENOSYS for a driver without it */
export function link(from: string, to: string): void {
  const source = locate(from, 'link');
  const target = locate(to, 'link');
  if (source._mount !== target._mount) refuse(source, EXDEV);
  perform(source, true, target._inner);
}

/**
 * Whether a path can be read (4), written (2) or executed (1), or is there (0), all of the bits of `mode`.
 * @throws ENOENT; EROFS on a read-only mount; EACCES to execute a file; ENOSYS for a driver without it
 */
export function access(path: string, mode?: number): void {
  const place = locate(path, 'access');
  if (mode === undefined) mode = 0;
  check(place, mode, 'mode', 0, 7);
  const row = driverAt(place);
  if (row && !place._pinned) {
    driver.operate(row, place, 'access', [place._inner, mode]);
    return;
  }
  const found = stat(path);
  if (mode & 2 && place._mount && place._mount._readonly) refuse(place, EROFS);
  if (mode & 1 && (found[0] & 0xf000) !== TYPE_DIR) refuse(place, EACCES);
}

/** Cuts a file, or lengthens it with zeros. @throws as `vfs.open`; EINVAL; ENOSYS for a driver without it */
export function truncate(path: string, length: number): void {
  const place = locate(path, 'truncate', EISDIR);
  const row = driverAt(place);
  check(place, length, 'length', 0);
  if (row) {
    driver.operate(row, place, 'truncate', [place._inner, length]);
    return;
  }
  const file = open(path, 'r+b');
  try {
    file.truncate(length);
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
}

/** `vfs.utime` as POSIX has it. @throws as that; ENOSYS for a driver without it */
export function utime(path: string, atime: number, mtime: number): void {
  replacing.utime(path, [atime, mtime]);
}

/** Opens a directory for `readdir`. @throws ENOENT, ENOTDIR; ENOSYS for a driver without it */
export function opendir(path: string): Dir {
  const place = locate(path, 'opendir');
  const row = driverAt(place);
  const dir: Dir = { _operation: 'opendir', _path: place._path, _row: row, _dir: true, _entries: undefined, _at: 0 };
  if (row) dir._dir = driver.operate(row, dir, 'opendir', [place._inner]);
  else {
    const listing = ilistdir(path) as DirIterator;
    dir._entries = [];
    for (let step = listing.next(); !step.done; step = listing.next()) dir._entries.push(step.value as DirEntry);
  }
  return dir;
}

/** Begins a call. @returns the driver's row */
function enter(dir: Dir, operation: string): Mount | undefined {
  dir._operation = operation;
  if (!dir._dir) refuse(dir, EBADF);
  return dir._row;
}

/** The next entry, as `vfs.ilistdir` gives it, or null at the end. @throws EBADF if it is closed */
export function readdir(dir: Dir): DirEntry | null {
  const row = enter(dir, 'readdir');
  if (row) return (driver.operate(row, dir, 'readdir', [dir._dir]) as DirEntry) || null;
  const entries = dir._entries as DirEntry[];
  return dir._at < entries.length ? entries[dir._at++] : null;
}

/** Where `readdir` is, for `seekdir`. @throws EBADF; ENOSYS for a driver without it */
export function telldir(dir: Dir): number {
  const row = enter(dir, 'telldir');
  return row ? (driver.operate(row, dir, 'telldir', [dir._dir]) as number) : dir._at;
}

/** Goes back to where `telldir` was, or with 0 to the beginning. @throws EBADF, EINVAL; ENOSYS for a driver without it */
export function seekdir(dir: Dir, place: number): void {
  const row = enter(dir, 'seekdir');
  check(dir, place, 'place', 0);
  if (row) driver.operate(row, dir, 'seekdir', [dir._dir, place]);
  else dir._at = place;
}

/** Lets the directory go. @throws EBADF if it is closed already */
export function closedir(dir: Dir): void {
  const row = enter(dir, 'closedir');
  const own = dir._dir;
  dir._dir = undefined;
  if (row && (row._fs as { closedir?: unknown }).closedir) driver.operate(row, dir, 'closedir', [own]);
}
