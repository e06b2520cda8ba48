/** What changes directories and their entries. */
import { EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, EROFS, type VfsError, vfsError } from '../contract/errno';
import { TYPE_DIR } from '../contract/filesystem';
import { isEspruino } from '../engine';
import { exists, mkdir as makeDir, rename as move, remove, rmdir as removeDir, utime as setTimes, stat } from '../vfs';
import { locate } from '../vfs/mounts';
import type { Face } from './types';

/** Gives the first directory that was made. */
function mkdir(args: unknown[], face: Face): unknown {
  const path = args[0] as string;
  const given = args[1];
  const deep = given && typeof given === 'object' && face._options(given).recursive;
  let first: string | undefined;
  if (!deep) makeDir(path);
  for (let end = 0; deep && end < path.length; ) {
    end = path.indexOf('/', end + 1);
    if (end < 0) end = path.length;
    const part = path.substring(0, end);
    try {
      makeDir(part);
      first = first || part;
    } catch (error) {
      if (!error || (error as VfsError).errno !== EEXIST) throw error;
      if ((stat(part)[0] & 0xf000) !== TYPE_DIR) throw vfsError(end < path.length ? ENOTDIR : EEXIST, 'mkdir');
    }
  }
  return isEspruino && !deep ? true : first;
}

function rmdir(args: unknown[]): void {
  removeDir(args[0] as string);
}

function unlink(args: unknown[]): unknown {
  remove(args[0] as string);
  return isEspruino ? true : undefined;
}

function rename(args: unknown[]): void {
  try {
    move(args[0] as string, args[1] as string);
  } catch (error) {
    const errno = error && (error as VfsError).errno;
    // Linux looks at the directories of both first.
    if (errno === ENOENT) {
      stat(args[0] + '/..');
      stat(args[1] + '/..');
    }
    // What one of the two lies in is not empty, whatever the other is.
    if (errno === EISDIR && locate(args[0] as string, 'rename')._path.indexOf(locate(args[1] as string, 'rename')._key) === 0)
      throw vfsError(ENOTEMPTY, 'rename');
    // Into itself: nothing lies in what is no directory.
    if (errno === EINVAL && (stat(args[0] as string)[0] & 0xf000) !== TYPE_DIR) throw vfsError(ENOTDIR, 'rename');
    throw error;
  }
}

function mkdtemp(args: unknown[], face: Face): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  face._where = args[0] + 'XXXXXX';
  for (let left = 10; ; left--) {
    let path = args[0] as string;
    for (let i = 0; i < 6; i++) path += letters[Math.floor(Math.random() * letters.length)];
    try {
      makeDir(path);
      return path;
    } catch (error) {
      if (!left || !error || (error as VfsError).errno !== EEXIST) throw error;
    }
  }
}

/** Seconds since 1970. @throws TypeError */
function seconds(time: unknown, name: string, face: Face): number {
  const value = time instanceof Date ? time.getTime() / 1000 : typeof time === 'number' || (time && typeof time === 'string') ? +time : NaN;
  if (!(value - value === 0)) face._bad('ERR_INVALID_ARG_TYPE', name);
  return value;
}

function utimes(args: unknown[], face: Face): void {
  const path = args[0] as string;
  const times = [seconds(args[1], 'atime', face), seconds(args[2], 'mtime', face)];
  stat(path);
  // The root, mount points and what leads to them have no times to set.
  if (!locate(path, 'utime')._pinned) setTimes(path, times);
}

/** It has to be there, and where it could be changed. */
function present(args: unknown[], syscall: string): void {
  const mount = locate(args[0] as string, syscall)._mount;
  stat(args[0] as string);
  if (mount && mount._readonly) throw vfsError(EROFS, syscall);
}

/** There are no rights to change, and nobody minds. */
function chmod(args: unknown[], face: Face): void {
  const mode = args[1];
  if (typeof mode === 'string' ? !/^[0-7]+$/.test(mode) : mode === undefined || mode === null) face._bad('ERR_INVALID_ARG_VALUE', 'mode');
  else if (typeof mode !== 'number' && typeof mode !== 'string') face._bad('ERR_INVALID_ARG_TYPE', 'mode');
  present(args, 'chmod');
}

/** All is root's. */
function chown(args: unknown[], face: Face): void {
  for (let i = 1; i < 3; i++) if (typeof args[i] !== 'number') face._bad('ERR_INVALID_ARG_TYPE', i === 1 ? 'uid' : 'gid');
  present(args, 'chown');
  for (let k = 1; k < 3; k++) if ((args[k] as number) > 0 && args[k] !== 0xffffffff) throw vfsError(EPERM, 'chown');
}

/** @throws always: EEXIST, ENOENT or ENOTDIR if a link could not be made there in any case, else EROFS or EPERM */
function link(path: string, syscall: string): never {
  const place = locate(path, syscall);
  if (exists(path)) throw vfsError(EEXIST, syscall);
  stat(path + '/..');
  throw vfsError(place._mount && place._mount._readonly ? EROFS : EPERM, syscall);
}

export function run(name: string, args: unknown[], face: Face): unknown {
  switch (name) {
    case 'mkdir':
      return mkdir(args, face);
    case 'rmdir':
      return rmdir(args);
    case 'rename':
      return rename(args);
    case 'unlink':
      return unlink(args);
    case 'mkdtemp':
      return mkdtemp(args, face);
  }
  if (/utimes$/.test(name)) return utimes(args, face);
  if (/chmod$/.test(name)) return chmod(args, face);
  if (/chown$/.test(name)) return chown(args, face);
  if (name === 'link') stat(args[0] as string);
  return link(args[1] as string, name);
}
