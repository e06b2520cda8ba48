import { type Device, running } from '../blockdev/device';
import { EDEADLK, vfsError } from '../contract/errno';

/** What the boot sector says of a volume; sectors are counted from the start of the volume. Made by `parseBoot`. */
export interface Geometry {
  /** Bytes of a sector, 2 to the power of `_shift`. */
  _sectorSize: number;
  _shift: number;
  /** Sectors, and bytes, of a cluster. */
  _perCluster: number;
  _clusterSize: number;
  /** Sectors in all. */
  _total: number;
  /** First sector of the FAT that is read; sectors of one FAT; the first sector of the first one, and how many there are. */
  _fatStart: number;
  _fatSize: number;
  _firstFat: number;
  _fats: number;
  /** Whether all FATs are kept the same. */
  _mirror: boolean;
  /** The fixed root directory of FAT12 and FAT16, in sectors. */
  _rootStart: number;
  _rootSectors: number;
  /** First cluster of the root directory; 0 stands for the fixed one. */
  _root: number;
  _dataStart: number;
  /** 12, 16 or 32. */
  _type: number;
  /** The highest cluster that exists. */
  _last: number;
  /** All bits of an entry: the end of a chain, with 7 below it. */
  _mask: number;
  /** Sector of FSInfo; 0 for none. */
  _fsInfo: number;
}

/** One sector in RAM. */
export interface Window {
  _buf: Uint8Array;
  /** -1: none. */
  _sector: number;
  _dirty: boolean;
}

/** A chain of clusters, and the place in it that was passed last. */
export interface Chain {
  /** 0 for an empty one. */
  _first: number;
  _index: number;
  _cluster: number;
  /** Whether it is named on the medium; if so, its end there, and the cluster added to it (0: none). */
  _linked: boolean;
  _linkFrom: number;
  _linkTo: number;
  /** The index up to which it was known to be no circle. */
  _checked: number;
  /** Of a file's, clusters at every `_step`th index that were passed, and the index of the next that will be remembered: `marks.lazy.ts`. */
  _marks: Uint32Array | undefined;
  _step: number;
  _mark: number;
}

/** Clusters between the first that are remembered of a long file. */
export const FIRST_STEP = 64;

/** An open file, as long as it is one of the volume's. */
export interface OpenFile extends Chain {
  _writable: boolean;
  /** Where its entry lies: sector and offset. */
  _sector: number;
  _at: number;
  _size: number;
  /** Whether it is one of the volume's. */
  _open: boolean;
  /** Whether the entry has to be written. */
  _changed: boolean;
  /** Whether the chain may be longer than the file. */
  _reserved: boolean;
}

/** Options of `VfsFat`. */
export interface FatOptions {
  /**
   * 1 to 4: a primary partition, 5 on: a logical one, or the number in a GPT; 0: the whole device. By default what the table, if it
   * is valid, says is a user's: see `docs/fat.md`.
   */
  partition?: number;
  /**
   * The code page of 8.3 names that have no long one, as MS-DOS and some cameras write them. Default 437, where the bundle
   * has it: on the host are the usual ones of one byte a character (437, 720 to 874, 1250 to 1258), on a device those in
   * `VfsFat.codePages`.
   */
  codepage?: number;
}

/** Options of `VfsFat.mkfs`. */
export interface FatFormat {
  /** 12, 16 or 32; by default what suits the size. */
  type?: number;
  /** Bytes of a cluster, a power of two of sectors. */
  clusterSize?: number;
  /** Up to 11 characters of ASCII. */
  label?: string;
  /** Whether to make a partition table with one partition. Default false. */
  partition?: boolean;
  /** Data (and the partition) begin at multiples of so many bytes, the size of an erase block. Default a sector. */
  align?: number;
}

/** For each number of a code page its upper 128 characters; U+FFFD where it has none. */
export interface CodePages {
  [page: number]: string;
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
  /** Whether something was written since the device was last synced. */
  _unsynced: boolean;
  /** Operation and path for errors. */
  _operation: string;
  _path: string;
  /** FAT, directories and FSInfo go through `_meta`, pieces of sectors of files through `_data`. */
  _meta: Window;
  _data: Window;
  /** The free clusters among those before `_upTo`, whether they were all counted here, and where the next search begins. */
  _free: number;
  _upTo: number;
  _counted: boolean;
  /** The number in FSInfo, kept up though not believed; -1 for none. */
  _told: number;
  _next: number;
  /** Whether FSInfo was written before the free clusters were all counted. */
  _owed: boolean;
  /** Whether the medium says that changes are under way, and whether it said so before they were ours. */
  _touched: boolean;
  _wasDirty: boolean;
  /** After a cut clusters may have two names: 1 until `mend` has looked, 2 where it could not; those that have, once for each name but one. */
  _doubt: number;
  _shared: number[];
  _files: OpenFile[];
  /** A file that was made, the entry of which is ready in `_entry` and the name but not written yet. */
  _made: OpenFile | undefined;
  /** Grows when a directory goes or moves: listings then look it up anew. */
  _epoch: number;
  /** The directory passed last. */
  _chain: Chain;
  /** A directory that a path must not lead into; -1 for none. */
  _forbid: number;
  /** A slot whose entry a look-up passes over; -1 for none. */
  _ignore: number;

  /** The code page asked for, and its upper half where it is known. */
  _codepage: number | undefined;
  _page: Uint16Array | undefined;

  /** A name in UTF-16, as `setName` or `scan` left it; its length, and that with the dots and spaces at its end. */
  _name: Uint16Array;
  _length: number;
  _full: number;
  /** Its 8.3 form, the NT bits, the number of long entries it needs, and whether the 8.3 form stands for another name: see `setName`. */
  _short: Uint8Array;
  _case: number;
  _parts: number;
  _tail: boolean;
  _lossy: boolean;
  /** There may be an entry of that name which only `findListed` knows. */
  _odd: boolean;

  /** Result of a look-up: the directory, slots of its first and of its 8.3 entry (-1 for the root itself), sector and offset, the entry's bytes. */
  _dir: number;
  _from: number;
  _slot: number;
  _sector: number;
  _at: number;
  _entry: Uint8Array;
  /** Whether the entry had a long name. */
  _long: boolean;
  /** After a look-up in vain: where the name would go, and the first slot never used. */
  _hole: number;
  _end: number;
  /** A name may lie in two sectors although it fits into one. */
  _spread: boolean;
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
