import { EINVAL, EISDIR, expect } from '../contract/errno';
import type { RawFile, VfsFile } from '../contract/filesystem';
import { refuse } from './call';
import { APPEND, BINARY, methods, type OpenFile, WRITABLE } from './openfile';
import { locate, type Mount, perform } from './table';

export type { VfsFile };

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
