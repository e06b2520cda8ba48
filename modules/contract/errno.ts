import { lightError } from '../engine/error';

/** Error numbers are Linux values, as on MicroPython; 84 is littlefs's "corrupted" and stands for damaged media everywhere. */
export type ErrorCode =
  | 'EPERM'
  | 'ENOENT'
  | 'EIO'
  | 'EBADF'
  | 'EAGAIN'
  | 'ENOMEM'
  | 'EACCES'
  | 'EBUSY'
  | 'EEXIST'
  | 'EXDEV'
  | 'ENODEV'
  | 'ENOTDIR'
  | 'EISDIR'
  | 'EINVAL'
  | 'EMFILE'
  | 'EFBIG'
  | 'ENOSPC'
  | 'EROFS'
  | 'EDEADLK'
  | 'ENAMETOOLONG'
  | 'ENOSYS'
  | 'ENOTEMPTY'
  | 'ENODATA'
  | 'ECORRUPT'
  | 'EOPNOTSUPP'
  | `E${number}`;

export const EPERM = 1;
export const ENOENT = 2;
export const EIO = 5;
export const EBADF = 9;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EBUSY = 16;
export const EEXIST = 17;
export const EXDEV = 18;
export const ENODEV = 19;
export const ENOTDIR = 20;
export const EISDIR = 21;
export const EINVAL = 22;
export const EMFILE = 24;
export const EFBIG = 27;
export const ENOSPC = 28;
export const EROFS = 30;
export const EDEADLK = 35;
export const ENAMETOOLONG = 36;
export const ENOSYS = 38;
export const ENOTEMPTY = 39;
export const ENODATA = 61;
export const ECORRUPT = 84;
export const EOPNOTSUPP = 95;

/** What every operation of microvfs throws when it cannot be done. Always `instanceof Error`. */
export interface VfsError extends Error {
  /** The symbolic name, `'ENOENT'`; `'E110'` for number 110, which has none here. */
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
 * Makes (does not throw) the error for `code`, by name or by number (either sign). A number that is not known here stays as
 * it is; a name that is not is EIO. The message is `CODE: reason, operation 'path'`, with `detail` instead of the reason where one is given.
 */
export function vfsError(code: ErrorCode | number, operation: string, path?: string, detail?: string): VfsError {
  // One string, looked into when an error is made: it costs no RAM where code runs from flash.
  const table =
    ':5:EIO:I/O error|:1:EPERM:not permitted|:2:ENOENT:no such file or directory|:9:EBADF:closed or wrong direction' +
    '|:11:EAGAIN:nothing yet|:12:ENOMEM:no memory|:13:EACCES:denied|:16:EBUSY:in use|:17:EEXIST:exists|:18:EXDEV:on another mount' +
    '|:19:ENODEV:no file system|:20:ENOTDIR:not a directory|:21:EISDIR:is a directory|:22:EINVAL:invalid' +
    '|:24:EMFILE:too many open|:27:EFBIG:too large|:28:ENOSPC:no space|:30:EROFS:read-only|:35:EDEADLK:already at work|:36:ENAMETOOLONG:too long' +
    '|:38:ENOSYS:no such operation|:39:ENOTEMPTY:not empty|:61:ENODATA:no attribute|:84:ECORRUPT:damaged|:95:EOPNOTSUPP:not supported|';
  const wanted = (code as number) < 0 ? -code : code;
  const found = table.indexOf(':' + wanted + ':');
  const from = table.lastIndexOf('|', found) + 1;
  // '', number, name, reason
  const row = table
    .substring(from, from + 50)
    .split('|')[0]
    .split(':');
  if (found < 0 && (wanted as number) > 0) {
    row[1] = wanted as string;
    row[2] = 'E' + wanted;
  }
  const message = row[2] + ': ' + (detail || row[3]) + ', ' + operation + (path ? " '" + path + "'" : '');
  const error = lightError ? Object.create(lightError) : new Error(message);
  if (lightError) error.message = message;
  error.code = row[2];
  error.errno = +row[1];
  error.operation = operation;
  error.path = path || '';
  error._detail = detail;
  return error;
}

/** @throws TypeError naming the argument where it is not what it has to be. */
export function expect(right: unknown, name: string): void {
  if (!right) throw new TypeError('wrong type of argument: ' + name);
}

/** Whether it is a whole number from `least` to `most`: text and what else becomes a number is none. */
export function isWhole(value: unknown, least: number, most: number): boolean {
  return value === +(value as number) && (value as number) % 1 === 0 && (value as number) >= least && (value as number) <= most;
}
