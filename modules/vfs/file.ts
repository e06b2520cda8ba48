import { decodeText, encodeText, isEspruino } from '../engine';
import { EBADF, EINVAL, vfsError } from '../errno';
import type { RawFile } from '../filesystem';
import { invoke } from './call';
import type { Mount } from './table';

/** Bits of an open mode, in the order of `MODES`. */
const MODES = 'rwax+bt';
const APPEND = 4;
const BINARY = 32;
/** `r` or `+`; any of `w`, `a`, `x`, `+`. */
const READABLE = 17;
export const WRITABLE = 30;

/** One buffer of this many bytes serves the small reads of a file, from the first of them on. */
const BUFFER = 128;

/**
 * The bits of an open mode: exactly one of `r w a x`, perhaps `+`, perhaps one of `b t`, in any order; 0 for another.
 */
export function modeBits(mode: string): number {
  let bits = 0;
  for (let i = 0; i < mode.length; i++) {
    const at = MODES.indexOf(mode.charAt(i));
    if (at < 0 || bits & (1 << at)) return 0;
    bits |= 1 << at;
  }
  const access = bits & 15;
  return access & (access - 1) || (bits & 96) === 96 ? 0 : access && bits;
}

/**
 * An open file: text, lines, modes and the position above a driver's bytes.
 *
 * Text mode gives strings (UTF-8; on Espruino the bytes as they are), binary mode `Uint8Array`s. Positions and sizes are
 * in bytes. Writes go to the driver at once. Any method but `close()` is EBADF once the file is closed, and one in a
 * direction the mode does not allow; errors of the medium come through with this file's path.
 * Source: MicroPython `io.TextIOWrapper` and `io.FileIO`. Differs: directions are enforced, `a` always appends,
 * `truncate` is there, a seek past the end leaves zeros.
 */
export class VfsFile {
  private _raw: RawFile | undefined;
  private _mount: Mount;
  private _path: string;
  private _bits: number;
  private _pos = 0;
  /** Bytes `_from` .. `_from + _have` of the file. */
  private _buffer: Uint8Array | undefined;
  private _from = 0;
  private _have = 0;
  /** Where the last read ended: reading on from there is worth a buffer, a read elsewhere is not. */
  private _next = 0;

  /** @internal */
  constructor(raw: RawFile, mount: Mount, path: string, bits: number) {
    this._raw = raw;
    this._mount = mount;
    this._path = path;
    this._bits = bits;
    if (bits & APPEND) this._pos = raw.size();
    mount._files.push(this);
  }

  /**
   * Reads `n` bytes, in text mode `n` characters (beyond U+FFFF one character is two units of a string), or all the rest
   * without `n` or with a negative one. Fewer, down to none, at the end of the file.
   * @throws EBADF if closed or not open for reading.
   */
  read(n?: number): string | Uint8Array {
    const left = this._call('size', 'read', READABLE) - this._pos;
    const text = !(this._bits & BINARY);
    const whole = n === undefined || n === null || n < 0 || n > left;
    if (!whole && typeof n !== 'number') throw new TypeError('read: n must be a number');
    let bytes: Uint8Array;
    if (!whole && ((text && !isEspruino) || (n < BUFFER && this._pos === this._next))) bytes = this._take(n, false);
    else {
      bytes = new Uint8Array(whole ? Math.max(left, 0) : n);
      bytes = bytes.subarray(0, this.readinto(bytes));
    }
    return text ? decodeText(bytes) : bytes;
  }

  /**
   * Reads into `buf`, at most `n` bytes of it; gives how many, 0 at the end of the file.
   * @throws TypeError if `buf` is no Uint8Array; EBADF if closed or not open for reading.
   */
  readinto(buf: Uint8Array, n?: number): number {
    if (!(buf instanceof Uint8Array)) throw new TypeError('readinto: buf must be a Uint8Array');
    if (n !== undefined && n < buf.length) buf = buf.subarray(0, Math.max(n, 0));
    const got = this._call('readAt', 'readinto', READABLE, this._pos, buf);
    this._next = this._pos += got;
    return got;
  }

  /**
   * Reads up to and with the next `\n`; at the end of the file what there is, then nothing (`''`, or no bytes). Nothing
   * but `\n` ends a line, and nothing is translated.
   * @param n at most so many bytes (binary) or characters (text)
   * @throws EBADF if closed or not open for reading.
   */
  readline(n?: number): string | Uint8Array {
    this._check('readline', READABLE);
    const line = this._take(n === undefined || n < 0 ? Infinity : n, true);
    return this._bits & BINARY ? line : decodeText(line);
  }

  /** All the lines that are left, each with its `\n`. @throws EBADF if closed or not open for reading. */
  readlines(): (string | Uint8Array)[] {
    const lines: (string | Uint8Array)[] = [];
    for (;;) {
      const line = this.readline();
      if (!line.length) return lines;
      lines.push(line);
    }
  }

