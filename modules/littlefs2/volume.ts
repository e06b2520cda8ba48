import { type Device, running } from '../blockdev/device';
import { ECORRUPT, EDEADLK, vfsError } from '../contract/errno';
import type { Lfs2File } from './file';
import type { Landmark, Mdir } from './mdir';
import type { Stream } from './stream';

/** Options of `VfsLfs2` and `VfsLfs2.mkfs`, with MicroPython's names and defaults. */
export interface Lfs2Options {
  /** Smallest read in bytes; a divisor of the block size. Default 32. */
  readsize?: number;
  /** Smallest program in bytes; a divisor of the block size, and a multiple of the device's `progsize`. Default 32, or that. */
  progsize?: number;
  /** Least size of the free-block bitmap in bytes (8 blocks each). Default 32; more is taken where the volume needs it, up to 1 kB. */
  lookahead?: number;
  /** Buffer per volume and per written file, in bytes. Default 4 times the larger of `readsize` and `progsize`, at most a block. */
  cachesize?: number;
  /** Bytes of parsed metadata kept between operations. Default 4096. */
  tables?: number;
  /** Rewrites of a metadata block before it is moved for wear levelling; 0 never moves. Default 100. */
  blockCycles?: number;
  /** Whether writing sets the time of modification (attribute 1). Default true. */
  mtime?: boolean;
  /** mkfs only: 0x00020001, or 0x00020000 for drivers older than littlefs 2.6. */
  diskVersion?: number;
}

/** The two blocks of a metadata pair. */
export interface Pair {
  _a: number;
  _b: number;
}

/** The state of a volume. */
export interface Volume {
  _dev: Device;
  /** Counts the calls of the device. */
  _calls: number;
  _blockSize: number;
  _blockCount: number;
  _readSize: number;
  _progSize: number;
  /** What the medium programs at once: where a file may go on behind what was synced. */
  _unit: number;
  _cacheSize: number;
  _tableBytes: number;
  /** Revisions after which a pair is moved to spread wear; 0 for never. */
  _cycles: number;
  _mtime: boolean;
  _lookahead: number;

  _mounted: boolean;
  _readonly: boolean;
  /** Disk version, minor part. */
  _minor: number;
  _nameMax: number;
  _fileMax: number;
  _attrMax: number;
  /** Largest inline file that is written. */
  _inlineMax: number;
  /** The root's first pair, and one that the operation under way has in mind: these, like open files, follow a pair that is moved. */
  _root: Pair;
  _dir: Pair;

  /** Operation and path for errors. */
  _operation: string;
  _path: string;
  /** An operation failed half-way: what is in RAM may differ from the disk and is read anew. */
  _stale: boolean;
  /** Counts the changes. */
  _changes: number;
  /** A power cut may have left pairs that the thread names by what they were: until that is mended none is moved, which would be its second move. */
  _torn: number;
  /** Two pairs were relocated at once, and thread and tree may disagree: the thread has to be checked. */
  _repair: boolean;

  /** The read window: `_w` holds `_wLen` bytes of block `_wBlock` from `_wOff`; `_own` is its buffer. */
  _own: Uint8Array;
  _w: Uint8Array;
  _wBlock: number;
  _wOff: number;
  _wLen: number;

  /** For compaction: the block that the table's places are in, and what the change brings, whose places begin behind the block. */
  _source: number;
  _pending: Uint8Array;

  /** The log being written, with its running tag and CRC. */
  _log: Stream;
  _logTag: number;
  _logCrc: number;

  /** The last block to which a pair was moved for wear since mounting, or NULL. */
  _place: number;
  /** Blocks that come free with the change under way. */
  _gone: number[];

  /** The pairs that moved in the change under way, old and new blocks in turn: not everything names the new ones yet. */
  _moves: number[];

  /** Scanned pairs, last used first. */
  _mdirs: Mdir[];
  _files: Lfs2File[];
  /** Where searches in long directories may begin. */
  _landmarks: Landmark[];
  /** How many pairs lie between two of them. */
  _stride: number;

  /**
   * Global state (3 words: tag, pair) as wanted, as on disk, and the share of a pair that the commit under way takes off
   * the thread; and the number of possible orphans.
   */
  _gstate: Int32Array;
  _gdisk: Int32Array;
  _gdropped: Int32Array;
  _orphans: number;

  /** Allocator: bitmap of used blocks for a window of `_mapSize` from `_mapStart`, next bit, how many blocks came free before that, and how many were found free. */
  _map: Uint8Array;
  _mapStart: number;
  _mapSize: number;
  _mapNext: number;
  _mapBehind: number;
  _mapFound: number;
  /** What the operation under way took since its last checkpoint. */
  _taken: number[];
  /**
   * A CTZ list, by its last block and that one's index, that will be free when the change under way is made; undefined when
   * the bitmap is filled meanwhile, which may have found it free, and somebody may have taken it.
   */
  _leaving: [block: number, index: number] | undefined;
  /** CTZ lists that came free: last block, its index, and the index of the first that is free. */
  _released: number[];
  /** Free blocks, or -1 where they have to be counted. */
  _free: number;

  /** Result of the last look-up: pair and id, of the entry or of the place where it would go, and its name. */
  _m: Mdir;
  _id: number;
  _name: Uint8Array;
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

/** For walks over what should be finite. */
export function limitSteps(steps: number): void {
  if (steps > fs._blockCount) fail(ECORRUPT);
}
