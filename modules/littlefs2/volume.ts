/** The state of a volume, by what it is for; and the volume at work. */
import { type Device, running } from '../blockdev/device';
import { ECORRUPT, EDEADLK, vfsError } from '../contract/errno';

/** Options of `VfsLfs2` and `VfsLfs2.mkfs`, with MicroPython's names and defaults. */
export interface Lfs2Options {
  /**
   * Bytes of a block that `mkfs` makes, a multiple of the device's, which is the default. What is mounted has the blocks that its
   * superblock tells.
   */
  blocksize?: number;
  /** Smallest read in bytes; a divisor of the block size. Default 32; of a device that takes whole blocks one of these. */
  readsize?: number;
  /** Smallest program in bytes; a divisor of the block size, and a multiple of the device's `progsize`. Default 32, or that; of a device that takes whole blocks one of these. */
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

/** A metadata pair, scanned once: `mdir.ts`. `_a` is the valid block, `_b` its twin. */
export interface Mdir extends Pair {
  _rev: number;
  /** Where the log ends, and the running tag there. */
  _end: number;
  _tag: number;
  /** Whether the block is known to be erased from `_end`, so that a commit can be appended. */
  _erased: boolean;
  _count: number;
  _rows: Int32Array;
  /** Attributes but the time: id, type, offset << 10 | length, id, type, ... */
  _attrs: number[];
  _tail0: number;
  _tail1: number;
  /** 1 if the directory goes on in the tail (hard tail), 0 if the tail is only the thread's next pair. */
  _split: number;
  /** 1 if id 0 is the superblock entry. */
  _super: number;
  /** This pair's delta of the global state. */
  _delta: Int32Array;
}

/** What a change of a pair consists of: type, id and data of each tag in turn; an attribute goes where there is no data. */
export type Ops = (number | Uint8Array | undefined)[];

/** Bytes on their way into one erased block: gathered in a buffer, programmed in whole program units. */
export interface Stream {
  _buf: Uint8Array;
  _block: number;
  /** Where the next byte goes. */
  _at: number;
  /** How many bytes of the buffer are not programmed yet. */
  _fill: number;
  /** False from the first program that failed or did not read back; the buffer then still holds what it was. */
  _ok: boolean;
}

/** The stream into a metadata block, with the running tag and the CRC of the commit so far. */
export interface Log extends Stream {
  _tag: number;
  _crc: number;
}

/** An open file; `_a` and `_b` are the pair of its entry. */
export interface OpenFile extends Pair {
  _path: string;
  _writable: boolean;
  /** The id of its entry; -1 once it is closed, -2 if it got lost. */
  _id: number;
  /** Whether its content is not (or, for a reader, no longer) what its entry says. */
  _changed: boolean;
  /** Content of a small file; undefined for a CTZ list. */
  _inline: Uint8Array | undefined;
  /** Last block of the list. */
  _head: number;
  /** Size of the list or of the inline content, without what is being written. */
  _size: number;
  /** Whether what follows the content in its last block is erased: 1 yes, 0 perhaps, -1 its entry still names it, even if it reads so. */
  _clean: number;
  /** Index and block of list members found last, from the head down. */
  _seen: number[];
  /** The block being written: its index in the list (-1: none), the one before it, and the file position of the next byte. */
  _stream: Stream | undefined;
  _wIndex: number;
  _wPrev: number;
  _wPos: number;
  /** Its size, with what is being written. */
  size(): number;
  /** The second in which it was synced last, and where its time of modification lay then. */
  _second?: number;
  _timeAt?: number;
  /** Blocks that it has in common with the list that its entry names, from the first on: at most so many. */
  _shared: number;
}

/** Larger than any list: see `_shared`. */
export const SHARED_ALL = 0x7fffffff;

/** From the options and the device. */
interface Settings {
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
  /** What it is where blocks allow for it. */
  _cacheWanted: number;
  _tableBytes: number;
  /** Revisions after which a pair is moved to spread wear; 0 for never. */
  _cycles: number;
  _mtime: boolean;
  _lookahead: number;
}

/** From the superblock. */
interface Limits {
  /** Disk version, minor part. */
  _minor: number;
  _nameMax: number;
  _fileMax: number;
  _attrMax: number;
  /** Largest inline file that is written. */
  _inlineMax: number;
}

/** `operation.ts`: what is under way, for errors, and whether what is in RAM can be trusted. */
interface Operation {
  _mounted: boolean;
  _readonly: boolean;
  _operation: string;
  _path: string;
  /** An operation failed half-way: what is in RAM may differ from the disk and is read anew. */
  _stale: boolean;
  /** Counts the changes. */
  _changes: number;
}

/** `disk.ts`, the read window: `_w` holds `_wLen` bytes of block `_wBlock` from `_wOff`; `_own` is its buffer. */
interface Window {
  _own: Uint8Array;
  _w: Uint8Array;
  _wBlock: number;
  _wOff: number;
  _wLen: number;
}

/** `mdir.ts` and `tree.ts`: what is kept of the metadata. */
interface Known {
  /** Scanned pairs, last used first. */
  _mdirs: Mdir[];
  _files: OpenFile[];
  /** Where searches in long directories may begin, and how many pairs lie between two of them. */
  _marks: Int32Array;
  _markCount: number;
  /** Pairs are only looked at: their logs are read little by little, as nobody needs all of them. */
  _lean: boolean;
  /** How many pairs the search under way has passed. */
  _passed: number;
  _stride: number;
}

/**
 * Second results. A function called for each piece of a read or each name of a path would make an object for them, of 5
 * variables and more on Espruino.
 */
interface Results {
  /** Of `look` and `seek`: pair and id, of the entry or of the place where it would go, and its name. */
  _m: Mdir;
  _id: number;
  _name: Uint8Array;
  /** Of `ctzIndex`: the offset in the block. */
  _off: number;
}

/**
 * `mdir.ts`, `write.lazy.ts`: the global state (3 words: tag, pair) as wanted, as on disk, and the share of a pair that the
 * commit under way takes off the thread; and the number of possible orphans.
 */
interface GlobalState {
  _gstate: Int32Array;
  _gdisk: Int32Array;
  _gdropped: Int32Array;
  _orphans: number;
}

/** `write.lazy.ts`: a commit under way. */
interface Committing {
  _log: Log;
  /** For compaction: the block that the table's places are in, and what the change brings, whose places begin behind the block. */
  _source: number;
  _pending: Uint8Array;
  /** Blocks that come free with the change under way. */
  _gone: number[];
  /**
   * A CTZ list that will be free when the change under way is made: its last block, that one's index, and the index of the
   * first that will be free. Undefined when the bitmap is filled meanwhile, which may have found it free, and somebody may
   * have taken it.
   */
  _leaving: [block: number, index: number, end: number] | undefined;
}

/** `relocate.lazy.ts`: pairs on the move. */
interface Moving {
  /** The root's first pair, and one that the operation under way has in mind: these, like open files, follow a pair that is moved. */
  _root: Pair;
  _dir: Pair;
  /** The pairs that moved in the change under way, old and new blocks in turn: not everything names the new ones yet. */
  _moves: number[];
  /** The last block to which a pair was moved for wear since mounting, or NULL. */
  _place: number;
  /** A power cut may have left pairs that the thread names by what they were: until that is mended none is moved, which would be its second move. */
  _torn: number;
  /** Two pairs were relocated at once, and thread and tree may disagree: the thread has to be checked. */
  _repair: boolean;
}

/** `alloc.ts`, `free.lazy.ts`. */
interface Allocator {
  /** The bitmap of used blocks for a window of `_mapSize` from `_mapStart`, next bit, how many blocks came free before that, and how many were found free. */
  _map: Uint8Array;
  _mapStart: number;
  _mapSize: number;
  _mapNext: number;
  _mapBehind: number;
  _mapFound: number;
  /** What the operation under way took since its last checkpoint: from there on it is reachable. */
  _taken: number[];
  /** CTZ lists that came free: last block, its index, and the index of the first that is free. */
  _released: number[];
  /** Free blocks, or -1 where they have to be counted, as blocks came free, or may have. */
  _free: number;
}

export interface Volume extends Settings, Limits, Operation, Window, Known, Results, GlobalState, Committing, Moving, Allocator {}

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
