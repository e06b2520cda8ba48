/** What is done with a descriptor. It stays loaded while one is open that was read or written. */
import { EBADF, EINVAL, EISDIR, ENOSYS, expect } from '../contract/errno';
import type { Stat } from '../contract/filesystem';
import { F_GETFL, F_SETFL, O_ACCMODE, O_APPEND, O_NONBLOCK, O_RDONLY, O_WRONLY, TYPE_CHAR } from '../contract/prefix';
import { encodeText } from '../engine';
import { leave, stay } from '../engine/stay';
import { check, refuse, remake } from '../vfs/call';
import * as driver from '../vfs/driver.lazy';
import { stat } from '../vfs/operations';
import * as descriptors from './open.lazy';
import { type Open, table } from './table';

type Methods = Record<string, (a?: unknown, b?: unknown) => unknown>;

/**
 * Calls a method of a mount's file, or the operation of the driver.
 * @param method '' where files of mounts have none
 */
function ask(one: Open, method: string, operation: string, args: unknown[]): unknown {
  if (one._row) return driver.operate(one._row, one, operation, [one._fd].concat(args as never));
  const file = one._file as unknown as Methods;
  if (!file) refuse(one, EISDIR);
  if (!method || !file[method]) refuse(one, ENOSYS);
  try {
    return file[method](args[0], args[1]);
  } catch (error) {
    throw remake(error, one);
  }
}

function release(): void {
  leave();
}

/** What is open by that number. @throws as `descriptors.find` */
function find(fd: number, operation: string): Open {
  const one = typeof fd === 'number' && table[fd];
  if (!one) return descriptors.find(fd, operation);
  one._operation = operation;
  return one;
}

/** @param other the direction in which it may not be open only */
function begin(fd: number, operation: string, other: number): Open {
  const one = find(fd, operation);
  if ((one._flags & O_ACCMODE) === other) refuse(one, EBADF);
  // Who reads or writes does so again.
  if (!(one._kept & 1)) {
    one._kept |= 1;
    stay();
    one._waiting.push(release);
  }
  return one;
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  const bytes = typeof data === 'string' ? encodeText(data) : data;
  expect(bytes instanceof Uint8Array, 'data');
  return bytes;
}

function readInto(one: Open, buf: Uint8Array): number {
  if (!one._file || (one._file as unknown as Methods).readinto) return ask(one, 'readinto', 'read', [buf]) as number;
  // A file of a user's file system, which may have nothing but this.
  const data = ask(one, 'read', '', [buf.length]) as string | Uint8Array;
  const bytes = bytesOf(data || '');
  buf.set(bytes);
  return bytes.length;
}

/**
 * Reads into `buf`, from the position on, which moves. A device gives what is there.
 * @returns how many bytes, 0 at the end
 * @throws EBADF if `fd` is not open, or for writing only; EAGAIN if nothing is there yet; what the file says
 */
export function read(fd: number, buf: Uint8Array): number {
  const one = begin(fd, 'read', O_WRONLY);
  expect(buf instanceof Uint8Array, 'buf');
  return readInto(one, buf);
}

/**
 * Writes a string (as UTF-8) or bytes at the position, with `O_APPEND` at the end.
 * @returns how many bytes, of which a device may take fewer
 * @throws EBADF if `fd` is not open, or for reading only; ENOSPC and what else the file says
 */
export function write(fd: number, data: string | Uint8Array): number {
  const one = begin(fd, 'write', O_RDONLY);
  const bytes = bytesOf(data);
  if (one._flags & O_APPEND && one._file) ask(one, 'seek', '', [0, 2]);
  const n = ask(one, 'write', 'write', [bytes]);
  return n === undefined ? bytes.length : (n as number);
}

