/** Directories of the firmware's file system. */
import { EBUSY, EEXIST, EIO, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EOPNOTSUPP, vfsError } from '../contract/errno';
import { type DirEntry, type Stat, type StatVfs, TYPE_DIR, TYPE_FILE } from '../contract/filesystem';
import { byteText } from '../engine';
import type { NativeState } from './types';

/** Bytes of a name in the firmware's FAT. */
const NAME_MAX = 63;

/** What the firmware calls it. */
export function placeOf(state: NativeState, path: string): string {
  const text = byteText(path);
  // Its own root has no name.
  return state._root ? state._root + (text === '/' ? '' : text) : text.substring(1);
}

/** What it says of a path, undefined for nothing. Its root it knows no more of than that it can be listed. */
export function look(state: NativeState, path: string): { size: number; dir: boolean; mtime?: Date } | undefined {
  if (path !== '/') return state._fs.statSync(placeOf(state, path));
  return { size: 0, dir: true };
}

/** Calls the firmware, which throws text or gives false. @throws EIO with what it says */
export function ask<T>(operation: string, path: string, work: () => T): T {
  let said = '';
  try {
    const value = work();
    if ((value as unknown) !== false && value !== undefined) return value;
  } catch (native) {
    said = '' + ((native && (native as Error).message) || native);
  }
  throw vfsError(EIO, operation, path, said);
}

/** The directory that a path lies in. @throws ENOENT, ENOTDIR */
export function expectParent(state: NativeState, operation: string, path: string): void {
  const parent = path.substring(0, path.lastIndexOf('/')) || '/';
  const stat = look(state, parent);
  if (!stat || !stat.dir) throw vfsError(stat ? ENOTDIR : ENOENT, operation, path);
}

export function listDirectory(state: NativeState, path: string): DirEntry[] {
  const entries: DirEntry[] = [];
  const stat = look(state, path);
  if (!stat || !stat.dir) throw vfsError(stat ? ENOTDIR : ENOENT, 'listdir', path);
  const names = ask('listdir', path, function () {
    return state._fs.readdirSync(placeOf(state, path));
  }) as string[];
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    // No medium gives a name that is a path.
    if (!('..'.indexOf(name) && name.indexOf('/') < 0 && name.indexOf('\0') < 0)) continue;
    const one = look(state, (path === '/' ? '' : path) + '/' + name);
    if (one) entries.push([name, one.dir ? TYPE_DIR : TYPE_FILE, 0, one.dir ? 0 : one.size]);
  }
  return entries;
}

export function statPath(state: NativeState, path: string): Stat {
  const stat = look(state, path);
  if (!stat) throw vfsError(ENOENT, 'stat', path);
  const time = stat.mtime ? Math.floor(stat.mtime.getTime() / 1000) : 0;
  return [stat.dir ? TYPE_DIR : TYPE_FILE, 0, 0, 0, 0, 0, stat.dir ? 0 : stat.size, time, time, time];
}

export function statCard(state: NativeState, path: string): StatVfs {
  const fs = state._fs;
  if (!fs.getFree) throw vfsError(EOPNOTSUPP, 'statvfs', path, 'this firmware does not tell');
  const free = ask('statvfs', path, function () {
    return (fs.getFree as Required<NativeState['_fs']>['getFree'])('');
  }) as { freeSectors: number; totalSectors: number; sectorSize: number; clusterSize: number };
  const cluster = free.clusterSize;
  return [
    free.sectorSize * cluster,
    free.sectorSize * cluster,
    Math.floor(free.totalSectors / cluster),
    Math.floor(free.freeSectors / cluster),
    Math.floor(free.freeSectors / cluster),
    0,
    0,
    0,
    0,
    NAME_MAX,
  ];
}

export function makeDirectory(state: NativeState, path: string): void {
  const fs = state._fs;
  if (look(state, path)) throw vfsError(EEXIST, 'mkdir', path);
  expectParent(state, 'mkdir', path);
  if (!fs.mkdirSync) throw vfsError(EOPNOTSUPP, 'mkdir', path);
  ask('mkdir', path, function () {
    return (fs.mkdirSync as (path: string) => boolean)(placeOf(state, path));
  });
}

/** The firmware's `unlink` takes an empty directory as well; so that is looked at before. */
export function removePath(state: NativeState, path: string, directory: boolean): void {
  const operation = directory ? 'rmdir' : 'remove';
  const stat = look(state, path);
  if (!stat) throw vfsError(ENOENT, operation, path);
  if (stat.dir !== directory) throw vfsError(directory ? ENOTDIR : EISDIR, operation, path);
  if (directory && listDirectory(state, path).length) throw vfsError(ENOTEMPTY, operation, path);
  for (let i = 0; i < state._open.length; i++) if (state._open[i]._path === path) throw vfsError(EBUSY, operation, path);
  ask(operation, path, function () {
    return state._fs.unlinkSync(placeOf(state, path));
  });
}
