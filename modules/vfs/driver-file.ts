/** Open files of registered drivers: those that have positions, and those that are read and written as they come. */
import { EAGAIN, EBADF, EIO, EOPNOTSUPP, expect, type VfsError } from '../contract/errno';
import type { Stat, VfsFile } from '../contract/filesystem';
import { O_ACCMODE, O_RDONLY, O_WRONLY } from '../contract/prefix';
import { decodeText, encodeText } from '../engine';
import { check, LARGEST, refuse, type Where } from './call';
import { call, operationOf } from './driver-call';
import * as rare from './file.lazy';
import type { Mount } from './rows';

export interface DriverFile extends Where {
  _row: Mount;
  /** The driver's number; -1 once closed. */
  _fd: number;
  /** Tells the part that it is not needed for this file any more. */
  _release(): void;
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

function letGo(file: DriverFile): void {
  const fd = file._fd;
  file._fd = -1;
  file._release();
  if (operationOf(file._row, 'close')) call(file._row, file, 'close', [fd]);
}

/** Moves bytes at a position, all that is asked for or until there are no more. */
function moveAt(file: DriverFile, name: string, pos: number, bytes: Uint8Array): number {
  const placed = operationOf(file._row, 'p' + name);
  let done = 0;
  while (done < bytes.length) {
    const rest = bytes.subarray(done);
    if (!placed) call(file._row, file, 'lseek', [file._fd, pos + done, 0]);
    const moved = call(file._row, file, placed ? 'p' + name : name, placed ? [file._fd, rest, pos + done] : [file._fd, rest]) as number;
    if (!moved) break;
    done += moved;
  }
  return done;
}

/** A `RawFile` by the driver's operations. */
export const seekable = {
  readAt: function (this: DriverFile, pos: number, buf: Uint8Array): number {
    return moveAt(this, 'read', pos, buf);
  },
  writeAt: function (this: DriverFile, pos: number, bytes: Uint8Array): void {
    if (moveAt(this, 'write', pos, bytes) < bytes.length) refuse(this, EIO);
  },
  size: function (this: DriverFile): number {
    return (call(this._row, this, 'fstat', [this._fd]) as Stat)[6];
  },
  truncate: function (this: DriverFile, size: number): void {
    call(this._row, this, 'ftruncate', [this._fd, size]);
  },
  sync: function (this: DriverFile): void {
    if (operationOf(this._row, 'fsync')) call(this._row, this, 'fsync', [this._fd]);
  },
  close: function (this: DriverFile): void {
    letGo(this);
  },
};

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

/** A `VfsFile` over what has no positions. */
export const stream = {
  read: function (this: DriverFile, n?: number): string | Uint8Array {
    enter(this, 'read', O_WRONLY);
    if (n !== undefined) check(this, n, 'n', -LARGEST);
    const wanted = n !== undefined && n >= 0;
    const buf = new Uint8Array(wanted ? n : PIECE);
    let done = 0;
    while (done < buf.length) {
      let got = 0;
      try {
        got = take(this, buf.subarray(done));
      } catch (error) {
        if (!isLater(error, done)) throw error;
      }
      done += got;
      if (!got || !wanted) break;
    }
    return given(this, buf.subarray(0, done));
  },

  readinto: function (this: DriverFile, buf: Uint8Array, n?: number): number {
    enter(this, 'readinto', O_WRONLY);
    expect(buf instanceof Uint8Array, 'buf');
    if (n !== undefined) check(this, n, 'n', 0);
    return take(this, n !== undefined && n < buf.length ? buf.subarray(0, n) : buf);
  },

  readline: function (this: DriverFile, n?: number): string | Uint8Array {
    enter(this, 'readline', O_WRONLY);
    if (n !== undefined) check(this, n, 'n', -LARGEST);
    const most = n !== undefined && n >= 0 ? n : LARGEST;
    let line = this._held;
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
      this._held = new Uint8Array(0);
      let got = 0;
      try {
        got = take(this, more);
      } catch (error) {
        this._held = line;
        throw error;
      }
      if (!got) break;
      const longer = new Uint8Array(line.length + got);
      longer.set(line);
      longer.set(more.subarray(0, got), line.length);
      line = longer;
    }
    this._held = line.subarray(end);
    return given(this, new Uint8Array(line.subarray(0, end)));
  },

  readlines: function (this: DriverFile & VfsFile): (string | Uint8Array)[] {
    const lines: (string | Uint8Array)[] = [];
    for (let line = this.readline(); line.length; line = this.readline()) lines.push(line);
    return lines;
  },

  write: function (this: DriverFile, data: string | Uint8Array, offset?: number, n?: number): number {
    enter(this, 'write', O_RDONLY);
    let bytes = typeof data === 'string' ? encodeText(data) : data;
    expect(bytes instanceof Uint8Array, 'data');
    if (offset !== undefined || n !== undefined) bytes = rare.pieceOf(this, bytes, offset, n);
    let done = 0;
    while (done < bytes.length) {
      let put = 0;
      try {
        put = call(this._row, this, 'write', [this._fd, bytes.subarray(done)]) as number;
        if (!put) refuse(this, EIO);
      } catch (error) {
        if (!isLater(error, done)) throw error;
        break;
      }
      done += put;
    }
    return done;
  },

  seek: function (this: DriverFile, offset: number, whence?: number): number {
    enter(this, 'seek');
    if (whence === undefined) whence = 0;
    check(this, whence, 'whence', 0, 2);
    check(this, offset, 'offset', -LARGEST);
    if (whence === 1) offset -= this._held.length;
    const to = call(this._row, this, 'lseek', [this._fd, offset, whence]) as number;
    this._held = new Uint8Array(0);
    return to;
  },

  tell: function (this: DriverFile): number {
    enter(this, 'tell');
    return (call(this._row, this, 'lseek', [this._fd, 0, 1]) as number) - this._held.length;
  },

  view: function (this: DriverFile): never {
    enter(this, 'view', O_WRONLY);
    return refuse(this, EOPNOTSUPP);
  },

  flush: function (this: DriverFile): void {
    enter(this, 'flush');
    seekable.sync.call(this);
  },

  truncate: function (this: DriverFile & VfsFile, size?: number): number {
    enter(this, 'truncate', O_RDONLY);
    if (size === undefined) size = this.tell();
    check(this, size, 'size', 0);
    this._operation = 'truncate';
    call(this._row, this, 'ftruncate', [this._fd, size]);
    return size;
  },

  close: function (this: DriverFile): void {
    const files = this._row._files;
    if (this._fd < 0) return;
    this._operation = 'close';
    files.splice(files.indexOf(this as unknown as VfsFile), 1);
    letGo(this);
  },
};
