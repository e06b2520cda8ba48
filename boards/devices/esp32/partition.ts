import { type Extent, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE, placeOf } from '../../../modules/blockdev';
import { EINVAL, EIO } from '../../../modules/contract/errno';
import type { BlockDevice } from '../../../modules/contract/filesystem';
import { equal } from '../../../modules/engine';
import { type NativeFlash, native } from './native';
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
    return this._move(block, buf, offset, false, false);
  }

  /** With an offset programs only; without, erases what it covers, and reads back whether it was written. */
  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    return this._move(block, buf, offset, true, offset === undefined);
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

  private _move(block: number, buf: Uint8Array, offset: number | undefined, write: boolean, erase: boolean): number {
    const flash = this._flash;
    const start = placeOf(block, this._blockSize, offset, buf, this._entry[3]);
    const total = buf.length;
    if (start < 0 || (erase && total % this._blockSize)) return -EINVAL;
    // Sector by sector: Flash.read makes a new array each time, which should stay small.
    for (let done = 0; done < total; ) {
      let addr = (this._entry[2] + start + done) | 0;
      const skip = addr % SECTOR;
      const n = Math.min(SECTOR - skip, total - done);
      let piece = buf.subarray(done, done + n);
      if (!write) piece.set(flash.read(n, addr) as Uint8Array);
      else {
        if (erase) {
          addr -= skip;
          if (n < SECTOR) {
            piece = flash.read(SECTOR, addr) as Uint8Array;
            piece.set(buf.subarray(done, done + n), skip);
          }
          flash.erasePage(addr);
        }
        flash.write(piece, addr);
        if (erase && !equal(flash.read(SECTOR, addr) as Uint8Array, piece)) return -EIO;
      }
      done += n;
    }
    return 0;
  }
}
