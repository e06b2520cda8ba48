import { EINVAL, EIO, EROFS, vfsError } from '../errno';
import type { BlockDevice } from '../filesystem';

export const IOCTL_INIT = 1;
export const IOCTL_DEINIT = 2;
export const IOCTL_SYNC = 3;
export const IOCTL_BLOCK_COUNT = 4;
export const IOCTL_BLOCK_SIZE = 5;
export const IOCTL_BLOCK_ERASE = 6;

/** A block device made one: what file systems use. Bounds are checked here, once; results are 0 or minus an errno. */
export interface Device {
  _bdev: BlockDevice;
  _blockSize: number;
  _blockCount: number;
  /** Whether it takes offsets and separate erases. */
  _extended: boolean;
}

/** A result as users' devices give it, made 0 or minus an errno. */
function result(value: unknown): number {
  return !value ? 0 : typeof value === 'number' && value < 0 ? value : -EIO;
}

function control(bdev: BlockDevice, op: number, arg: number): unknown {
  if (bdev.ioctl) return bdev.ioctl(op, arg);
  if (op === IOCTL_BLOCK_COUNT && bdev.count) return bdev.count();
  if (op === IOCTL_SYNC && bdev.sync) return bdev.sync();
  return undefined;
}

/**
 * Initialises the device (`ioctl(1, 1)`) and asks for its geometry.
 * @throws TypeError if it has no `readblocks`; EIO, or what it says, if it fails; EINVAL for an impossible geometry.
 */
export function openDevice(bdev: BlockDevice, operation: string): Device {
  if (!bdev || typeof bdev.readblocks !== 'function') throw new TypeError(operation + ': a block device needs readblocks()');
  if (!bdev.ioctl && !bdev.count) throw new TypeError(operation + ': a block device needs ioctl() or count()');
  const status = result(control(bdev, IOCTL_INIT, 1));
  if (status) throw vfsError(status, operation, '', 'block device does not initialise');
  const size = control(bdev, IOCTL_BLOCK_SIZE, 0);
  const blockSize = size === undefined || size === null ? 512 : (size as number);
  const blockCount = control(bdev, IOCTL_BLOCK_COUNT, 0) as number;
  if (typeof blockSize !== 'number' || !(blockSize > 0) || typeof blockCount !== 'number' || !(blockCount > 0))
    throw vfsError(EINVAL, operation, '', 'block device gives no block size or count');
  // A default (`offset = 0`) is not counted by `length`, so either method may tell.
  const extended = !!bdev.ioctl && (bdev.readblocks.length !== 2 || (!!bdev.writeblocks && bdev.writeblocks.length === 3));
  return { _bdev: bdev, _blockSize: blockSize, _blockCount: blockCount, _extended: extended };
}

function inside(dev: Device, block: number, offset: number, length: number): boolean {
  return block >= 0 && block < dev._blockCount && offset >= 0 && offset + length <= dev._blockSize;
}

/** Reads `buf.length` bytes of one block from `offset`. */
export function readAt(dev: Device, block: number, offset: number, buf: Uint8Array): number {
  if (!inside(dev, block, offset, buf.length)) return -EIO;
  if (dev._extended) return result(dev._bdev.readblocks(block, buf, offset));
  if (buf.length === dev._blockSize) return result(dev._bdev.readblocks(block, buf));
  const whole = new Uint8Array(dev._blockSize);
  const status = result(dev._bdev.readblocks(block, whole));
  buf.set(whole.subarray(offset, offset + buf.length));
  return status;
}

/** Programs `buf` into one block at `offset`, without erasing. Extended devices only. */
export function progAt(dev: Device, block: number, offset: number, buf: Uint8Array): number {
  const bdev = dev._bdev;
  if (!bdev.writeblocks) return -EROFS;
  return inside(dev, block, offset, buf.length) ? result(bdev.writeblocks(block, buf, offset)) : -EIO;
}

/** Erases one block. Extended devices only. */
export function eraseBlock(dev: Device, block: number): number {
  if (!dev._bdev.writeblocks) return -EROFS;
  return inside(dev, block, 0, 0) ? result(control(dev._bdev, IOCTL_BLOCK_ERASE, block)) : -EIO;
}

/** Reads or writes whole blocks from `block` on; writing erases what it needs to. */
export function readBlocks(dev: Device, block: number, buf: Uint8Array): number {
  return insideRun(dev, block, buf) ? result(dev._bdev.readblocks(block, buf)) : -EIO;
}

export function writeBlocks(dev: Device, block: number, buf: Uint8Array): number {
  if (!dev._bdev.writeblocks) return -EROFS;
  return insideRun(dev, block, buf) ? result(dev._bdev.writeblocks(block, buf)) : -EIO;
}

function insideRun(dev: Device, block: number, buf: Uint8Array): boolean {
  return buf.length % dev._blockSize === 0 && inside(dev, block, 0, 0) && block + buf.length / dev._blockSize <= dev._blockCount;
}

export function syncDevice(dev: Device): number {
  return result(control(dev._bdev, IOCTL_SYNC, 0));
}

export function closeDevice(dev: Device): number {
  return result(control(dev._bdev, IOCTL_DEINIT, 0));
}

/** A view of one block where the medium is memory-mapped. */
export function mapBlock(dev: Device, block: number): Uint8Array | undefined {
  return dev._bdev.map && inside(dev, block, 0, 0) ? dev._bdev.map(block) : undefined;
}
