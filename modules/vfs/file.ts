import { EINVAL, EISDIR, expect } from '../errno';
import type { RawFile } from '../filesystem';
import { refuse } from './call';
import { APPEND, BINARY, methods, type OpenFile, WRITABLE } from './openfile';
import { locate, type Mount, perform } from './table';

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
  expect(typeof mode === 'string');
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
