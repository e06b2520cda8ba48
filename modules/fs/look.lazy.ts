/** What only looks. */
import { EACCES, EINVAL, ENOENT, EROFS, type VfsError, vfsError } from '../contract/errno';
import { type DirEntry, type Stat, TYPE_DIR } from '../contract/filesystem';
import { isEspruino } from '../engine';
import { ilistdir, exists as isThere, stat as statEntry, statvfs } from '../vfs';
import { locate } from '../vfs/mounts';
import type { Face, FsConstants, FsDirent, FsStatFs, FsStats } from './types';

/** Node's constants, Linux values. */
export function constants(): FsConstants {
  const made: Record<string, number> = {};
  const all =
    'F_OK 0 X_OK 1 W_OK 2 R_OK 4 COPYFILE_EXCL 1 COPYFILE_FICLONE 2 COPYFILE_FICLONE_FORCE 4 O_RDONLY 0 O_WRONLY 1 O_RDWR 2 O_CREAT 64 O_EXCL 128 ' +
    'O_TRUNC 512 O_APPEND 1024 O_DIRECTORY 65536 O_SYNC 1052672 S_IFMT 61440 S_IFREG 32768 S_IFDIR 16384 S_IFLNK 40960';
  const words = all.split(' ');
  for (let i = 0; i < words.length; i += 2) made[words[i]] = +words[i + 1];
  return made;
}

/** Whether nothing can be changed there. @param path '' for the console */
function isReadonly(path: string): boolean {
  const mount = path && locate(path, 'stat')._mount;
  return !!mount && mount._readonly;
}

export function statsOf(entry: Stat, path: string, face: Face): FsStats {
  return new face.Stats(entry, isReadonly(path));
}

function stat(args: unknown[], face: Face): FsStats | undefined {
  const path = args[0] as string;
  const options = face._options(args[1]);
  try {
    return statsOf(statEntry(path), path, face);
  } catch (error) {
    // Espruino's own gives undefined.
    const throws = options.throwIfNoEntry === undefined ? !isEspruino : options.throwIfNoEntry;
    if (throws || !error || (error as VfsError).errno !== ENOENT) throw error;
    return undefined;
  }
}

function exists(args: unknown[]): boolean {
  return isThere(args[0] as string);
}

function access(args: unknown[], face: Face): void {
  const path = args[0] as string;
  const mode = args[1] === undefined || args[1] === null ? 0 : args[1];
  if (typeof mode !== 'number') face._bad('ERR_INVALID_ARG_TYPE', 'mode');
  if ((mode as number) & ~7 || (mode as number) % 1) face._bad('ERR_OUT_OF_RANGE', 'mode');
  const dir = (statEntry(path)[0] & 0xf000) === TYPE_DIR;
  if ((mode as number) & 2 && isReadonly(path)) throw vfsError(EROFS, 'access');
  if ((mode as number) & 1 && !dir) throw vfsError(EACCES, 'access');
}

function readdir(args: unknown[], face: Face): (string | FsDirent)[] {
  const top = args[0] as string;
  const options = face._options(args[1]);
  const found: (string | FsDirent)[] = [];
  const todo = [''];
  while (todo.length) {
    const below = todo.shift() as string;
    const dir = below ? top + '/' + below : top;
    const listing = ilistdir(dir);
    for (let step = listing.next(); !step.done; step = listing.next()) {
      const entry = step.value as DirEntry;
      const name = (below && below + '/') + entry[0];
      found.push(options.withFileTypes ? new face.Dirent(entry[0], dir, entry[1]) : name);
      if (options.recursive && entry[1] === TYPE_DIR) todo.push(name);
    }
  }
  return found;
}

/** Each directory on the way is looked at: errors name the first that is none. */
function realpath(args: unknown[], face: Face): string {
  const full = locate(args[0] as string, 'lstat')._path;
  for (let end = full.indexOf('/', 1); ; end = full.indexOf('/', end + 1)) {
    const path = end < 0 ? full : full.substring(0, end);
    face._where = path;
    statEntry(path);
    if (end < 0) break;
  }
  face._where = undefined;
  return full;
}

/** There are no links. */
function readlink(args: unknown[]): never {
  statEntry(args[0] as string);
  throw vfsError(EINVAL, 'readlink');
}

function statfs(args: unknown[]): FsStatFs {
  const path = args[0] as string;
  statEntry(path);
  const v = statvfs(path);
  return { type: 0, bsize: v[1], blocks: v[2], bfree: v[3], bavail: v[4], files: v[5], ffree: v[6] };
}

export function run(name: string, args: unknown[], face: Face): unknown {
  switch (name) {
    case 'stat':
    case 'lstat':
      return stat(args, face);
    case 'exists':
      return exists(args);
    case 'access':
      return access(args, face);
    case 'readdir':
      return readdir(args, face);
    case 'realpath':
      return realpath(args, face);
    case 'readlink':
      return readlink(args);
    default:
      return statfs(args);
  }
}
