/** A block device over a window of a simulated NOR chip, with the chip's faults and counters. */
import { IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE, placeOf } from '../../modules/blockdev';
import { EINVAL, EIO, expect, isWhole } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';
import type { NorFlash } from './nor';

/** Extended protocol; blocks are the chip's erase blocks. `map` works where the chip is memory-mapped. */
export class NorBlockDev implements BlockDevice {
  nor: NorFlash;
  progsize: number;
  private _start: number;
  private _size: number;
  private _count: number;

  /** @param start address of the window, on an erase block; @param blockCount its length, by default up to the end */
  constructor(nor: NorFlash, start?: number, blockCount?: number) {
    const geometry = nor.geometry;
    this.nor = nor;
    this.progsize = geometry.progSize;
    expect(start === undefined || isWhole(start, 0, geometry.size), 'start');
    expect(blockCount === undefined || isWhole(blockCount, 1, geometry.size), 'blockCount');
    this._start = start || 0;
    this._size = geometry.eraseSize;
    const fits = (geometry.size - this._start) / this._size;
    this._count = blockCount === undefined ? fits : blockCount;
    if (this._start % this._size || !(this._count > 0) || this._count > fits) throw new Error('NorBlockDev: impossible window');
  }

  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    const at = this._at(block, offset, buf);
    return at >= 0 ? this.nor.read(this._start + at, buf) : -EIO;
  }

  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    const at = this._at(block, offset, buf);
    if (at < 0) return -EIO;
    if (offset === undefined) {
      if (buf.length % this._size) return -EINVAL;
      for (let done = 0; done < buf.length; done += this._size) {
        const status = this.nor.erase(this._start + at + done);
        if (status) return status;
      }
    }
    return this.nor.program(this._start + at, buf);
  }

  ioctl(op: number, arg: number): number | undefined {
    if (op === IOCTL_BLOCK_COUNT) return this._count;
    if (op === IOCTL_BLOCK_SIZE) return this._size;
    if (op === IOCTL_BLOCK_ERASE) return this._at(arg, 0, undefined) >= 0 ? this.nor.erase(this._start + arg * this._size) : -EIO;
    return undefined;
  }

  map(block: number): Uint8Array | undefined {
    const at = this._at(block, 0, undefined);
    return at >= 0 ? this.nor.view(this._start + at, this._size) : undefined;
  }

  private _at(block: number, offset: number | undefined, piece: Uint8Array | undefined): number {
    return placeOf(block, this._size, offset, piece, this._count * this._size);
  }
}
