import { decodeText, encodeText, isEspruino } from '../engine';
import { EBADF, EINVAL } from '../errno';
import type { RawFile } from '../filesystem';
import { expect, invoke, refuse, type Where } from './call';

/** Bits of an open mode: 1 `r`, 2 `w`, 4 `a`, 8 `x`, 16 `+`, 32 `b`. */
const APPEND = 4;
export const BINARY = 32;
/** `r` or `+`; any of `w`, `a`, `x`, `+`. */
const READABLE = 17;
export const WRITABLE = 30;

/** Small reads get this many bytes ahead at first. */
const AHEAD = 128;

/**
 * An open file: text, lines, modes and the position above a driver's bytes.
 *
 * Text mode gives strings (UTF-8; on Espruino the bytes as they are), binary mode `Uint8Array`s. Positions and sizes are
 * in bytes. Writes go to the driver at once. Any method but `close()` is EBADF once the file is closed, and one in a
 * direction the mode does not allow; errors of the medium come through with this file's path.
 * Source: MicroPython `io.TextIOWrapper` and `io.FileIO`. Differs: directions are enforced, `a` always appends,
 * `truncate` is there, a seek past the end leaves zeros.
 */
export interface VfsFile {
  /**
   * Reads `n` bytes, in text mode `n` characters (beyond U+FFFF one character is two units of a string), or all the rest
   * without `n` or with a negative one. Fewer, down to none, at the end of the file.
   * @throws EBADF if closed or not open for reading.
   */
  read(n?: number): string | Uint8Array;
  /**
   * Reads into `buf`, at most `n` bytes of it; gives how many, 0 at the end of the file.
   * @throws TypeError if `buf` is no Uint8Array; EBADF if closed or not open for reading.
   */
  readinto(buf: Uint8Array, n?: number): number;
  /**
   * Reads up to and with the next `\n`; at the end of the file what there is, then nothing (`''`, or no bytes). Nothing
   * but `\n` ends a line, and nothing is translated.
   * @param n at most so many bytes (binary) or characters (text)
   * @throws EBADF if closed or not open for reading.
   */
  readline(n?: number): string | Uint8Array;
  /** All the lines that are left, each with its `\n`. @throws EBADF if closed or not open for reading. */
  readlines(): (string | Uint8Array)[];
  /**
   * Writes a string (as UTF-8) or bytes, in either mode, and gives the number of bytes. With `a` always at the end.
   * @throws EBADF if closed or not open for writing; ENOSPC if the volume is full; EFBIG; TypeError for other data.
   */
  write(data: string | Uint8Array): number;
  /**
   * Moves to byte `offset` from the start (`whence` 0, the default), from here (1) or from the end (2); gives the new
   * position. It may lie past the end: a write there fills the gap with zeros.
   * @throws EINVAL before the start, not a whole number, or another whence; EBADF if closed; TypeError if not a number.
   */
  seek(offset: number, whence?: number): number;
  /** The position in bytes. @throws EBADF if closed. */
  tell(): number;
  /** Makes everything written so far survive a power cut. @throws EBADF if closed; ENOSPC, EIO. */
  flush(): void;
  /**
   * Cuts the file, or lengthens it with zeros, to `size` bytes, by default to the position, which stays; gives the size.
   * @throws EINVAL if negative or not whole; EBADF if closed or not open for writing; ENOSPC.
   */
  truncate(size?: number): number;
  /** Syncs and closes. A second time does nothing. The file is closed also when this throws. @throws ENOSPC, EIO. */
  close(): void;
}

interface OpenFile extends VfsFile, Where {
  /** Undefined once closed. */
  _raw: RawFile | undefined;
  /** The open files of its mount, this one among them. */
  _files: VfsFile[];
  _bits: number;
  _pos: number;
  /** What was read already of the bytes from `_pos` on; undefined where a small read goes on from no other. */
  _ahead: Uint8Array | undefined;
}

/** Whether it can be written. */
export function isData(data: unknown): boolean {
  return typeof data === 'string' || data instanceof Uint8Array;
}

/** Begins a method. @throws EBADF if the file is closed, or not open for that direction. */
function enter(file: OpenFile, operation: string, direction: number): RawFile {
  file._operation = operation;
  if (!file._raw || (direction && !(file._bits & direction))) refuse(file, EBADF);
  return file._raw as RawFile;
}

/** @throws EINVAL for what is no position in a file. */
function place(file: OpenFile, to: number): number {
  if (to < 0 || to % 1 !== 0) refuse(file, EINVAL);
  file._ahead = undefined;
  return to;
}

/**
 * Takes up to `limit` characters (bytes in binary mode and on Espruino), to the end of a line if `line`, or to the end
 * of the file. A character begins at each byte that continues none, so that pieces put together read like the whole,
 * whatever the bytes are. What does not lie ahead as a whole is read anew, twice as much each time.
 */
