/** Opening a file by number. */
import { EEXIST, EISDIR, ENOTDIR, type VfsError, vfsError } from '../contract/errno';
import { O_ACCMODE, O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } from '../contract/prefix';
import * as descriptors from '../fd/open.lazy';
import { exists, stat } from '../vfs';
import type { Face } from './types';

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

/** Gives the number. It is the descriptors' own, so `vfs.fd` knows it, too. */
export function open(args: unknown[], face: Face): number {
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
  if (flags & O_CREAT && flags & O_EXCL && exists(path)) throw vfsError(EEXIST, 'open');
  try {
    const fd = descriptors.open(
      path,
      flags,
      typeof mode === 'string' ? parseInt(mode, 8) : typeof mode === 'number' ? mode & 0xfff : 0x1b6,
    );
    if (!(flags & O_DIRECTORY)) return fd;
    descriptors.close(fd);
  } catch (error) {
    // A directory is open for reading, though it has no bytes.
    if (!error || (error as VfsError).errno !== EISDIR || flags & (O_ACCMODE | O_CREAT)) throw error;
    return descriptors.openDir(path, flags);
  }
  throw vfsError(ENOTDIR, 'open');
}
