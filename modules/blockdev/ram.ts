import { whole } from '../contract/arguments';
import { EIO } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { fill } from '../engine';
import { IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE, placeOf } from './device';

/**
 * A block device in RAM, with the simple and the extended interface. Erased bytes read as 0xFF; a block takes memory
 * from its first write on. (A list of blocks: views on Espruino reach only 65,535 bytes into a buffer.)
 */
export class RAMBlockDev implements BlockDevice {
  progsize = 1;
  private _blocks: (Uint8Array | undefined)[] = [];
  private _size: number;
  private _count: number;

  /**
   * @param blockSize bytes in a block, 16 at least
   * @param numBlocks number of blocks
   * @throws TypeError if either is no number, EINVAL if it is no whole one
   */
  constructor(blockSize: number, numBlocks: number) {
    const where = { _operation: 'RAMBlockDev', _path: '' };
    this._size = whole(blockSize, 'blockSize', [16, 0x7fffffff], where);
    this._count = whole(numBlocks, 'numBlocks', [1, 0xffffffff], where);
    for (let i = 0; i < numBlocks; i++) this._blocks.push(undefined);
  }

  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    return this._move(block, buf, offset, false);
  }

  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    return this._move(block, buf, offset, true);
  }

  ioctl(op: number, arg: number): number | undefined {
    if (op === IOCTL_BLOCK_COUNT) return this._count;
    if (op === IOCTL_BLOCK_SIZE) return this._size;
    if (op === IOCTL_BLOCK_ERASE) {
      if (placeOf(arg, 1, 0, undefined, this._count) < 0) return -EIO;
      this._blocks[arg] = undefined;
      return 0;
    }
    return undefined;
  }

  private _move(number: number, buf: Uint8Array, start: number | undefined, write: boolean): number {
    const size = this._size;
    const at = placeOf(number, size, start, buf, size * this._count);
    if (at < 0) return -EIO;
    let block = Math.floor(at / size);
    let offset = at % size;
    for (let done = 0; done < buf.length; block++, offset = 0) {
      const n = Math.min(size - offset, buf.length - done);
      const piece = buf.subarray(done, done + n);
      let data = this._blocks[block];
      if (write && !data) {
        data = this._blocks[block] = new Uint8Array(size);
        if (n < size) fill(data, 0xff);
      }
      if (write) (data as Uint8Array).set(piece, offset);
      else if (data) piece.set(data.subarray(offset, offset + n));
      else fill(piece, 0xff);
      done += n;
    }
    return 0;
  }
}
