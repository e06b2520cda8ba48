import { EINVAL, EIO, EROFS, expect, vfsError } from '../errno';
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
  return !value ? 0 : (value as number) < 0 ? +value : -EIO;
}

/** `ioctl`; an old device has `count()`, and perhaps `sync()`, instead. */
function control(bdev: BlockDevice, op: number, arg: number): unknown {
  if (bdev.ioctl) return bdev.ioctl(op, arg);
  if (op === IOCTL_BLOCK_COUNT) return (bdev as Required<BlockDevice>).count();
  return op === IOCTL_SYNC && bdev.sync ? bdev.sync() : undefined;
}

/**
 * Initialises the device and asks for its geometry.
 * @param simple whole blocks are all that will be asked for: `ioctl(1, 0)`, else `ioctl(1, 1)`. Some flash devices show
 *   themselves in one way or the other (MicroPython's `pyb.Flash`)
 * @throws TypeError if it has no `readblocks`; EIO, or what it says, if it fails; EINVAL for an impossible geometry.
 */
export function openDevice(bdev: BlockDevice, operation: string, simple?: boolean): Device {
  expect(bdev && typeof bdev.readblocks === 'function' && (bdev.ioctl || bdev.count));
  const status = result(control(bdev, IOCTL_INIT, simple ? 0 : 1));
  if (status) throw vfsError(status, operation);
  let blockSize = control(bdev, IOCTL_BLOCK_SIZE, 0) as number | undefined | null;
  if (blockSize == null) blockSize = 512;
  const blockCount = control(bdev, IOCTL_BLOCK_COUNT, 0) as number;
  // The sum is a string if either is.
  if (!(blockSize > 0 && blockCount > 0) || typeof (blockSize + blockCount) !== 'number')
    throw vfsError(EINVAL, operation, '', 'bad geometry');
  return {
    _bdev: bdev,
    _blockSize: blockSize,
    _blockCount: blockCount,
    // Not two parameters each. A default (`offset = 0`) is not counted by `length`, so either method may tell.
    _extended: !!bdev.ioctl && bdev.readblocks.length + (bdev.writeblocks || bdev.readblocks).length !== 4,
  };
}

/** Whether such a piece of one block can be moved: 0 or minus an errno. */
function refusal(dev: Device, block: number, offset: number, length: number): number {
  return block >= 0 && block < dev._blockCount && offset >= 0 && offset + length <= dev._blockSize ? 0 : -EIO;
}

/** Reads `buf.length` bytes of one block from `offset`. */
export function readAt(dev: Device, block: number, offset: number, buf: Uint8Array): number {
  const bdev = dev._bdev;
  const length = buf.length;
  const refused = refusal(dev, block, offset, length);
  if (refused || dev._extended) return refused || result(bdev.readblocks(block, buf, offset));
  const whole = new Uint8Array(dev._blockSize);
  const status = result(bdev.readblocks(block, whole));
  buf.set(whole.subarray(offset, offset + length));
  return status;
}

/** Programs `buf` into one block at `offset`, without erasing. Extended devices only. */
export function progAt(dev: Device, block: number, offset: number, buf: Uint8Array): number {
  const bdev = dev._bdev;
  return bdev.writeblocks ? refusal(dev, block, offset, buf.length) || result(bdev.writeblocks(block, buf, offset)) : -EROFS;
}

/** Erases one block. Extended devices only. */
export function eraseBlock(dev: Device, block: number): number {
  const bdev = dev._bdev;
  return bdev.writeblocks ? refusal(dev, block, 0, 0) || result(control(bdev, IOCTL_BLOCK_ERASE, block)) : -EROFS;
}

/** A view of one block where the medium is memory-mapped. */
export function mapBlock(dev: Device, block: number): Uint8Array | undefined {
  const bdev = dev._bdev;
  return bdev.map && !refusal(dev, block, 0, 0) ? bdev.map(block) : undefined;
}

export function syncDevice(dev: Device): number {
  return result(control(dev._bdev, IOCTL_SYNC, 0));
}

export function closeDevice(dev: Device): number {
  return result(control(dev._bdev, IOCTL_DEINIT, 0));
}

function runRefusal(dev: Device, block: number, buf: Uint8Array): number {
  const blocks = buf.length / dev._blockSize;
  return refusal(dev, block, 0, 0) || (blocks % 1 || block + blocks > dev._blockCount ? -EIO : 0);
}

/** Reads whole blocks from `block` on. */
export function readBlocks(dev: Device, block: number, buf: Uint8Array): number {
  return runRefusal(dev, block, buf) || result(dev._bdev.readblocks(block, buf));
}

/** Writes whole blocks from `block` on, erasing what it needs to. */
export function writeBlocks(dev: Device, block: number, buf: Uint8Array): number {
  const bdev = dev._bdev;
  return bdev.writeblocks ? runRefusal(dev, block, buf) || result(bdev.writeblocks(block, buf)) : -EROFS;
}
