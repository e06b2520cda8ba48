import { fill } from '../engine';
import { EINVAL, EIO, vfsError } from '../errno';
import type { BlockDevice } from '../filesystem';
import { IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE } from './device';

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
   * @throws EINVAL if either is not a positive whole number
   */
  constructor(blockSize: number, numBlocks: number) {
    if (!(blockSize >= 16) || blockSize % 1 || !(numBlocks >= 1) || numBlocks % 1) throw vfsError(EINVAL, 'RAMBlockDev');
    this._size = blockSize;
    this._count = numBlocks;
    for (let i = 0; i < numBlocks; i++) this._blocks.push(undefined);
  }

  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    return this._move(block, buf, offset || 0, false);
  }

  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    return this._move(block, buf, offset || 0, true);
  }

  ioctl(op: number, arg: number): number | undefined {
    if (op === IOCTL_BLOCK_COUNT) return this._count;
    if (op === IOCTL_BLOCK_SIZE) return this._size;
    if (op === IOCTL_BLOCK_ERASE) {
      if (!(arg >= 0 && arg < this._count)) return -EIO;
      this._blocks[arg] = undefined;
      return 0;
    }
    return undefined;
  }

  private _move(block: number, buf: Uint8Array, offset: number, write: boolean): number {
    const size = this._size;
    block += Math.floor(offset / size);
    offset %= size;
    for (let done = 0; done < buf.length; block++, offset = 0) {
      if (!(block >= 0 && block < this._count)) return -EIO;
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
