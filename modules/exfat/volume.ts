import { type Device, running } from '../blockdev/device';
import { EDEADLK, vfsError } from '../contract/errno';
import type { RawFile } from '../contract/filesystem';

/** What the boot sector says of a volume; sectors are counted from the start of the volume. Made by `parseBoot`. */
export interface Geometry {
  _sectorSize: number;
  /** Sectors, and bytes, of a cluster. */
  _perCluster: number;
  _clusterSize: number;
  /** Sectors in all. */
  _total: number;
  /** First sector of the FAT that counts, which of the two it is, and the first sector of the cluster heap. */
  _fatStart: number;
  _active: number;
  _heap: number;
  /** The highest cluster that exists. */
  _last: number;
  /** First cluster of the root directory. */
  _root: number;
}

/** One sector in RAM. */
export interface Window {
  _buf: Uint8Array;
  /** -1: none. */
  _sector: number;
  _dirty: boolean;
}

/** The clusters of a file or directory, and the place in them that was passed last. */
export interface Chain {
  /** 0 for none. */
  _first: number;
  /** They lie one behind the other, and the FAT says nothing of them (NoFatChain). */
  _contiguous: boolean;
  /** How many there are; of the root directory `Infinity` until its end was seen. */
  _count: number;
  _index: number;
  _cluster: number;
  /** A cluster passed before, and its index: who comes by it again goes in a circle (Brent). */
  _seen: number;
  _seenAt: number;
  /** Every `_step`th cluster from the first on, as far as `_known` of them were passed. */
  _marks: Uint32Array | undefined;
  _known: number;
  _step: number;
  /** Of a directory: the one that names it (none for the root), and the slot of its entry set there. */
  _up: Chain | undefined;
  _slot: number;
}

/** An open file. */
export interface OpenFile extends RawFile, Chain {
  _fs: Volume;
  _path: string;
  _writable: boolean;
  /** Where its File entry lies: sector and offset. */
  _sector: number;
  _at: number;
  /** DataLength and ValidDataLength: behind the latter all reads as zeros. */
  _size: number;
  _valid: number;
  /** Whether the entry set has to be written. */
  _changed: boolean;
  /** Whether it may have more clusters than its size tells. */
  _reserved: boolean;
}

/** The state of a volume. */
export interface Volume extends Geometry {
  _dev: Device;
  /** The partition asked for; undefined: what there is. */
  _partition: number | undefined;
  /** First block of the volume on the device, and blocks of a sector. */
  _start: number;
  _ratio: number;
  _mounted: boolean;
  _readonly: boolean;
  /** Whether `mount` may format only what the SD Association has exFAT for. */
  _modest: boolean;
  /** Operation and path for errors. */
  _operation: string;
  _path: string;
  /** Directories, the FAT and the boot sector go through `_meta`, the allocation bitmap through `_map`, pieces of sectors of files through `_data`. */
  _meta: Window;
  _map: Window;
  _data: Window;
  /** First sector of the allocation bitmap. */
  _bitmap: number;
  /** The up-case table: its chain, its length in bytes, 0 for the recommended one; and what it says beyond that: units and their capitals, in turn. */
  _table: Chain | undefined;
  _tableBytes: number;
  _capitals: Uint16Array | undefined;
  /** The free clusters, -1 while they were not counted, and where the next search begins. */
  _free: number;
  _next: number;
  /** Whether the medium says that changes are under way, and whether it said so before they were ours: then nothing is freed. */
  _touched: boolean;
  _wasDirty: boolean;
  /** After a cut clusters may have two names: 1 until `mend` has looked, 2 where it could not; the first clusters of files that have. */
  _doubt: number;
  _shared: number[];
  _files: OpenFile[];
  /** Grows when a directory goes, moves or grows: listings then look it up anew. */
  _epoch: number;
  /** The first cluster of a directory that a path must not lead into; -1 for none. */
  _forbid: number;
  /** A slot whose entry set a look-up passes over; -1 for none. */
  _ignore: number;

  /** A name in UTF-16, and in capitals; its length, and that without the dots and spaces at its end; its hash. */
  _name: Uint16Array;
  _upper: Uint16Array;
  _length: number;
  _bare: number;
  _hash: number;

  /** The root directory. */
  _top: Chain;
  /** Result of a look-up: the directory, the slot (-1 for the root itself), sector and offset of the File entry, the number of secondary entries, all bytes. */
  _dir: Chain;
  _slot: number;
  _sector: number;
  _at: number;
  _count: number;
  _set: Uint8Array;
  /** After a look-up in vain: where the name would go, and the first slot never used. */
  _hole: number;
  _end: number;
}

/**
 * The volume at work: every operation begins by setting it, and it is put back after calls to a user's block device, which
 * may itself lie on another volume.
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
