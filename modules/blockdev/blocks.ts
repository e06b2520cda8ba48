import { EIO, EROFS } from '../contract/errno';
import { call, type Device, refusal, result } from './device';

function runRefusal(dev: Device, block: number, buf: Uint8Array): number {
  const blocks = buf.length / dev._blockSize;
  return refusal(dev, block, 0, 0) || (blocks % 1 || block + blocks > dev._blockCount ? -EIO : 0);
}

/** Reads whole blocks from `block` on. */
export function readBlocks(dev: Device, block: number, buf: Uint8Array): number {
  return runRefusal(dev, block, buf) || result(call(dev._bdev, 'readblocks', block, buf));
}

/** Writes whole blocks from `block` on, erasing what it needs to. */
export function writeBlocks(dev: Device, block: number, buf: Uint8Array): number {
  const bdev = dev._bdev;
  return bdev.writeblocks ? runRefusal(dev, block, buf) || result(call(bdev, 'writeblocks', block, buf)) : -EROFS;
}
