/** Sectors of 512 bytes on a device of larger blocks, as a PC makes them for it: seldom wanted, and with mounting. */
import { type Device, type Extent, extentOf, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_SIZE, IOCTL_INIT } from '../blockdev';
import { readBlocks, writeBlocks } from '../blockdev/blocks';
import { control } from '../blockdev/device';
import type { BlockDevice } from '../contract/filesystem';

const SECTOR = 512;

/** The device in blocks of 512 bytes. A block of its own of which only a part is written is read, changed and written. */
export function narrow(dev: Device): Device {
  const per = dev._blockSize / SECTOR;
  const held = new Uint8Array(dev._blockSize);
  /** The block that `held` has. */
  let block = -1;
  function move(from: number, buf: Uint8Array, write: boolean): number {
    const total = buf.length / SECTOR;
    let status = 0;
    for (let done = 0, n = 0; done < total && !status; done += n) {
      const number = Math.floor((from + done) / per);
      const skip = (from + done) % per;
      const left = total - done;
      n = skip || left < per ? Math.min(per - skip, left) : left - (left % per);
      const piece = buf.subarray(done * SECTOR, (done + n) * SECTOR);
      const part = n < per;
      if (part && block !== number) {
        block = -1;
        status = readBlocks(dev, number, held);
        if (status) break;
        block = number;
      }
      if (write) {
        block = -1;
        if (part) held.set(piece, skip * SECTOR);
        status = writeBlocks(dev, number, part ? held : piece);
        if (part && !status) block = number;
      } else if (part) piece.set(held.subarray(skip * SECTOR, (skip + n) * SECTOR));
      else status = readBlocks(dev, number, piece);
    }
    return status;
  }
  const sectors: BlockDevice & { _extent: Extent } = {
    _extent: extentOf(dev._bdev),
    readblocks: function (from: number, buf: Uint8Array): number {
      return move(from, buf, false);
    },
    ioctl: function (op: number, arg: number): unknown {
      if (op === IOCTL_INIT) block = -1;
      return op === IOCTL_BLOCK_COUNT ? dev._blockCount * per : op === IOCTL_BLOCK_SIZE ? SECTOR : control(dev._bdev, op, arg);
    },
  };
  if (dev._bdev.writeblocks)
    sectors.writeblocks = function (from: number, buf: Uint8Array): number {
      return move(from, buf, true);
    };
  return { _bdev: sectors, _blockSize: SECTOR, _blockCount: dev._blockCount * per, _extended: false };
}
