import { type Device, running } from '../blockdev/device';
import { ECORRUPT, EDEADLK, vfsError } from '../contract/errno';

/** Options of `VfsLfs1` and `VfsLfs1.mkfs`, with MicroPython's names and defaults. */
export interface Lfs1Options {
  /** Bytes of a block that `mkfs` makes, a multiple of the device's, which is the default. What is mounted has the blocks of its superblock. */
  blocksize?: number;
  /** Smallest read in bytes; a divisor of the block size, and a divisor or multiple of `progsize`. Default 32. */
  readsize?: number;
  /** Smallest program in bytes; a divisor of the block size, and a multiple of the device's `progsize`. Default 32, or that. */
  progsize?: number;
  /** Least size of the free-block bitmap in blocks; more is taken where the volume needs it, up to 8192. Default 32. */
  lookahead?: number;
  /** Taken for MicroPython's sake: the format has no times. */
  mtime?: boolean;
}

/** No block. */
export const NULL = -1;

/** Types of entries (SPEC.md, "Entries"), without the bit of those that are being moved. */
export const FILE = 0x11;
export const DIR = 0x22;
export const MOVED = 0x80;

/** A metadata pair as it was read (SPEC.md, "Directories / Metadata pairs"). Never changed: a commit makes a new one. */
export interface Mdir {
  /** The block that counts, and the other. */
  _a: number;
  _b: number;
  _rev: number;
  /** Whether the directory continues in the tail. */
  _split: boolean;
  _tail0: number;
  _tail1: number;
  /** The header and all entries. */
  _bytes: Uint8Array;
}

/** Bytes on their way into one erased block: gathered in a buffer, programmed in whole program units. */
export interface Stream {
  _buf: Uint8Array;
  _block: number;
  /** Where the next byte goes. */
  _pos: number;
  /** How many bytes of the buffer are not programmed yet. */
  _fill: number;
  /** False from the first program that failed or did not read back; the buffer then still holds what it was. */
  _ok: boolean;
}

/** What the allocator has to know of an open file. */
export interface OpenFile {
  _path: string;
  _writable: boolean;
  /** Whether its content is not (or, for a reader, no longer) what its entry says. */
  _changed: boolean;
  /** Last block and size of its list, without what is being written. */
  _head: number;
  _size: number;
  /** The block being written: its index in the list (-1: none), the one before it, and the file position of the next byte. */
  _stream: Stream | undefined;
  _wIndex: number;
  _wPrev: number;
  _wPos: number;
  sync(): void;
}

/** The state of a volume. */
export interface Volume {
  _dev: Device;
  _blockSize: number;
  _blockCount: number;
  _readSize: number;
  /** What the medium programs at once, and what the volume does. */
  _unit: number;
  _programs: number;
  _cacheSize: number;
  _lookahead: number;
  /** Pairs are not filled further than this, in bytes. */
  _pairMax: number;

  _mounted: boolean;
  _readonly: boolean;
  /** Disk version, minor part. */
  _minor: number;
  _nameMax: number;
  _root0: number;
  _root1: number;

  /** Operation and path for errors. */
  _operation: string;
  _path: string;
  /** A commit failed half-way: what is in RAM may differ from the disk and is read anew. */
  _stale: boolean;
  /** Whether thread and tree are known to agree, and nothing is half-moved. */
  _mended: boolean;

  /** The read window: `_w` holds `_wLen` bytes of block `_wBlock` from `_wOff`; `_own` is its buffer. */
  _own: Uint8Array;
  _w: Uint8Array;
  _wBlock: number;
  _wOff: number;
  _wLen: number;

  /** Pairs read, last used first. */
  _mdirs: Mdir[];
  /** Pairs that moved in the operation under way, old and new blocks in turn: not everything names the new ones yet. */
  _moves: number[];
  _files: OpenFile[];

  /** Allocator: bitmap of used blocks for a window of `_mapSize` from `_mapStart`, and the next bit. */
  _map: Uint8Array;
  _mapStart: number;
  _mapSize: number;
  _mapNext: number;
  /** What the operation under way took since its last checkpoint. */
  _taken: number[];
  /** Free blocks, or -1 where they have to be counted. */
  _free: number;

  /**
   * Result of the last look-up: the pair, and where the entry is in it, or the end of the directory; its name, and the first
   * pair with room for a new entry of that name.
   */
  _m: Mdir;
  _at: number;
  _name: Uint8Array;
  _roomy: Mdir;
  /** Whether look-ups find entries that have been moved away. */
  _seesMoved: boolean;
  /** Second result of `ctzIndex`: the offset in the block. */
  _off: number;
}

/**
 * The volume at work: every operation begins by setting it, and `device` puts it back after calls to a user's block
 * device, which may itself lie on another volume.
 */
export let fs: Volume;

/** @throws EDEADLK while the volume waits for its device, which has called this */
export function use(volume: Volume): void {
  if (running.indexOf(volume._dev._bdev) >= 0) throw vfsError(EDEADLK, volume._operation || 'use', volume._path);
  fs = volume;
}

/** Throws the coded error for the operation that is under way. */
export function fail(errno: number, detail?: string): never {
  throw vfsError(errno, fs._operation, fs._path, detail);
}

/** For walks over pairs, of which there are at most half as many as blocks. */
export function limitSteps(steps: number): void {
  if (steps * 2 > fs._blockCount) fail(ECORRUPT);
}
