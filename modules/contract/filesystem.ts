/** The contract between the VFS and a file system. Users may write their own. */
import type { CheckOptions, Finding } from './check';

/** What FAT and exFAT keep of a file or directory. */
export interface Attributes {
  /** It cannot be written to, removed or replaced: EACCES. */
  readonly: boolean;
  hidden: boolean;
  system: boolean;
  /** It was changed since somebody who makes copies has taken this off. Every change sets it. */
  archive: boolean;
}

/** What `ilistdir` gives for each entry: name, type (`TYPE_DIR` or `TYPE_FILE`), inode (0), size in bytes; attributes if asked for, and there are such. */
export type DirEntry = [name: string, type: number, inode: number, size: number, attributes?: Attributes];

/** What to list. */
export interface ListOptions {
  /** Whether entries have a fifth item on file systems with attributes, FAT and exFAT: see `Attributes`. Default false. */
  attributes?: boolean;
}

/** MicroPython's 10-tuple: mode, inode, dev, nlink, uid, gid, size, atime, mtime, ctime; times in seconds since 1970. */
export type Stat = number[];

/** MicroPython's 10-tuple: bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax. */
export type StatVfs = number[];

/** Bits of `stat()[0]` and the type in `ilistdir`. */
export const TYPE_DIR = 0x4000;
export const TYPE_FILE = 0x8000;

/** An iterator object, as in ES2015; also usable without for-of. */
export interface DirIterator {
  next(): { done: boolean; value?: DirEntry };
}

/**
 * A file as a driver of ours supplies it: bytes at positions. The VFS puts text, lines, modes, the position and
 * closed-file errors on top. (A user's file system may as well return any object with `read`, `write`, `close`...,
 * which is handed to the script as it is.)
 */
