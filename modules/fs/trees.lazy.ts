/** Directories with everything in them. */
import { EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, type VfsError } from '../contract/errno';
import { TYPE_DIR } from '../contract/filesystem';
import { copy, exists, listdir, makedirs, remove, rmtree, stat } from '../vfs';
import { locate } from '../vfs/mounts';
import type { Face, FsError, FsOptions } from './types';

function isDir(path: string): boolean {
  return (stat(path)[0] & 0xf000) === TYPE_DIR;
}

/** What Node says by itself, without asking the system. */
function refuse(code: string, errno: number, syscall: string, path: string): never {
  const error = new Error(code + ': ' + syscall + " '" + path + "'") as FsError;
  error.code = code;
  error.errno = errno;
  error.syscall = syscall;
  error.path = path;
  throw error;
}

function rm(args: unknown[], face: Face): void {
  const path = args[0] as string;
  const options = face._options(args[1]);
  let dir = false;
  try {
    dir = isDir(path);
  } catch (error) {
    if (options.force && error && (error as VfsError).errno === ENOENT) return;
    // Node removes without looking then.
    if (options.force && options.recursive) face._syscall = 'unlink';
    throw error;
  }
  if (dir && !options.recursive) refuse('ERR_FS_EISDIR', EISDIR, 'rm', path);
  face._syscall = dir ? 'rmdir' : 'unlink';
  if (dir) rmtree(path);
  else remove(path);
}

/** Whether something is there, over which a directory, or what is none, can be copied. */
function checked(dir: boolean, to: string): boolean {
  const there = exists(to);
  if (there && dir !== isDir(to)) refuse(dir ? 'ERR_FS_CP_DIR_TO_NON_DIR' : 'ERR_FS_CP_NON_DIR_TO_DIR', dir ? EISDIR : ENOTDIR, 'cp', to);
  return there;
}

/** Copies one thing, and what is in it. `from` is there. */
function copyTree(from: string, to: string, options: FsOptions): void {
  if (options.filter && !options.filter(from, to)) return;
  const dir = isDir(from);
  const there = checked(dir, to);
  if (dir) {
    if (!options.recursive) refuse('ERR_FS_EISDIR', EINVAL, 'cp', from);
    makedirs(to);
    const names = listdir(from);
    for (let i = 0; i < names.length; i++) copyTree(from + '/' + names[i], to + '/' + names[i], options);
  } else if (!there || options.force !== false) copy(from, to);
  else if (options.errorOnExist) refuse('ERR_FS_CP_EEXIST', EEXIST, 'cp', to);
}

function cp(args: unknown[], face: Face): void {
  const from = args[0] as string;
  const to = args[1] as string;
  const source = locate(from, 'cp');
  const target = locate(to, 'cp');
  face._where = from;
  const dir = isDir(from);
  face._where = to;
  try {
    stat(to);
  } catch (error) {
    if (!error || (error as VfsError).errno !== ENOENT) throw error;
  }
  if (source._path === target._path) refuse('ERR_FS_CP_EINVAL', EINVAL, 'cp', to);
  checked(dir, to);
  if (dir && target._path.indexOf(source._key) === 0) refuse('ERR_FS_CP_EINVAL', EINVAL, 'cp', to);
  makedirs(to + '/..');
  copyTree(from, to, face._options(args[2]));
}

export function run(name: string, args: unknown[], face: Face): void {
  if (name === 'rm') rm(args, face);
  else cp(args, face);
}
