/** Drivers that are registered by prefix, as in ESP-IDF: their operations, and the numbers that these get. */
import type { DirEntry, Stat } from './filesystem';

/** Flags of `open`, with Linux's numbers as Node has them there. */
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0x40;
export const O_EXCL = 0x80;
export const O_TRUNC = 0x200;
export const O_APPEND = 0x400;
export const O_NONBLOCK = 0x800;
/** Those that only `fs` knows. */
export const O_DIRECTORY = 0x10000;
export const O_SYNC = 0x101000;
/** The bits that tell the direction. */
export const O_ACCMODE = 3;

/** Commands of `fcntl` that tell and set them. */
export const F_GETFL = 3;
export const F_SETFL = 4;

/** The type of a device that is read and written as it comes, in `stat()[0]`. */
export const TYPE_CHAR = 0x2000;

/** What gives a number or an error: a negative number is minus the errno, nothing is 0; what is thrown passes through. */
export type Result = number | undefined;

/**
 * ESP-IDF's `esp_vfs_fs_ops_t` for scripts. All is optional: a missing operation is ENOSYS. Paths are relative to the prefix and
 * begin with `/`. Registered with a context, each operation gets that as its first argument, before those written here.
 * `fd` is the driver's own number, which its `open` gave.
 */
export interface PrefixDriver {
  /** The least number that `open` gives, 0 by default, as for drivers that share their numbers with others. */
  fdOffset?: number;
  /** Gives a number from `fdOffset` on. `flags` as `vfs.fd.open` has them, `mode` the permissions of what is made. */
  open?(path: string, flags: number, mode: number): Result;
  close?(fd: number): Result;
  /** Reads into `buf` what is there; gives how many bytes, 0 at the end. Nothing there yet is -EAGAIN. */
  read?(fd: number, buf: Uint8Array): Result;
  /** Gives how many bytes were taken. */
  write?(fd: number, bytes: Uint8Array): Result;
  pread?(fd: number, buf: Uint8Array, offset: number): Result;
  pwrite?(fd: number, bytes: Uint8Array, offset: number): Result;
  /** Gives the new position. */
  lseek?(fd: number, offset: number, whence: number): Result;
  fstat?(fd: number): Stat | number;
  fcntl?(fd: number, command: number, argument: unknown): unknown;
  ioctl?(fd: number, command: number, argument: unknown): unknown;
  fsync?(fd: number): Result;
  stat?(path: string): Stat | number;
  link?(from: string, to: string): Result;
  unlink?(path: string): Result;
  rename?(from: string, to: string): Result;
  /** Gives what the following get; nothing, or a negative number, where there is no directory. */
  opendir?(path: string): unknown;
  /** The next entry, an array as `ilistdir` gives it; nothing at the end. */
  readdir?(dir: unknown): DirEntry | undefined;
  /** Where `readdir` is, and back there; 0 is the beginning. */
  telldir?(dir: unknown): Result;
  seekdir?(dir: unknown, place: number): Result;
  closedir?(dir: unknown): Result;
  mkdir?(path: string, mode: number): Result;
  rmdir?(path: string): Result;
  /** `mode`: 4 to be read, 2 to be written, 1 to be executed, 0 to be there. */
  access?(path: string, mode: number): Result;
  truncate?(path: string, length: number): Result;
  ftruncate?(fd: number, length: number): Result;
  /** Times in seconds since 1970. */
  utime?(path: string, atime: number, mtime: number): Result;
  /**
   * Tells which of `events` (1 to be read, 2 to be written, 4 an error) hold of the file. Where `changed` is given, it is called when that
   * may have become different, once or again, until the function that this gives is called.
   */
  select?(fd: number, events: number, changed?: () => void): unknown;
}
