/** What is done with open files of registered drivers: those that have positions, and those that are read as they come. Stays while one is open. */
import { EAGAIN, EBADF, EIO, EOPNOTSUPP, expect, type VfsError } from '../contract/errno';
import type { Stat, VfsFile } from '../contract/filesystem';
import { O_ACCMODE, O_RDONLY, O_WRONLY } from '../contract/prefix';
import { decodeText, encodeText } from '../engine';
import { leave, stay } from '../engine/stay';
import { check, LARGEST, refuse, type Where } from './call';
import { call, operationOf } from './driver-call';
import * as rare from './file.lazy';
import type { Mount } from './rows';

export interface DriverFile extends Where {
  _row: Mount;
  /** The driver's number; -1 once closed. */
  _fd: number;
  /** What is below only where it is read as it comes. */
  _binary: boolean;
  _flags: number;
  /** What was read of a line that has not ended yet. */
  _held: Uint8Array;
}

/** So much is read at a time where nobody says how much. */
const PIECE = 512;
/** So much of a line is read at a time. */
const LINE_PIECE = 64;

/** Keeps this loaded until the file is closed. */
export function hold(): void {
  stay();
}

/** Closes it, whatever the driver says. */
export function letGo(file: DriverFile): void {
  const fd = file._fd;
  file._fd = -1;
  leave();
  if (operationOf(file._row, 'close')) call(file._row, file, 'close', [fd]);
}

/** Moves bytes at a position, all that is asked for or until there are no more. */
export function moveAt(file: DriverFile, name: string, pos: number, bytes: Uint8Array): number {
  const placed = operationOf(file._row, 'p' + name);
  let done = 0;
  while (done < bytes.length) {
    const rest = bytes.subarray(done);
    if (!placed) call(file._row, file, 'lseek', [file._fd, pos + done, 0]);
    const moved = call(file._row, file, placed ? 'p' + name : name, placed ? [file._fd, rest, pos + done] : [file._fd, rest]) as number;
    if (!moved) break;
    done += moved;
  }
  if (name === 'write' && done < bytes.length) refuse(file, EIO);
  return done;
}

/** How many bytes a regular file has. */
export function size(file: DriverFile): number {
  return (call(file._row, file, 'fstat', [file._fd]) as Stat)[6];
}

export function resize(file: DriverFile, length: number): void {
  call(file._row, file, 'ftruncate', [file._fd, length]);
}

export function sync(file: DriverFile): void {
  if (operationOf(file._row, 'fsync')) call(file._row, file, 'fsync', [file._fd]);
}

/** Begins a method. @throws EBADF if the file is closed, or open for the other direction only */
function enter(file: DriverFile, operation: string, other?: number): void {
  file._operation = operation;
  if (file._fd < 0 || (other !== undefined && (file._flags & O_ACCMODE) === other)) refuse(file, EBADF);
}

/** Reads what is there, once: first what an unfinished line has left. */
function take(file: DriverFile, buf: Uint8Array): number {
  const held = file._held;
  if (!held.length) return call(file._row, file, 'read', [file._fd, buf]) as number;
  const n = Math.min(held.length, buf.length);
  buf.set(held.subarray(0, n));
  file._held = held.subarray(n);
  return n;
}

/** Whether something was moved before the driver said EAGAIN: that is told then. */
function isLater(error: unknown, done: number): boolean {
  return !!done && !!error && (error as VfsError).errno === EAGAIN;
}

function given(file: DriverFile, bytes: Uint8Array): string | Uint8Array {
  return file._binary ? bytes : decodeText(bytes);
}

export function read(file: DriverFile, n?: number): string | Uint8Array {
  enter(file, 'read', O_WRONLY);
  if (n !== undefined) check(file, n, 'n', -LARGEST);
  const wanted = n !== undefined && n >= 0;
  const buf = new Uint8Array(wanted ? n : PIECE);
  let done = 0;
  while (done < buf.length) {
    let got = 0;
    try {
      got = take(file, buf.subarray(done));
    } catch (error) {
      if (!isLater(error, done)) throw error;
    }
    done += got;
    if (!got || !wanted) break;
  }
  return given(file, buf.subarray(0, done));
}

