/** Descriptors: getting one, two for the same, and giving it back. */
import { EAGAIN, EBADF, EISDIR, EMFILE, ENODEV, ENOENT, ENOTDIR, expect, isWhole, type VfsError, vfsError } from '../contract/errno';
import type { VfsFile } from '../contract/filesystem';
import { O_ACCMODE, O_CREAT, O_EXCL, O_TRUNC } from '../contract/prefix';
import * as terminal from '../engine/console.lazy';
import { check, LARGEST, refuse } from '../vfs/call';
import * as driver from '../vfs/driver.lazy';
import { open as openFile } from '../vfs/file';
import { limits } from '../vfs/limits';
import { locate } from '../vfs/mounts';
import type { Place } from '../vfs/rows';
import * as end from './shut.lazy';
import { type Open, table } from './table';

/** The lowest descriptor that is free. */
function lowest(operation: string, path: string): number {
  let fd = 0;
  while (table[fd] !== undefined) fd++;
  if (fd >= limits.fds) throw vfsError(EMFILE, operation, path);
  return fd;
}

function openOf(path: string, flags: number): Open {
  return {
    _operation: '',
    _path: path,
    _flags: flags,
    _count: 1,
    _file: undefined,
    _row: undefined,
    _fd: -1,
    _waiting: [],
    _kept: 0,
  };
}

/** The console as a file. */
const consoleFile = {
  readinto: function (): never {
    throw vfsError(EAGAIN, 'read');
  },
  write: function (bytes: Uint8Array): number {
    return terminal.writeConsole(bytes);
  },
  flush: function (): void {},
  close: function (): void {},
};

/** What is open by that number. @throws EBADF; TypeError for what is no number */
export function find(fd: number, operation: string): Open {
  expect(typeof fd === 'number', 'fd');
  if (table[fd] === 0) {
    const one = openOf('', fd ? 1 : 0);
    one._file = consoleFile as unknown as VfsFile;
    table[fd] = one;
  }
  const found = table[fd] as Open | undefined;
  if (!found) throw vfsError(EBADF, operation, '', 'no open descriptor: ' + fd);
  found._operation = operation;
  return found;
}

/** What `fd` is, is closed for another. POSIX: whatever it says, the other has the number. */
function vacate(fd: number): void {
  if (!table[fd]) return;
  try {
    close(fd);
  } catch (_error) {
    // It is closed.
  }
}

/** Puts an object with `readinto` or `write` in the place of what `fd` is. */
export function install(fd: number, file: VfsFile, path: string): void {
  const one = openOf(path, fd ? 1 : 0);
  one._file = file;
  vacate(fd);
  table[fd] = one;
}

/** A file of a mount, by the modes that these have. */
function openMounted(path: string, flags: number): VfsFile {
  const writes = flags & O_ACCMODE;
  const makes = flags & O_CREAT;
  if (makes && writes && flags & (O_EXCL | O_TRUNC)) return openFile(path, flags & O_EXCL ? 'x+b' : 'w+b');
  if (makes && flags & O_EXCL) openFile(path, 'x').close();
  let file: VfsFile;
  try {
    file = openFile(path, writes ? 'r+b' : 'rb');
  } catch (error) {
    if (!makes || !error || (error as VfsError).errno !== ENOENT) throw error;
    if (writes) return openFile(path, 'x+b');
    openFile(path, 'x').close();
    return openFile(path, 'rb');
  }
  if (!writes || !(flags & O_TRUNC)) return file;
  let failure: unknown;
  try {
    file.truncate(0);
    return file;
  } catch (full) {
    failure = full;
  }
  try {
    file.close();
  } catch (_late) {
    // What went wrong first is what the caller should know.
  }
  throw failure;
}

/**
 * Opens a file of a mount or of a registered driver.
 * @param flags `O_RDONLY` (default), `O_WRONLY` or `O_RDWR`, and any of `O_CREAT O_EXCL O_TRUNC O_APPEND O_NONBLOCK`
 * @param mode permissions of what is made, for drivers; 0o666 by default
 * @returns the lowest number that is free
 * @throws EMFILE beyond `limits.fds`; what `vfs.open` and the driver throw
 * Source: POSIX `open`, ESP-IDF `esp_vfs_open`. Differs: a full table is EMFILE, and nothing has been opened then.
 */
export function open(path: string, flags?: number, mode?: number): number {
  const place: Place = locate(path, 'open', EISDIR);
  if (flags === undefined) flags = 0;
  if (mode === undefined) mode = 0x1b6;
  check(place, flags, 'flags', 0, 0xffffff);
  check(place, mode, 'mode', 0, 0xfff);
  const fd = lowest('open', place._path);
  const row = place._mount;
  if (!row) return refuse(place, ENODEV);
  const one = openOf(place._path, flags);
  if (row._context) {
    if (place._slash) refuse(place, ENOTDIR);
    one._fd = driver.openAt(place, flags, mode);
    one._row = row;
    one.close = closeAll;
    one.flush = flush;
    driver.hold();
    row._files.push(one as unknown as VfsFile);
  } else one._file = openMounted(place._slash ? place._path + '/' : place._path, flags);
  table[fd] = one;
  return fd;
}

function closeAll(this: Open): void {
  end.closeAll(this);
}

function flush(this: Open): void {
  end.flush(this);
}

/** A number for a directory, which has nothing to be read. `fs` opens them. */
export function openDir(path: string, flags: number): number {
  const one = openOf(locate(path, 'open')._path, flags);
  const fd = lowest('open', one._path);
  table[fd] = one;
  return fd;
}

/**
 * Gives the number back. What is open is closed with its last number, also when this throws.
 * @throws EBADF; what the file says
 */
export function close(fd: number): void {
  end.drop(fd, find(fd, 'close'));
}

/** Another number, the lowest, for what is open: with one position. @throws EBADF, EMFILE */
export function dup(fd: number): number {
  const one = find(fd, 'dup');
  const to = lowest('dup', one._path);
  table[to] = one;
  one._count++;
  return to;
}

/** Makes `to` a number for what `fd` is; what `to` was is closed, and what that says is passed over, as POSIX has it. @throws EBADF for either */
export function dup2(fd: number, to: number): number {
  const one = find(fd, 'dup2');
  expect(typeof to === 'number', 'to');
  if (!isWhole(to, 0, Math.min(limits.fds - 1, LARGEST))) refuse(one, EBADF);
  if (to === fd) return to;
  one._count++;
  vacate(to);
  while (table.length < to) table.push(undefined);
  table[to] = one;
  return to;
}
