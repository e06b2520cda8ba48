import { type Extent, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE, placeOf } from '../../../modules/blockdev';
import { EINVAL } from '../../../modules/contract/errno';
import type { BlockDevice } from '../../../modules/contract/filesystem';
import { type NativeFlash, native } from '../native';
import type { PartitionInfo, PartitionOptions, PartitionQuery } from './table.lazy';
import * as tables from './table.lazy';

export type { PartitionOptions, PartitionQuery } from './table.lazy';

/** Flash is erased in sectors of this size. */
const SECTOR = 4096;

/** A partition of the flash chip as a block device, MicroPython's `esp32.Partition`. Never touches a byte outside it. */
export class Partition implements BlockDevice {
  static TYPE_APP = 0;
  static TYPE_DATA = 1;
  static BOOT = 0;
  static RUNNING = 1;

  /** The firmware merges the bytes of a word with what is there, and NOR flash takes that as often as one likes. */
  progsize = 1;
  private _entry: PartitionInfo;
  private _flash: NativeFlash;
  private _blockSize: number;
  /** @internal */
  _extent: Extent;

  /**
   * @param id the label, or `BOOT` or `RUNNING`: Espruino does not tell which application runs, so both are the first
   * application in the table
   * @throws ENOENT for an absent label, ENODEV without a chip or a table, ECORRUPT for a damaged one or a partition that
   * overlaps something or begins within a sector, EINVAL for one beyond the chip or an impossible block size;
   * TypeError for what is no id, and for options that are none
   */
  constructor(id: string | number | PartitionInfo, options?: PartitionOptions) {
    this._entry = tables.findPartition(native, id, options);
    this._blockSize = (options && options.blockSize) || SECTOR;
    this._flash = native.flash as NativeFlash;
    this._extent = [this._flash, this._entry[2], this._entry[2] + this._entry[3]];
  }

  /**
   * The partitions of `type` (applications by default), of any subtype and label unless given.
   * @throws as the constructor does
   */
  static find(type?: number, query?: PartitionQuery): Partition[] {
    return tables.openPartitions(native, type, query, Partition);
  }

  info(): PartitionInfo {
    return this._entry.slice() as PartitionInfo;
  }

  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    const at = placeOf(block, this._blockSize, offset, buf, this._entry[3]);
    if (at < 0) return -EINVAL;
    // Sector by sector: Flash.read makes a new array each time, which should stay small.
    for (let done = 0; done < buf.length; done += SECTOR) {
      const piece = buf.subarray(done, Math.min(done + SECTOR, buf.length));
      piece.set(this._flash.read(piece.length, (this._entry[2] + at + done) | 0) as Uint8Array);
    }
    return 0;
  }

  /** With an offset programs only; without, erases what it covers, and reads back whether it was written. */
  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    const at = placeOf(block, this._blockSize, offset, buf, this._entry[3]);
    if (at < 0) return -EINVAL;
    if (offset === undefined) return tables.rewrite(this._flash, this._entry[2] + at, buf, this._blockSize);
    this._flash.write(buf, (this._entry[2] + at) | 0);
    return 0;
  }

  readarray(block: number, offset: number, length: number): Uint8Array | undefined {
    const at = block * this._blockSize + +offset;
    return at >= 0 && length > 0 && at + length <= this._entry[3] ? this._flash.read(length, (this._entry[2] + at) | 0) : undefined;
  }

  ioctl(op: number, arg: number): number {
    const blockSize = this._blockSize;
    const count = Math.floor(this._entry[3] / blockSize);
    if (op === IOCTL_BLOCK_ERASE) {
      if (blockSize !== SECTOR || placeOf(arg, 1, 0, undefined, count) < 0) return -EINVAL;
      this._flash.erasePage((this._entry[2] + arg * SECTOR) | 0);
    }
    return op === IOCTL_BLOCK_COUNT ? count : op === IOCTL_BLOCK_SIZE ? blockSize : 0;
  }
}
