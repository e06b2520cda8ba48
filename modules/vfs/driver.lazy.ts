/** What the tree asks of a registered driver, in ESP-IDF's operations. It stays loaded while a descriptor of a driver is open. */
import { EIO, ENOENT, isWhole } from '../contract/errno';
import { type DirEntry, type RawFile, type Stat, TYPE_FILE, type VfsFile } from '../contract/filesystem';
import { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY } from '../contract/prefix';
import { leave, stay } from '../engine/stay';
import { LARGEST, refuse, type Where } from './call';
import { call, operationOf } from './driver-call';
import * as files from './driver-file.lazy';
import type { Mount, Place } from './rows';

/** See `driver-call.ts`. */
export function operate(row: Mount, where: Where, name: string, args: unknown[]): unknown {
  return call(row, where, name, args);
}

/** The driver's own number of a file that it opens, from 0 on. */
export function openAt(place: Place, flags: number, mode: number): number {
  const row = place._mount as Mount;
  const least = (row._fs as { fdOffset?: number }).fdOffset || 0;
  const fd = call(row, place, 'open', [place._inner, flags, mode]) as number;
  if (!isWhole(fd, least, LARGEST)) refuse(place, EIO);
  return fd;
}

/** Keeps this loaded, until `release` was called as often. */
export function hold(): void {
  stay();
}

export function release(): void {
  leave();
}

/** The flags that a mode of `vfs.open` means. */
function flagsOf(mode: string): number {
  const both = mode.indexOf('+') >= 0;
  if (mode.indexOf('w') >= 0) return (both ? O_RDWR : O_WRONLY) | O_CREAT | O_TRUNC;
  if (mode.indexOf('a') >= 0) return (both ? O_RDWR : O_WRONLY) | O_CREAT | O_APPEND;
  if (mode.indexOf('x') >= 0) return (both ? O_RDWR : O_WRONLY) | O_CREAT | O_EXCL;
  return both ? O_RDWR : 0;
}

/** A regular file that can be read at any place is one as on a file system; everything else is read as it comes. */
function openFile(place: Place, mode: string): RawFile | VfsFile {
  const row = place._mount as Mount;
  const flags = flagsOf(mode);
  const fd = openAt(place, flags, 0x1b6);
  let regular = false;
  if (operationOf(row, 'fstat') && (operationOf(row, 'pread') || operationOf(row, 'lseek'))) {
    try {
      regular = ((call(row, place, 'fstat', [fd]) as Stat)[0] & 0xf000) === TYPE_FILE;
    } catch (error) {
      if (operationOf(row, 'close')) call(row, place, 'close', [fd]);
      throw error;
    }
  }
  return regular ? files.makeRegular(place, fd) : files.makeStream(place, fd, flags, mode.indexOf('b') >= 0);
}

function list(place: Place): DirEntry[] {
  const row = place._mount as Mount;
  const dir = call(row, place, 'opendir', [place._inner]);
  const entries: DirEntry[] = [];
  let failures: unknown[] | undefined;
  if (!dir) refuse(place, ENOENT);
  try {
    for (;;) {
      const entry = call(row, place, 'readdir', [dir]) as DirEntry;
      if (!entry) break;
      entries.push(entry);
    }
  } catch (error) {
    failures = [error];
  }
  if (operationOf(row, 'closedir')) call(row, place, 'closedir', [dir]);
  if (failures) throw failures[0];
  return entries;
}

/** An operation of the tree. Statistics of the file system are zeros: ESP-IDF has no operation for them. */
export function perform(place: Place, operation: string, argument: unknown): unknown {
  const row = place._mount as Mount;
  const path = place._inner;
  if (operation === 'open') return openFile(place, argument as string);
  if (operation === 'ilistdir') return list(place);
  if (operation === 'statvfs') return [0, 0, 0, 0, 0, 0, 0, 0, 0, 255];
  if (operation === 'remove') return call(row, place, 'unlink', [path]);
  // MicroPython has no permissions, ESP-IDF's drivers get some.
  if (operation === 'mkdir') return call(row, place, operation, [path, 0x1ff]);
  const args: unknown[] = [path];
  const value = call(row, place, operation, argument ? args.concat(argument) : args);
  if (operation === 'stat' && !(value && (value as Stat).length)) refuse(place, EIO);
  return value;
}