/** Moves bytes at a place, and leaves the position where it is. */
function placed(one: Open, name: string, bytes: Uint8Array, offset: number): number {
  check(one, offset, 'offset', 0);
  if (one._row) return ask(one, '', 'p' + name, [bytes, offset]) as number;
  const before = ask(one, 'tell', '', []);
  let failures: unknown[] | undefined;
  let n = 0;
  // Linux: what appends does so wherever it is told to write.
  ask(one, 'seek', '', name === 'write' && one._flags & O_APPEND ? [0, 2] : [offset]);
  try {
    n = name === 'read' ? readInto(one, bytes) : (ask(one, name, '', [bytes]) as number);
  } catch (error) {
    failures = [error];
  }
  ask(one, 'seek', '', [before]);
  if (failures) throw failures[0];
  return n;
}

/** Reads from `offset` on; the position stays. @throws as `read`; ENOSYS for a driver without it */
export function pread(fd: number, buf: Uint8Array, offset: number): number {
  const one = begin(fd, 'pread', O_WRONLY);
  expect(buf instanceof Uint8Array, 'buf');
  return placed(one, 'read', buf, offset);
}

/** Writes at `offset`, with `O_APPEND` at the end; the position stays. @throws as `write`; ENOSYS for a driver without it */
export function pwrite(fd: number, data: string | Uint8Array, offset: number): number {
  return placed(begin(fd, 'pwrite', O_RDONLY), 'write', bytesOf(data), offset);
}

/**
 * Moves the position to byte `offset` from the start (`whence` 0, the default), from here (1) or from the end (2).
 * @returns the new position
 * @throws EBADF; EINVAL before the start; ENOSYS for what has no position
 */
export function lseek(fd: number, offset: number, whence?: number): number {
  const one = find(fd, 'lseek');
  if (whence === undefined) whence = 0;
  check(one, whence, 'whence', 0, 2);
  check(one, offset, 'offset', -1e15);
  return ask(one, 'seek', 'lseek', [offset, whence]) as number;
}

/** What `vfs.stat` gives of an open file; its size is what has been written so far. @throws EBADF; ENOSYS for a driver without it */
export function fstat(fd: number): Stat {
  const one = find(fd, 'fstat');
  if (one._row) return ask(one, '', 'fstat', []) as Stat;
  if (!one._path) return [TYPE_CHAR, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const found = stat(one._path).slice();
  if (!one._file) return found;
  const before = ask(one, 'tell', '', []);
  found[6] = ask(one, 'seek', '', [0, 2]) as number;
  ask(one, 'seek', '', [before]);
  return found;
}

/** Makes what was written survive a power cut. @throws EBADF; ENOSYS for a driver without it; ENOSPC, EIO */
export function fsync(fd: number): void {
  ask(find(fd, 'fsync'), 'flush', 'fsync', []);
}

/** Cuts the file, or lengthens it with zeros. @throws EBADF; EINVAL; ENOSYS for a driver without it; ENOSPC, EFBIG */
export function ftruncate(fd: number, length: number): void {
  const one = begin(fd, 'ftruncate', O_RDONLY);
  check(one, length, 'length', 0);
  ask(one, 'truncate', 'ftruncate', [length]);
}

/**
 * A driver's `fcntl`. Of files on mounts `F_GETFL` gives the flags, and `F_SETFL` sets `O_APPEND` and `O_NONBLOCK`.
 * @throws EBADF; EINVAL for other commands; ENOSYS for a driver without it
 */
export function fcntl(fd: number, command: number, argument?: unknown): unknown {
  const one = find(fd, 'fcntl');
  const settable = O_APPEND | O_NONBLOCK;
  if (one._row) return ask(one, '', 'fcntl', [command, argument]);
  if (command === F_GETFL) return one._flags;
  if (command !== F_SETFL) refuse(one, EINVAL);
  check(one, argument, 'argument', 0, 0xffffff);
  one._flags = (one._flags & ~settable) | ((argument as number) & settable);
  return 0;
}

/** A driver's `ioctl`. @throws EBADF; ENOSYS for a driver without it, and for files on mounts */
export function ioctl(fd: number, command: number, argument?: unknown): unknown {
  return ask(find(fd, 'ioctl'), '', 'ioctl', [command, argument]);
}
