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

export const EPERM = 1;
export const ENOENT = 2;
export const EIO = 5;
export const EBADF = 9;
export const EBUSY = 16;
export const EEXIST = 17;
export const EXDEV = 18;
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
  /** What the message says instead of the code's own reason. @internal */
  _detail?: string;
}

/**
 * Makes (does not throw) the error for `code`, by name or by number (either sign); EIO for one that is not known.
 * The message is `CODE: reason, operation 'path'`, with `detail` instead of the reason where one is given.
 */
export function vfsError(code: ErrorCode | number, operation: string, path?: string, detail?: string): VfsError {
  // One string, looked into when an error is made: it costs no RAM where code runs from flash.
  const table =
    '|5EIO: input/output error|1EPERM: not permitted|2ENOENT: no such file or directory|9EBADF: file closed or wrong direction' +
    '|12ENOMEM: out of memory|13EACCES: permission denied|16EBUSY: in use|17EEXIST: file exists|18EXDEV: on another mount' +
    '|19ENODEV: no device or file system|20ENOTDIR: not a directory|21EISDIR: is a directory|22EINVAL: invalid argument' +
    '|27EFBIG: file too large|28ENOSPC: no space left|30EROFS: read-only|36ENAMETOOLONG: name too long' +
    '|39ENOTEMPTY: directory not empty|61ENODATA: no such attribute|84ECORRUPT: file system damaged|95EOPNOTSUPP: not supported|';
  const found = table.indexOf(typeof code === 'number' ? '|' + Math.abs(code) + 'E' : code + ':');
  const from = table.lastIndexOf('|', Math.max(found, 0)) + 1;
  const errno = parseInt(table.substring(from), 10);
  const reason = table.substring(table.indexOf('E', from), table.indexOf('|', from));
  const name = reason.substring(0, reason.indexOf(':')) as ErrorCode;
  const error = makeError((detail ? name + ': ' + detail : reason) + ', ' + operation + (path ? " '" + path + "'" : ''));
  error.code = name;
  error.errno = errno;
  error.operation = operation;
  error.path = path || '';
  if (detail) error._detail = detail;
  return error;
}