export interface RawFile {
  /** Reads into `buf` from `pos`; gives how many bytes, less than asked only at the end of the file. */
  readAt(pos: number, buf: Uint8Array): number;
  /** Writes all of `buf` at `pos`; a gap before it reads as zeros. */
  writeAt(pos: number, buf: Uint8Array): void;
  /** The present length in bytes. */
  size(): number;
  /** How long it can get, in bytes: a seek beyond is EINVAL. Nothing where only the writes tell. */
  limit?: number;
  truncate(size: number): void;
  /** Takes room for so many bytes behind the end, which is given back by `close`. Only where a file system can: see `VfsFile`. */
  reserve?(bytes: number): void;
  /** All of the file where it lies, not to be written to. Only where a file system can: see `VfsFile`. */
  view?(): Uint8Array;
  /** Makes everything written so far survive a power cut. */
  sync(): void;
  /** Syncs and lets go. The handle is free also when this throws. */
  close(): void;
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
export interface VfsFile {
  /**
   * Reads `n` bytes, in text mode `n` characters (beyond U+FFFF one character is two units of a string), or all the rest
   * without `n` or with a negative one. Fewer, down to none, at the end of the file.
   * @throws EBADF if closed or not open for reading; EINVAL, TypeError for what is no whole number.
   */
  read(n?: number): string | Uint8Array;
  /**
   * Reads into `buf`, at most `n` bytes of it; gives how many, 0 at the end of the file.
   * @throws TypeError if `buf` is no Uint8Array or `n` no number; EINVAL if `n` is negative or not whole; EBADF if closed or
   *   not open for reading.
   */
  readinto(buf: Uint8Array, n?: number): number;
  /**
   * Reads up to and with the next `\n`; at the end of the file what there is, then nothing (`''`, or no bytes). Nothing
   * but `\n` ends a line, and nothing is translated.
   * @param n at most so many bytes (binary) or characters (text); a negative one is none
   * @throws EBADF if closed or not open for reading; EINVAL, TypeError for what is no whole number.
   */
  readline(n?: number): string | Uint8Array;
  /** All the lines that are left, each with its `\n`. @throws EBADF if closed or not open for reading. */
  readlines(): (string | Uint8Array)[];
  /**
   * Writes a string (as UTF-8) or bytes, in either mode, and gives the number of bytes. With `a` always at the end.
   * With one number at most so many bytes of them, with two from `offset` on at most `n`.
   * @throws EBADF if closed or not open for writing; ENOSPC if the volume is full; EFBIG; TypeError for other data; EINVAL,
   *   TypeError if a number is negative or not whole.
   */
  write(data: string | Uint8Array): number;
  write(data: string | Uint8Array, n: number): number;
  write(data: string | Uint8Array, offset: number, n: number): number;
  /**
   * Moves to byte `offset` from the start (`whence` 0, the default), from here (1) or from the end (2); gives the new
   * position. It may lie past the end: a write there fills the gap with zeros.
   * @throws EINVAL before the start, beyond what the file system can hold, not a whole number, or another whence; EBADF if
   *   closed; TypeError if not a number.
   */
  seek(offset: number, whence?: number): number;
  /** The position in bytes. @throws EBADF if closed. */
  tell(): number;
  /**
   * All bytes of the file where they lie, without copying: in the image of a ROMFS. They are not to be changed, and good as long as the
   * image is there.
   * @throws EOPNOTSUPP on other file systems, and where the file does not lie in one piece of memory; EBADF if closed or not open for
   *   reading. Source: MicroPython's `memoryview(file)`.
   */
  view(): Uint8Array;
  /**
   * Takes room for `bytes` bytes behind the end of the file, in one piece if there is one of that size, so that writing them waits for no
   * search. Size and content stay. What is not used when the file is closed or cut is given back; after a power cut it is room that a
   * check gives back.
   * @throws EBADF if closed or not open for writing; ENOSPC with nothing taken; EFBIG; EINVAL if negative or not whole; TypeError if not a
   *   number; EOPNOTSUPP on file systems other than FAT and exFAT.
   */
  reserve(bytes: number): void;
  /** Makes everything written so far survive a power cut. @throws EBADF if closed; ENOSPC, EIO. */
  flush(): void;
  /**
   * Cuts the file, or lengthens it with zeros, to `size` bytes, by default to the position, which stays; gives the size.
   * @throws EINVAL if negative or not whole; EBADF if closed or not open for writing; ENOSPC; EFBIG; TypeError if not a number.
   */
  truncate(size?: number): number;
  /** Syncs and closes. A second time does nothing. The file is closed also when this throws. @throws ENOSPC, EIO. */
  close(): void;
}

/**
 * A file system. Paths are absolute and normalised: they begin with `/`, and hold no `.`, `..` or `//`, nor a
 * trailing `/` but for the root. A method that is missing is EOPNOTSUPP.
 */
export interface FileSystem {
  mount?(readonly: boolean, mkfs: boolean): void;
  umount?(): void;
  /** `mode` is valid when it comes from the VFS: one of `r w a x`, and any of `+ b t`, in any order. */
  open?(path: string, mode: string): unknown;
  ilistdir?(path: string, options?: ListOptions): DirIterator | Iterable<DirEntry>;
  mkdir?(path: string): void;
  rmdir?(path: string): void;
  remove?(path: string): void;
  rename?(from: string, to: string): void;
  /** Its `rename` copies, and not over what is there: `writeFile` and `copy` write in place. */
  copies?: boolean;
  /** Makes `data` the content of a file, which may be missing, in one step for whoever reads it, across a power cut too. Where it is missing, `writeFile` renames. */
  replace?(path: string, data: Uint8Array): void;
  stat?(path: string): Stat;
  statvfs?(path: string): StatVfs;
  /** Sets the times of a file or directory, `[atime, mtime]` in seconds since 1970, fractions too; one that is not kept is passed over. */
  utime?(path: string, times: number[]): void;
  /** Makes everything of this volume survive a power cut. */
  sync?(): void;
}

/**
 * What a volume of ours has besides, as long as it is used by itself and not mounted; `open` gives a `VfsFile` then, and paths
 * may be relative.
 */
export interface Alone {
  listdir(path?: string): string[];
  chdir(path: string): void;
  getcwd(): string;
  /** Whether the medium has been read, and not been let go. @internal */
  _mounted: boolean;
}

/** Where on a device a volume may lie. Sectors are its blocks, or several of them if these are shorter than 512 bytes. @internal */
export interface Place {
  /** 0 for the whole device, else the number of the partition as Linux counts: MBR 1 to 4, logical ones from 5, entry of the GPT. */
  _number: number;
  /** First sector, and how many. */
  _start: number;
  _count: number;
  /** What the table says that it holds, if that is no user's volume. */
  _kind: string;
}

/** A kind of file system: what `addDriver` makes known to autodetection, and a board lists. */
export interface Driver {
  /** In reports. */
  name?: string;
  /** By which a mounted volume is known for one of this kind. What a board lists has it. */
  volume?: { prototype: FileSystem };
  /** Whether the medium carries this kind, however damaged. Reads only. */
  probe(bdev: BlockDevice): boolean;
  /** A new, unmounted file system over the device. */
  create(bdev: BlockDevice): FileSystem;
  /**
   * Makes an empty volume, whatever lies there. Absent where a bundle goes without; then `mount` with `mkfs` does.
   * @throws what the class of the volumes says of its options and of the device
   */
  mkfs?(bdev: BlockDevice, options?: object): void;
  /** Whole blocks are all that it asks of a device; and its `mkfs`, cut by the power, leaves no volume. */
  simple?: boolean;
  /**
   * Makes a volume anew so that the power may go at any moment: what is there is the old volume, or a mark at the beginning of block
   * 0 or 1, with which this is to be called again, or the new volume. Absent: there is no such promise.
   * @param mark 8 bytes that no volume begins with
   * @param make makes the volume on the device that it is given, and leaves it unmounted
   * @throws what `make` and the device throw; the mark stays then
   */
  remake?(bdev: BlockDevice, mark: Uint8Array, make: (disk: BlockDevice) => void): void;
  /**
   * Looks at a volume that is not mounted, and repairs it if asked to. Absent where a bundle goes without.
   * @returns what was found, empty for a sound volume
   * @throws ENODEV where there is none of this kind, ECORRUPT for one that cannot be looked at, and the device's errors
   */
  check?(bdev: BlockDevice, options?: CheckOptions): Finding[];
  /**
   * null: `addDriver` puts here what lets a volume of this kind be used without being mounted. The constructor calls it with
   * the volume, `mount` of which ends it.
   */
  alone?: ((fs: FileSystem & Alone) => void) | null | undefined;
  /** Puts on the class of the volumes what only scripts call: called before a script gets hold of one that the VFS has made. @internal */
  _reveal?: () => void;
  /** Whether it is made only of devices that take offsets and erases when a device is formatted that holds nothing: of others another kind is. @internal */
  _extended?: boolean;
  /** A kind that lies in partitions knows their tables: the places of the device in the order of their weight. @internal */
  places?: (bdev: BlockDevice) => Place[];
}

export type FileSystemType = Driver;

/**
 * A block device, MicroPython's protocol. A result of `undefined`, `null`, `0` or `false` is success, a negative
 * number is minus the errno, anything else is EIO.
 *
 * *Simple*: `readblocks(block, buf)` and `writeblocks(block, buf)`, whole blocks, writing erases what it needs to.
 * *Extended*: with `offset` (bytes from the start of `block`), which never erases, not even at offset 0; the caller
 * erases by `ioctl(6, block)`. A device is taken for simple if its `readblocks` and `writeblocks` declare two parameters;
 * one with a default (`offset = 0`) does not count as declared in JavaScript.
 * *Old*: without `ioctl`, with `count()` (512-byte blocks) and perhaps `sync()`.
 */
export interface BlockDevice {
  readblocks(block: number, buf: Uint8Array, offset?: number): unknown;
  writeblocks?(block: number, buf: Uint8Array, offset?: number): unknown;
  /** 1 init, 2 deinit, 3 sync, 4 block count, 5 block size (nothing means 512), 6 erase block `arg`. */
  ioctl?(op: number, arg: number): unknown;
  count?(): number;
  sync?(): unknown;
  /**
   * Bytes that the medium programs at once (1 for most NOR flash, more where it keeps error-correcting codes), if that is
   * known. A file system may then go on in a block behind what it synced, where its own program size is larger.
   */
  progsize?: number;
  /** What the medium holds instead of blocks of this device, for messages; '' or absent: nothing that it knows of. Asked when mounting has failed. */
  held?(): string;
  /** A read-only view of one block where the medium is memory-mapped. */
  map?(block: number): Uint8Array | undefined;
  /** A new array of `length` bytes of a block from `offset`, where the medium's own read makes one: none has to be copied. */
  readarray?(block: number, offset: number, length: number): Uint8Array | undefined;
}
