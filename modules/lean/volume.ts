/** The state of the one volume that is mounted, and how an operation fails. */
import { vfsError } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';

export const NOTHING = new Uint8Array(0);

/** Bytes on their way into an erased block, from `_at` on: gathered in a buffer. */
export interface Stream {
  _block: number;
  _at: number;
  _buf: Uint8Array;
  _fill: number;
}

/** An open file. */
export interface LeanFile {
  /** The directory it is in, and its name there. */
  _dir: number[];
  _name: Uint8Array;
  _path: string;
  /** 0 once closed. */
  _bits: number;
  _pos: number;
  /** Its content where that is in its entry; else a list: last block and size. */
  _data: Uint8Array | undefined;
  _head: number;
  _size: number;
  /** Whether its entry says something else. */
  _changed: boolean;
  /** A change of it has failed half-way: it is what its entry says. */
  _torn: boolean;
  /** The block of a list that is written, its index, the block before it, and where in the file the next byte goes. */
  _stream: Stream | undefined;
  _index: number;
  _before: number;
  _at: number;
}

/** What is known of the volume. Blocks are numbers of 32 bits, NULL where there is none. */
export interface LeanVolume {
  /** Undefined: none is mounted. */
  _bdev: BlockDevice | undefined;
  _readonly: boolean;
  /** Bytes of a block, blocks of the volume, what the device programs at once. */
  _size: number;
  _blocks: number;
  _unit: number;
  /** Disk version, minor part. */
  _minor: number;
  _nameMax: number;
  _fileMax: number;
  /** Root directory. */
  _root: number[];
  /** The window on block `_wBlock` from `_wOff`, for words. */
  _w: Uint8Array;
  _wBlock: number;
  _wOff: number;

  /** The metadata pair that was read last: its valid block, or NULL, and its twin. */
  _a: number;
  _b: number;
  /** The block that its data is read from. */
  _source: number;
  _rev: number;
  /** Where the log ends, and the running tag there. */
  _end: number;
  _tag: number;
  /** Its entries, two words each: `table.ts`. */
  _rows: Int32Array;
  _count: number;
  /** User attributes in turn: type << 10 | id, place. */
  _attrs: number[];
  /** The next pair, and whether it belongs to the same directory. */
  _tail: number[];
  _split: number;
  /** Its share of the global state. */
  _delta: number[];
  /** Entry that is moving elsewhere and no longer counts, -1 for none. */
  _hidden: number;
  /** How many pairs were passed since `fetch`. */
  _steps: number;

  /** The global state as it is wanted, and as it is on the disk: orphans and move, pair. */
  _state: number[];
  _disk: number[];
  /** A commit has failed half-way: what the disk has is not known. */
  _stale: boolean;

  /** A bit for each block that is in use, undefined until it is wanted; where to look next, how many are free. */
  _map: Uint8Array | undefined;
  _next: number;
  _free: number;

  _files: LeanFile[];
  /** The operation at hand and its path, for errors. */
  _operation: string;
  _path: string;
}

export const NULL = -1;

export const v: LeanVolume = {
  _bdev: undefined,
  _readonly: false,
  _size: 0,
  _blocks: 0,
  _unit: 1,
  _minor: 1,
  _nameMax: 255,
  _fileMax: 0,
  _root: [0, 1],
  _w: NOTHING,
  _wBlock: 0,
  _wOff: 0,
  _a: NULL,
  _b: NULL,
  _source: NULL,
  _rev: 0,
  _end: 0,
  _tag: 0,
  _rows: new Int32Array(0),
  _count: 0,
  _attrs: [],
  _tail: [],
  _split: 0,
  _delta: [],
  _hidden: -1,
  _steps: 0,
  _state: [0, 0, 0],
  _disk: [0, 0, 0],
  _stale: false,
  _map: undefined,
  _next: 0,
  _free: 0,
  _files: [],
  _operation: '',
  _path: '',
};

/** Throws the coded error for the operation at hand. What is in RAM of the pair may be half of a change. */
export function fail(errno: number, detail?: string): never {
  v._a = NULL;
  throw vfsError(errno, v._operation, v._path, detail);
}
