/** Open files by their descriptors. The part stays while one is open. */
import { EBADF, EEXIST, EINVAL, EISDIR, ENOTDIR, isWhole, type VfsError, vfsError } from '../contract/errno';
import type { VfsFile } from '../contract/filesystem';
import { O_ACCMODE, O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY } from '../contract/prefix';
import { leave, stay } from '../engine/stay';
import { exists, open as openFile, stat } from '../vfs';
import { locate } from '../vfs/mounts';
import * as change from './change.lazy';
import { at, type Descriptor, each, release, take } from './descriptors';
import * as encodings from './encodings.lazy';
import * as look from './look.lazy';
import type { Face, FsOptions, Operation } from './types';

/** Flags of `open` that only `fs` knows. */
const O_DIRECTORY = 65536;
const O_SYNC = 1052672;

const SYNCED = 4;

/** @throws TypeError */
function flagsOf(flags: unknown, face: Face): number {
  if (typeof flags === 'number') return flags;
  // `x` and `s` may stand before or behind the letter; there is one more way to write `as`.
  const found = typeof flags === 'string' && /^([xs]*)([rwa])([xs]*)(\+*)$/.exec(flags);
  const mark = found && found[1] + found[3];
  if (
    !found ||
    found[4].length > 1 ||
    (mark as string).length > 1 ||
    (mark === 'x' && found[2] === 'r') ||
    (mark === 's' && found[2] === 'w')
  )
    return face._bad('ERR_INVALID_ARG_VALUE', 'flags');
  const letter = found[2];
  return (
    (found[4] ? O_RDWR : letter === 'r' ? 0 : O_WRONLY) |
    (letter === 'r' ? 0 : O_CREAT) |
    (letter === 'w' ? O_TRUNC : letter === 'a' ? O_APPEND : 0) |
    (mark === 'x' ? O_EXCL : mark === 's' ? O_SYNC : 0)
  );
}

/** Opens a file in one of the VFS's modes; `r+` and what makes a file if there is none, as Linux has it. */
function openAs(path: string, flags: number): VfsFile {
  const writes = flags & O_ACCMODE;
  if (!writes) {
    if (flags & O_CREAT && !exists(path)) openFile(path, flags & O_EXCL ? 'x' : 'a').close();
    else if (flags & O_CREAT && flags & O_EXCL) throw vfsError(EEXIST, 'open');
    return openFile(path, 'rb');
  }
  let mode = 'r+b';
  if (flags & O_CREAT) {
    mode = flags & O_EXCL ? 'x+b' : flags & O_TRUNC ? 'w+b' : flags & O_APPEND ? 'a+b' : exists(path) ? mode : 'w+b';
    if (flags & O_EXCL && exists(path)) throw vfsError(EEXIST, 'open');
  } else if (flags & O_APPEND) {
    stat(path);
    mode = 'a+b';
  }
  const file = openFile(path, mode);
  if (flags & O_TRUNC && mode !== 'w+b') file.truncate(0);
  // Linux reads from the beginning, wherever it appends.
  if (flags & O_APPEND) file.seek(0);
  return file;
}

function open(args: unknown[], face: Face): number {
  const path = args[0] as string;
  const mode = args[2];
  const flags = args[1] === undefined || args[1] === null ? 0 : flagsOf(args[1], face);
  if (mode !== undefined && mode !== null && typeof mode !== 'number' && !/^[0-7]+$/.test(mode as string))
    face._bad('ERR_INVALID_ARG_VALUE', 'mode');
  // Linux: what is to be made is no directory.
  if (flags & O_CREAT && path[path.length - 1] === '/') {
    stat(path + '..');
    throw vfsError(EISDIR, 'open');
  }
  let file: VfsFile | undefined;
  try {
    file = openAs(path, flags);
  } catch (error) {
    const errno = error && (error as VfsError).errno;
    // A directory is open for reading, though it has no bytes.
    if (errno !== EISDIR || flags & (O_ACCMODE | O_CREAT)) throw error;
  }
  if (file && flags & O_DIRECTORY) {
    file.close();
    throw vfsError(ENOTDIR, 'open');
  }
  const writes = flags & O_ACCMODE;
  const bits = (writes === O_WRONLY ? 0 : 1) | (writes ? 2 : 0) | ((flags & O_SYNC) === O_SYNC ? SYNCED : 0);
  const fd = take({ _file: file, _path: locate(path, 'open')._path, _bits: bits });
  face._open++;
  stay();
  return fd;
}