function take(file: OpenFile, limit: number, line: boolean): string | Uint8Array {
  const binary = file._bits & BINARY;
  let view = file._ahead || new Uint8Array(0);
  let end = 0;
  for (let size = 0, more = true; ; ) {
    let left = limit;
    end = 0;
    if (isEspruino) {
      end = line ? decodeText(view).indexOf('\n') + 1 : 0;
      more = !end && view.length < limit;
      end = Math.min(end || view.length, limit);
    } else {
      for (; more && end < view.length; end++) {
        // The end of the last character shows at the next.
        if (binary || view[end] >> 6 !== 2 || !end) {
          if (left-- < 1) break;
        }
        if (line && view[end] === 10) more = false;
      }
      if (left < 0 || (binary && !left)) more = false;
    }
    if (!more || view.length < size) break;
    size = size * 2 || AHEAD;
    view = new Uint8Array(size);
    view = view.subarray(0, invoke(file._raw, 'readAt', file, file._pos, view) as number);
  }
  file._pos += end;
  file._ahead = view.subarray(end);
  view = view.subarray(0, end);
  if (!binary) return decodeText(view);
  const bytes = new Uint8Array(end);
  bytes.set(view);
  return bytes;
}

const methods = {
  read: function (this: OpenFile, n?: number): string | Uint8Array {
    const left = Math.max(enter(this, 'read', READABLE).size() - this._pos, 0);
    const text = !(this._bits & BINARY);
    if (n === undefined) n = -1;
    expect(typeof n === 'number', 'read');
    const whole = n < 0 || n > left;
    if (!whole && ((text && !isEspruino) || (n < AHEAD && this._ahead))) return take(this, n, false);
    let bytes = new Uint8Array(whole ? left : n);
    bytes = bytes.subarray(0, this.readinto(bytes));
    return text ? decodeText(bytes) : bytes;
  },

  readinto: function (this: OpenFile, buf: Uint8Array, n?: number): number {
    enter(this, 'readinto', READABLE);
    expect(buf instanceof Uint8Array, 'readinto');
    if ((n as number) < buf.length) buf = buf.subarray(0, Math.max(n as number, 0));
    const got = invoke(this._raw, 'readAt', this, this._pos, buf) as number;
    this._ahead = new Uint8Array(0);
    this._pos += got;
    return got;
  },

  readline: function (this: OpenFile, n?: number): string | Uint8Array {
    enter(this, 'readline', READABLE);
    return take(this, n === undefined || n < 0 ? Infinity : n, true);
  },

  readlines: function (this: OpenFile): (string | Uint8Array)[] {
    const lines: (string | Uint8Array)[] = [];
    for (;;) {
      const line = this.readline();
      if (!line.length) return lines;
      lines.push(line);
    }
  },

  write: function (this: OpenFile, data: string | Uint8Array): number {
    const raw = enter(this, 'write', WRITABLE);
    expect(isData(data), 'write');
    const bytes = typeof data === 'string' ? encodeText(data) : data;
    if (this._bits & APPEND) this._pos = raw.size();
    this._ahead = undefined;
    if (bytes.length) invoke(raw, 'writeAt', this, this._pos, bytes);
    this._pos += bytes.length;
    return bytes.length;
  },

  seek: function (this: OpenFile, offset: number, whence?: number): number {
    const size = enter(this, 'seek', 0).size();
    expect(typeof offset === 'number', 'seek');
    this._pos = place(this, offset + [0, this._pos, size][whence || 0]);
    return this._pos;
  },

  tell: function (this: OpenFile): number {
    enter(this, 'tell', 0);
    return this._pos;
  },

  flush: function (this: OpenFile): void {
    enter(this, 'flush', 0);
    if (this._bits & WRITABLE) invoke(this._raw, 'sync', this);
  },

  truncate: function (this: OpenFile, size?: number): number {
    const raw = enter(this, 'truncate', WRITABLE);
    size = place(this, size === undefined ? this._pos : size);
    invoke(raw, 'truncate', this, size);
    return size;
  },

  close: function (this: OpenFile): void {
    const raw = this._raw;
    if (!raw) return;
    this._files.splice(this._files.indexOf(this), 1);
    this._operation = 'close';
    this._raw = this._ahead = undefined;
    invoke(raw, 'close', this);
  },
};

/** @param files where it is listed while it is open */
export function makeFile(raw: RawFile, path: string, files: VfsFile[], bits: number): VfsFile {
  const file: OpenFile = Object.create(methods);
  file._raw = raw;
  file._path = path;
  file._files = files;
  file._bits = bits;
  file._pos = bits & APPEND ? raw.size() : 0;
  file._ahead = new Uint8Array(0);
  files.push(file);
  return file;
}