export function readinto(file: DriverFile, buf: Uint8Array, n?: number): number {
  enter(file, 'readinto', O_WRONLY);
  expect(buf instanceof Uint8Array, 'buf');
  if (n !== undefined) check(file, n, 'n', 0);
  return take(file, n !== undefined && n < buf.length ? buf.subarray(0, n) : buf);
}

export function readline(file: DriverFile, n?: number): string | Uint8Array {
  enter(file, 'readline', O_WRONLY);
  if (n !== undefined) check(file, n, 'n', -LARGEST);
  const most = n !== undefined && n >= 0 ? n : LARGEST;
  let line = file._held;
  let end = 0;
  for (;;) {
    while (end < line.length && end < most && line[end] !== 10) end++;
    if (end < line.length && end < most) {
      end++;
      break;
    }
    if (end >= most) break;
    const more = new Uint8Array(LINE_PIECE);
    // What is there stays for the next call if this one fails.
    file._held = new Uint8Array(0);
    let got = 0;
    try {
      got = take(file, more);
    } catch (error) {
      file._held = line;
      throw error;
    }
    if (!got) break;
    const longer = new Uint8Array(line.length + got);
    longer.set(line);
    longer.set(more.subarray(0, got), line.length);
    line = longer;
  }
  file._held = line.subarray(end);
  return given(file, new Uint8Array(line.subarray(0, end)));
}

export function readlines(file: DriverFile): (string | Uint8Array)[] {
  const lines: (string | Uint8Array)[] = [];
  for (let line = readline(file); line.length; line = readline(file)) lines.push(line);
  return lines;
}

export function write(file: DriverFile, data: string | Uint8Array, offset?: number, n?: number): number {
  enter(file, 'write', O_RDONLY);
  let bytes = typeof data === 'string' ? encodeText(data) : data;
  expect(bytes instanceof Uint8Array, 'data');
  if (offset !== undefined || n !== undefined) bytes = rare.pieceOf(file, bytes, offset, n);
  let done = 0;
  while (done < bytes.length) {
    let put = 0;
    try {
      put = call(file._row, file, 'write', [file._fd, bytes.subarray(done)]) as number;
      if (!put) refuse(file, EIO);
    } catch (error) {
      if (!isLater(error, done)) throw error;
      break;
    }
    done += put;
  }
  return done;
}

export function seek(file: DriverFile, offset: number, whence?: number): number {
  enter(file, 'seek');
  if (whence === undefined) whence = 0;
  check(file, whence, 'whence', 0, 2);
  check(file, offset, 'offset', -LARGEST);
  if (whence === 1) offset -= file._held.length;
  const to = call(file._row, file, 'lseek', [file._fd, offset, whence]) as number;
  file._held = new Uint8Array(0);
  return to;
}

export function tell(file: DriverFile): number {
  enter(file, 'tell');
  return (call(file._row, file, 'lseek', [file._fd, 0, 1]) as number) - file._held.length;
}

export function view(file: DriverFile): never {
  enter(file, 'view', O_WRONLY);
  return refuse(file, EOPNOTSUPP);
}

export function flush(file: DriverFile): void {
  enter(file, 'flush');
  sync(file);
}

export function cut(file: DriverFile, length?: number): number {
  enter(file, 'truncate', O_RDONLY);
  if (length === undefined) length = tell(file);
  check(file, length, 'size', 0);
  file._operation = 'truncate';
  resize(file, length);
  return length;
}

export function close(file: DriverFile): void {
  const files = file._row._files;
  if (file._fd < 0) return;
  file._operation = 'close';
  files.splice(files.indexOf(file as unknown as VfsFile), 1);
  letGo(file);
}
