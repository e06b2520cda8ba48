import { makeError } from './engine/error';

/** Error numbers are Linux values, as on MicroPython; 84 is littlefs's "corrupted" and stands for damaged media everywhere. */
export type ErrorCode =
  | 'EPERM'
  | 'ENOENT'
  | 'EIO'
  | 'EBADF'
  | 'ENOMEM'
  | 'EACCES'
  | 'EBUSY'
  | 'EEXIST'
  | 'EXDEV'
  | 'ENODEV'
  | 'ENOTDIR'
  | 'EISDIR'
  | 'EINVAL'
  | 'EFBIG'
  | 'ENOSPC'
  | 'EROFS'
  | 'ENAMETOOLONG'
  | 'ENOTEMPTY'
  | 'ENODATA'
  | 'ECORRUPT'
  | 'EOPNOTSUPP';

export const ENOENT = 2;
export const EIO = 5;
export const EBADF = 9;
export const EBUSY = 16;
export const EEXIST = 17;
export const ENODEV = 19;
export const ENOTDIR = 20;
export const EISDIR = 21;
export const EINVAL = 22;
export const EFBIG = 27;
export const ENOSPC = 28;
export const EROFS = 30;
export const ENAMETOOLONG = 36;
export const ENOTEMPTY = 39;
export const ENODATA = 61;
export const ECORRUPT = 84;
export const EOPNOTSUPP = 95;

/** What every operation of microvfs throws when it cannot be done. Always `instanceof Error`. */
export interface VfsError extends Error {
  /** The symbolic name, `'ENOENT'`. */
  code: ErrorCode;
  /** The positive number, 2 for `ENOENT`. */
  errno: number;
  /** The path the operation was asked for, `''` where there is none. */
  path: string;
  /** The operation, `'open'`. */
  operation: string;
}

/**
 * Makes (does not throw) the error for `code`, by name or by number (either sign).
 * The message is `CODE: reason, operation 'path'`, with `detail` instead of the reason where one is given.
 */
export function vfsError(code: ErrorCode | number, operation: string, path?: string, detail?: string): VfsError {
  // One string, looked into when an error is made: it costs no RAM where code runs from flash.
  const table =
    '|1 EPERM operation not permitted|2 ENOENT no such file or directory|5 EIO input/output error|9 EBADF bad file' +
    '|12 ENOMEM out of memory|13 EACCES permission denied|16 EBUSY resource busy|17 EEXIST file exists|18 EXDEV cross-device link' +
    '|19 ENODEV no such device or file system|20 ENOTDIR not a directory|21 EISDIR is a directory|22 EINVAL invalid argument' +
    '|27 EFBIG file too large|28 ENOSPC no space left on device|30 EROFS read-only file system|36 ENAMETOOLONG file name too long' +
    '|39 ENOTEMPTY directory not empty|61 ENODATA no such attribute|84 ECORRUPT file system is damaged|95 EOPNOTSUPP operation not supported|';
  let at = table.indexOf(typeof code === 'number' ? '|' + Math.abs(code) + ' ' : ' ' + code + ' ');
  if (at < 0) at = table.indexOf('|5 ');
  while (table.charAt(at) !== '|') at--;
  const entry = table.substring(at + 1, table.indexOf('|', at + 1));
  const nameAt = entry.indexOf(' ') + 1;
  const reasonAt = entry.indexOf(' ', nameAt);
  const name = entry.substring(nameAt, reasonAt) as ErrorCode;
  const where = path === undefined ? '' : path;
  const message = name + ': ' + (detail || entry.substring(reasonAt + 1)) + ', ' + operation + (where ? " '" + where + "'" : '');
  const error = makeError(message);
  error.code = name;
  error.errno = parseInt(entry, 10);
  error.operation = operation;
  error.path = where;
  return error;
}
