/** A device of which one block is kept in RAM, to be written last. */
import type { BlockDevice } from '../contract/filesystem';
import { fill } from '../engine';
import { readBlocks, writeBlocks } from './blocks';
import { type Device, progAt } from './device';
import { readPiece } from './open';

/** The device, but for block `kept`, which is `ram`. Runs of blocks, without an offset, begin there or behind it. */
export function withhold(dev: Device, kept: number, ram: Uint8Array): BlockDevice {
  const size = ram.length;
  return {
    readblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      const from = offset || 0;
      let status = 0;
      if (offset === undefined) status = readBlocks(dev, block, buf);
      else if (block !== kept) status = readPiece(dev, block, from, buf);
      if (block === kept) buf.set(ram.subarray(from, from + buf.length));
      return status;
    },
    writeblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      if (block === kept) {
        ram.set(buf.subarray(0, size), offset || 0);
        return buf.length > size ? writeBlocks(dev, block + 1, buf.subarray(size)) : 0;
      }
      return offset === undefined ? writeBlocks(dev, block, buf) : progAt(dev, block, offset, buf);
    },
    ioctl: function (op: number, arg: number): unknown {
      if (op === 6 && arg === kept) fill(ram, 0xff);
      else if (op > 2) return (dev._bdev as Required<BlockDevice>).ioctl(op, arg);
      return 0;
    },
    progsize: dev._bdev.progsize,
  };
}