/** @throws TypeError, RangeError for what is no descriptor; EBADF if it is closed */
function descriptor(args: unknown[], face: Face): Descriptor {
  const fd = args[0];
  if (typeof fd !== 'number') face._bad('ERR_INVALID_ARG_TYPE', 'fd');
  if (!isWhole(fd, 0, 2147483647)) face._bad('ERR_OUT_OF_RANGE', 'fd');
  return at(fd as number);
}

function close(args: unknown[], face: Face): void {
  const file = descriptor(args, face)._file;
  let failures: unknown[] | undefined;
  try {
    if (file) file.close();
  } catch (error) {
    failures = [error];
  }
  release(args[0] as number);
  face._open--;
  leave();
  if (failures) throw failures[0];
}

/** The piece of a buffer that three arguments say, or an object of them; and the position, -1 for where the file is. */
function pieceOf(args: unknown[], face: Face, name: string): { _piece: Uint8Array; _pos: number } {
  const buffer = args[1] instanceof Uint8Array ? args[1] : encodings.viewOf(args[1], name, face);
  const given = (args[2] && typeof args[2] === 'object' ? args[2] : { offset: args[2], length: args[3], position: args[4] }) as FsOptions;
  const offset = given.offset === undefined || given.offset === null ? 0 : given.offset;
  if (typeof offset !== 'number') face._bad('ERR_INVALID_ARG_TYPE', 'offset');
  const room = buffer.length - offset;
  const length = given.length === undefined || given.length === null ? room : given.length;
  let pos = given.position as number | null | undefined | bigint;
  if (typeof pos === 'bigint') pos = Number(pos);
  if (pos === undefined || pos === null) pos = -1;
  if (typeof length !== 'number') face._bad('ERR_INVALID_ARG_TYPE', 'length');
  if (typeof pos !== 'number') face._bad('ERR_INVALID_ARG_TYPE', 'position');
  // Nothing of nothing is fine.
  if (length !== 0 && !isWhole(offset, 0, buffer.length)) face._bad('ERR_OUT_OF_RANGE', 'offset');
  if (!isWhole(length, 0, Math.max(room, 0))) face._bad('ERR_OUT_OF_RANGE', 'length');
  if (!isWhole(pos, -1, 1e15)) face._bad('ERR_OUT_OF_RANGE', 'position');
  return { _piece: buffer.subarray(offset, offset + length), _pos: pos };
}

/** Has `work` done at a position, and goes back; or where the file is. */
function aside(file: VfsFile, pos: number, work: () => number): number {
  if (pos < 0) return work();
  const here = file.tell();
  file.seek(pos);
  const done = work();
  file.seek(here);
  return done;
}

function readable(args: unknown[], face: Face): VfsFile {
  const own = descriptor(args, face);
  if (!(own._bits & 1)) throw vfsError(EBADF, 'read');
  if (!own._file) throw vfsError(EISDIR, 'read');
  return own._file;
}

function read(args: unknown[], face: Face): number {
  const what = pieceOf(args, face, 'buffer');
  if (!what._piece.length) return 0;
  const file = readable(args, face);
  return aside(file, what._pos, function () {
    return file.readinto(what._piece);
  });
}

/** Writes bytes, at a position or where the file is. */
function put(args: unknown[], face: Face, bytes: Uint8Array | string, pos: number): number {
  const own = descriptor(args, face);
  const file = own._file as VfsFile;
  if (!(own._bits & 2)) throw vfsError(EBADF, 'write');
  const done = aside(file, pos, function () {
    return file.write(bytes);
  });
  if (own._bits & SYNCED) file.flush();
  return done;
}