  /**
   * Writes a string (as UTF-8) or bytes, in either mode, and gives the number of bytes. With `a` always at the end.
   * @throws EBADF if closed or not open for writing; ENOSPC if the volume is full; EFBIG; TypeError for other data.
   */
  write(data: string | Uint8Array): number {
    this._check('write', WRITABLE);
    const bytes = typeof data === 'string' ? encodeText(data) : data;
    if (!(bytes instanceof Uint8Array)) throw new TypeError('write: data must be a string or a Uint8Array');
    const length = bytes.length;
    if (this._bits & APPEND) this._pos = this._call('size', 'write', 0);
    this._have = 0;
    if (length) this._call('writeAt', 'write', 0, this._pos, bytes);
    this._pos += length;
    return length;
  }

  /**
   * Moves to byte `offset` from the start (`whence` 0, the default), from here (1) or from the end (2); gives the new
   * position. It may lie past the end: a write there fills the gap with zeros.
   * @throws EINVAL before the start, not a whole number, or another whence; EBADF if closed; TypeError if not a number.
   */
  seek(offset: number, whence?: number): number {
    const size = this._call('size', 'seek', 0);
    if (typeof offset !== 'number') throw new TypeError('seek: offset must be a number');
    const to = offset + (!whence ? 0 : whence === 1 ? this._pos : whence === 2 ? size : NaN);
    if (!(to >= 0) || to % 1) throw vfsError(EINVAL, 'seek', this._path);
    this._have = 0;
    this._pos = to;
    return to;
  }

  /** The position in bytes. @throws EBADF if closed. */
  tell(): number {
    this._check('tell', 0);
    return this._pos;
  }

  /** Makes everything written so far survive a power cut. @throws EBADF if closed; ENOSPC, EIO. */
  flush(): void {
    this._check('flush', 0);
    if (this._bits & WRITABLE) this._call('sync', 'flush', 0);
  }

  /**
   * Cuts the file, or lengthens it with zeros, to `size` bytes, by default to the position, which stays; gives the size.
   * @throws EINVAL if negative or not whole; EBADF if closed or not open for writing; ENOSPC.
   */
  truncate(size?: number): number {
    this._check('truncate', WRITABLE);
    const to = size === undefined ? this._pos : size;
    if (!(to >= 0) || to % 1) throw vfsError(EINVAL, 'truncate', this._path);
    this._have = 0;
    this._call('truncate', 'truncate', 0, to);
    return to;
  }

  /** Syncs and closes. A second time does nothing. The file is closed also when this throws. @throws ENOSPC, EIO. */
  close(): void {
    const raw = this._raw;
    if (!raw) return;
    const files = this._mount._files;
    files.splice(files.indexOf(this), 1);
    this._raw = this._buffer = undefined;
    invoke(raw, 'close', 'close', this._path);
  }

  private _check(operation: string, direction: number): void {
    if (!this._raw || (direction && !(this._bits & direction)))
      throw vfsError(EBADF, operation, this._path, this._raw ? 'wrong direction' : 'file is closed');
  }

  private _call(method: string, operation: string, direction: number, a?: unknown, b?: unknown): number {
    this._check(operation, direction);
    return invoke(this._raw, method, operation, this._path, a, b) as number;
  }

  /**
   * Takes bytes through the buffer up to `limit` characters (bytes in binary mode and on Espruino), to the end of a
   * line if `line`, or to the end of the file. A character begins at each byte that continues none, so that pieces put
   * together read like the whole, whatever the bytes are.
   */
  private _take(limit: number, line: boolean): Uint8Array {
    const chars = !isEspruino && !(this._bits & BINARY);
    let taken = new Uint8Array(0);
    for (let more = limit > 0; more; ) {
      let offset = this._pos - this._from;
      if (!(offset >= 0 && offset < this._have)) {
        if (!this._buffer) this._buffer = new Uint8Array(BUFFER);
        this._have = offset = 0;
        this._from = this._pos;
        this._have = this._call('readAt', 'read', 0, this._pos, this._buffer);
        if (!this._have) break;
      }
      let view = (this._buffer as Uint8Array).subarray(offset, this._have);
      let end = 0;
      if (isEspruino) {
        end = line ? decodeText(view).indexOf('\n') + 1 : 0;
        more = !end;
        end = Math.min(end || view.length, limit);
        limit -= end;
        if (!limit) more = false;
      } else {
        for (; more && end < view.length; end++) {
          if (!chars || (view[end] & 0xc0) !== 0x80 || !(taken.length + end)) {
            if (!limit--) {
              more = false;
              break;
            }
          }
          if (line && view[end] === 10) more = false;
        }
      }
      view = view.subarray(0, end);
      if (taken.length) {
        const joined = new Uint8Array(taken.length + end);
        joined.set(taken);
        joined.set(view, taken.length);
        taken = joined;
      } else {
        taken = new Uint8Array(end);
        taken.set(view);
      }
      this._next = this._pos += end;
    }
    return taken;
  }
}
