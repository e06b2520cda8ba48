/** Open files: text, lines, modes and positions over the bytes that a file system gives. */
import { EBADF, EDEADLK, EINVAL, EISDIR, expect, type VfsError } from '../contract/errno';
import type { RawFile, VfsFile } from '../contract/filesystem';
import { decodeText, encodeText, isEspruino } from '../engine';
import * as portable from '../engine/portable.lazy';
import { check, invoke, LARGEST, refuse, type Where } from './call';
import * as rare from './file.lazy';
import { locate, type Mount, perform } from './mounts';

/** Bits of an open mode: 1 `r`, 2 `w`, 4 `a`, 8 `x`, 16 `+`, 32 `b`. */
const APPEND = 4;
const BINARY = 32;
/** `r` or `+`; any of `w`, `a`, `x`, `+`. */
const READABLE = 17;
const WRITABLE = 30;

/** Small reads get this many bytes ahead at first. */
const AHEAD = 128;

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

/**
 * Begins a method.
 * @throws EBADF if the file is closed, or not open for that direction; EDEADLK while another is running, whose device calls this one.
 */
function enter(file: OpenFile, operation: string, direction: number): RawFile {
  file._operation = operation;
  if (file._busy || !file._raw || (direction && !(file._bits & direction))) refuse(file, file._busy ? EDEADLK : EBADF);
  return file._raw as RawFile;
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
  for (let size = 0; ; ) {
    end = isEspruino ? Math.min((line && view.indexOf(10) + 1) || view.length + 1, limit) : portable.measure(view, limit, line, binary);
    if (end <= view.length || view.length < size) break;
    size = size * 2 || AHEAD;
    view = new Uint8Array(size);
    view = view.subarray(0, invoke(file._raw, 'readAt', file, file._pos, view) as number);
  }
  end = Math.min(end, view.length);
  file._pos += end;
  file._ahead = view.subarray(end);
  view = view.subarray(0, end);
  return binary ? new Uint8Array(view) : decodeText(view);
}