function write(args: unknown[], face: Face): number {
  if (typeof args[1] !== 'string') {
    const what = pieceOf(args, face, 'buffer');
    return put(args, face, what._piece, what._pos);
  }
  const pos = args[2] === undefined || args[2] === null ? -1 : args[2];
  if (typeof pos !== 'number') face._bad('ERR_INVALID_ARG_TYPE', 'position');
  return put(args, face, encodings.encode(args[1], args[3] as string, face), pos as number);
}

/** Reads or writes buffer after buffer; less is read only at the end. */
function vector(args: unknown[], face: Face, each: Operation): number {
  const buffers = args[1] as unknown[];
  let pos = (args[2] === undefined ? null : args[2]) as number | null;
  let sum = 0;
  if (!Array.isArray(buffers)) face._bad('ERR_INVALID_ARG_TYPE', 'buffers');
  descriptor(args, face);
  for (let i = 0; i < buffers.length; i++) {
    const done = each([args[0], buffers[i], 0, undefined, pos], face) as number;
    sum += done;
    if (typeof pos === 'number') pos += done;
    if (done < (buffers[i] as Uint8Array).byteLength) break;
  }
  return sum;
}

function fstat(args: unknown[], face: Face): unknown {
  const own = descriptor(args, face);
  const file = own._file;
  const entry = stat(own._path);
  if (file) {
    const here = file.tell();
    entry[6] = file.seek(0, 2);
    file.seek(here);
  }
  return look.statsOf(entry, own._path, face);
}

function ftruncate(args: unknown[], face: Face): void {
  const own = descriptor(args, face);
  const length = args[1] === undefined || args[1] === null ? 0 : args[1];
  if (typeof length !== 'number') face._bad('ERR_INVALID_ARG_TYPE', 'len');
  if (!isWhole(length, -1e15, 1e15)) face._bad('ERR_OUT_OF_RANGE', 'len');
  if (!own._file || !(own._bits & 2)) throw vfsError(EINVAL, 'ftruncate');
  own._file.truncate(Math.max(length as number, 0));
}

function fsync(args: unknown[], face: Face): void {
  const file = descriptor(args, face)._file;
  if (file) file.flush();
}

/** What is done to the path of the file: the times and rights of it. */
function byPath(name: string, args: unknown[], face: Face): unknown {
  const own = descriptor(args, face);
  if (own._file) own._file.flush();
  return change.run(name, [own._path].concat(args.slice(1) as string[]), face);
}

/** All that is left of a file. */
export function rest(args: unknown[], face: Face): Uint8Array {
  face._syscall = 'fstat';
  descriptor(args, face);
  face._syscall = 'read';
  return readable(args, face).read() as Uint8Array;
}

/** Writes all of it where the file is. */
export function whole(args: unknown[], face: Face, bytes: Uint8Array | string): void {
  face._syscall = 'write';
  put(args, face, bytes, -1);
}

/** Makes what is written to files of that path what others see there. */
export function settle(path: string): void {
  const wanted = path && locate(path, 'open')._path;
  each(function (own) {
    if (own._bits & 2 && own._path === wanted) (own._file as VfsFile).flush();
  });
}

export function run(name: string, args: unknown[], face: Face): unknown {
  switch (name) {
    case 'open':
      return open(args, face);
    case 'close':
      return close(args, face);
    case 'read':
      return read(args, face);
    case 'write':
      return write(args, face);
    case 'readv':
      return vector(args, face, read);
    case 'writev':
      return vector(args, face, write);
    case 'fstat':
      return fstat(args, face);
    case 'ftruncate':
      return ftruncate(args, face);
    case 'fsync':
    case 'fdatasync':
      return fsync(args, face);
    default:
      return byPath(name.substring(1), args, face);
  }
}
