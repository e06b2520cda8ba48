/** Open files by their descriptors, which are those of `vfs.fd`. The part stays while one is open that was used. */
import { EBADF, EINVAL, EISDIR, isWhole, vfsError } from '../contract/errno';
import type { VfsFile } from '../contract/filesystem';
import { O_ACCMODE, O_APPEND, O_SYNC, O_WRONLY } from '../contract/prefix';
import { leave, stay } from '../engine/stay';
import * as io from '../fd/io.lazy';
import * as descriptors from '../fd/open.lazy';
import * as end from '../fd/shut.lazy';
import { type Open, STREAMS, table } from '../fd/table';
import * as change from './change.lazy';
import * as encodings from './encodings.lazy';
import * as look from './look.lazy';
import type { Face, FsOptions, Operation } from './types';

function release(): void {
  leave();
}

/** @throws TypeError, RangeError for what is no descriptor; EBADF if it is closed */
function descriptor(args: unknown[], face: Face): Open {
  const fd = args[0] as number;
  if (typeof fd !== 'number') face._bad('ERR_INVALID_ARG_TYPE', 'fd');
  if (!isWhole(fd, 0, 2147483647)) face._bad('ERR_OUT_OF_RANGE', 'fd');
  const one = table[fd] || descriptors.find(fd, 'fd');
  // The standard streams are never closed as a rule.
  if (fd >= STREAMS && !(one._kept & 2)) {
    one._kept |= 2;
    stay();
    one._waiting.push(release);
  }
  return one;
}

/** A directory has neither. */
function isDir(one: Open): boolean {
  return !one._file && !one._row;
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

/** A file of ours on a mount: it is used as it is, and the part for all others is not loaded. */
function plain(one: Open): VfsFile | undefined {
  const file = one._file as Partial<VfsFile> | undefined;
  return file && one._path && file.tell && file.readinto ? one._file : undefined;
}

/** Moves bytes, at a position where one is given. */
function move(args: unknown[], one: Open, data: Uint8Array | string, pos: number, writes: boolean): number {
  const fd = args[0] as number;
  const file = plain(one);
  const row = one._row;
  const placed = pos >= 0;
  if (placed && !file && (!row || (row._fs as { pread?: unknown; pwrite?: unknown })[writes ? 'pwrite' : 'pread']))
    return writes ? io.pwrite(fd, data, pos) : io.pread(fd, data as Uint8Array, pos);
  // There, and back.
  const here = placed ? (file ? file.tell() : io.lseek(fd, 0, 1)) : 0;
  let failures: unknown[] | undefined;
  let done = 0;
  try {
    if (!file) {
      if (placed) io.lseek(fd, pos);
      done = writes ? io.write(fd, data) : io.read(fd, data as Uint8Array);
    } else {
      // Linux: what appends does so wherever it is told to write.
      if (writes && one._flags & O_APPEND) file.seek(0, 2);
      else if (placed) file.seek(pos);
      done = writes ? file.write(data) : file.readinto(data as Uint8Array);
    }
  } catch (error) {
    failures = [error];
  }
  if (placed) file ? file.seek(here) : io.lseek(fd, here);
  if (failures) throw failures[0];
  return done;
}

/** @throws EBADF, EISDIR */
function readable(args: unknown[], face: Face): Open {
  const one = descriptor(args, face);
  if ((one._flags & O_ACCMODE) === O_WRONLY) throw vfsError(EBADF, 'read');
  if (isDir(one)) throw vfsError(EISDIR, 'read');
  return one;
}

function read(args: unknown[], face: Face): number {
  const what = pieceOf(args, face, 'buffer');
  return what._piece.length ? move(args, readable(args, face), what._piece, what._pos, false) : 0;
}

/** Writes bytes, at a position or where the file is. */
function put(args: unknown[], face: Face, data: Uint8Array | string, pos: number): number {
  const one = descriptor(args, face);
  const done = move(args, one, data, pos, true);
  if ((one._flags & O_SYNC) === O_SYNC) sync(args, one);
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
  return look.statsOf(io.fstat(args[0] as number), descriptor(args, face)._path, face);
}

function ftruncate(args: unknown[], face: Face): void {
  const one = descriptor(args, face);
  const length = args[1] === undefined || args[1] === null ? 0 : args[1];
  if (typeof length !== 'number') face._bad('ERR_INVALID_ARG_TYPE', 'len');
  if (!isWhole(length, -1e15, 1e15)) face._bad('ERR_OUT_OF_RANGE', 'len');
  if (isDir(one) || !(one._flags & O_ACCMODE)) throw vfsError(EINVAL, 'ftruncate');
  const file = plain(one);
  if (file) file.truncate(Math.max(length as number, 0));
  else io.ftruncate(args[0] as number, Math.max(length as number, 0));
}

function sync(args: unknown[], one: Open): void {
  const file = plain(one);
  if (file) file.flush();
  else if (!isDir(one)) io.fsync(args[0] as number);
}

/** What is done to the path of the file: the times and rights of it. */
function byPath(name: string, args: unknown[], face: Face): unknown {
  const one = descriptor(args, face);
  if (one._file && one._file.flush) one._file.flush();
  return change.run(name, [one._path].concat(args.slice(1) as string[]), face);
}

/** All that is left of a file. */
export function rest(args: unknown[], face: Face): Uint8Array {
  face._syscall = 'fstat';
  descriptor(args, face);
  face._syscall = 'read';
  const one = readable(args, face);
  const file = plain(one);
  if (file) return file.read() as Uint8Array;
  let all = new Uint8Array(0);
  for (;;) {
    const longer = new Uint8Array(all.length + 512);
    const n = io.read(args[0] as number, longer.subarray(all.length));
    if (!n) return all;
    longer.set(all);
    all = longer.subarray(0, all.length + n);
  }
}

export function run(name: string, args: unknown[], face: Face): unknown {
  switch (name) {
    case 'close':
      return end.drop(args[0] as number, descriptor(args, face));
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
      return sync(args, descriptor(args, face));
    default:
      return byPath(name.substring(1), args, face);
  }
}