/** What `VfsFile` promises. */
const methods = {
  read: function (this: OpenFile, n?: number): string | Uint8Array {
    let left = Math.max(enter(this, 'read', READABLE).size() - this._pos, 0);
    const text = !(this._bits & BINARY);
    if (n !== undefined) check(this, n, 'n', -LARGEST);
    if ((n as number) >= 0 && (n as number) <= left) {
      left = n as number;
      if ((text && !isEspruino) || (left < AHEAD && this._ahead)) return take(this, left, false);
    }
    let bytes = new Uint8Array(left);
    bytes = bytes.subarray(0, this.readinto(bytes));
    return text ? decodeText(bytes) : bytes;
  },

  readinto: function (this: OpenFile, buf: Uint8Array, n?: number): number {
    enter(this, 'readinto', READABLE);
    expect(buf instanceof Uint8Array, 'buf');
    if (n !== undefined) check(this, n, 'n', 0);
    // Espruino's subarray can reach beyond its array.
    if ((n as number) < buf.length) buf = buf.subarray(0, n);
    const got = invoke(this._raw, 'readAt', this, this._pos, buf) as number;
    this._ahead = new Uint8Array(0);
    this._pos += got;
    return got;
  },

  readline: function (this: OpenFile, n?: number): string | Uint8Array {
    enter(this, 'readline', READABLE);
    if (n !== undefined) check(this, n, 'n', -LARGEST);
    return take(this, (n as number) >= 0 ? (n as number) : Infinity, true);
  },

  readlines: function (this: OpenFile): (string | Uint8Array)[] {
    const lines: (string | Uint8Array)[] = [];
    for (let line = this.readline(); line.length; line = this.readline()) lines.push(line);
    return lines;
  },

  write: function (this: OpenFile, data: string | Uint8Array, offset?: number, n?: number): number {
    const raw = enter(this, 'write', WRITABLE);
    let bytes = typeof data === 'string' ? encodeText(data) : data;
    expect(bytes instanceof Uint8Array, 'data');
    if (offset !== undefined || n !== undefined) bytes = rare.pieceOf(this, bytes, offset, n);
    const length = bytes.length;
    if (this._bits & APPEND) this._pos = raw.size();
    this._ahead = undefined;
    if (length) invoke(raw, 'writeAt', this, this._pos, bytes);
    this._pos += length;
    return length;
  },

  seek: function (this: OpenFile, offset: number, whence?: number): number {
    const raw = enter(this, 'seek', 0);
    if (whence === undefined) whence = 0;
    check(this, whence, 'whence', 0, 2);
    check(this, offset, 'offset', -LARGEST);
    const to = [0, this._pos, raw.size()][whence] + offset;
    check(this, to, 'offset', 0, raw.limit);
    this._ahead = undefined;
    this._pos = to;
    return to;
  },

  tell: function (this: OpenFile): number {
    enter(this, 'tell', 0);
    return this._pos;
  },

  view: function (this: OpenFile): Uint8Array {
    return invoke(enter(this, 'view', READABLE), 'view', this) as Uint8Array;
  },

  flush: function (this: OpenFile): void {
    enter(this, 'flush', 0);
    if (this._bits & WRITABLE) invoke(this._raw, 'sync', this);
  },

  truncate: function (this: OpenFile, size?: number): number {
    const raw = enter(this, 'truncate', WRITABLE);
    if (size === undefined) size = this._pos;
    check(this, size, 'size', 0);
    this._ahead = undefined;
    invoke(raw, 'truncate', this, size);
    return size;
  },

  reserve: function (this: OpenFile, bytes: number): void {
    rare.reserve(this, enter(this, 'reserve', WRITABLE), bytes);
  },

  close: function (this: OpenFile): void {
    const raw = this._raw;
    let failures: unknown[] | undefined;
    if (!raw) return;
    enter(this, 'close', 0);
    try {
      invoke(raw, 'close', this);
    } catch (error) {
      failures = [error];
    }
    // In a method of its own device nothing has been done.
    if (!failures || !failures[0] || (failures[0] as VfsError).errno !== EDEADLK) {
      this._files.splice(this._files.indexOf(this), 1);
      this._raw = this._ahead = undefined;
    }
    if (failures) throw failures[0];
  },
};

/**
 * Opens a file.
 * @param mode one of `r` (default), `w` (made or emptied), `a` (made if missing, every write goes to the end), `x` (made,
 *   must not exist), perhaps `+` (both directions), perhaps `b` (bytes) or `t` (text, the default)
 * @returns a `VfsFile`; on a user-written file system whatever its `open` gives, untouched, unless that has `readAt`
 * @throws EINVAL for another mode; ENOENT, EEXIST (`x`), EISDIR, ENOTDIR, EROFS, ENOSPC, ENAMETOOLONG; EBUSY if it is
 *   open for writing already and this would write too.
 * Source: MicroPython `open`. Differs: modes are checked and enforced on every file system.
 */
export function open(path: string, mode?: string): VfsFile {
  if (mode === undefined) mode = 'r';
  expect(typeof mode === 'string', 'mode');
  const place = locate(path, 'open', EISDIR);
  // Exactly one of the four is left; the shift by -1 gives a negative number.
  let bits = 1 << ['r', 'w', 'a', 'x'].indexOf(mode.replace('+', '').replace(/[bt]/, ''));
  if (bits <= 0) refuse(place, EINVAL);
  bits |= (mode.indexOf('+') < 0 ? 0 : 16) | (mode.indexOf('b') < 0 ? 0 : BINARY);
  const raw = perform(place, bits & WRITABLE, mode) as RawFile;
  if (!raw || !raw.readAt) return raw as unknown as VfsFile;
  const file: OpenFile = Object.create(methods);
  file._raw = raw;
  file._path = place._path;
  file._files = (place._mount as Mount)._files;
  file._bits = bits;
  file._pos = bits & APPEND ? raw.size() : 0;
  file._files.push(file);
  return file;
}
