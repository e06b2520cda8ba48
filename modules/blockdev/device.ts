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
  return !value ? 0 : (value as number) < 0 ? +value : -EIO;
}

function control(bdev: BlockDevice, op: number, arg: number): unknown {
  if (bdev.ioctl) return bdev.ioctl(op, arg);
  if (op === IOCTL_BLOCK_COUNT && bdev.count) return bdev.count();
  return op === IOCTL_SYNC && bdev.sync ? bdev.sync() : undefined;
}

/**
 * Initialises the device (`ioctl(1, 1)`) and asks for its geometry.
 * @throws TypeError if it has no `readblocks`; EIO, or what it says, if it fails; EINVAL for an impossible geometry.
 */
export function openDevice(bdev: BlockDevice, operation: string): Device {
  if (!bdev || typeof bdev.readblocks !== 'function' || !(bdev.ioctl || bdev.count)) throw new TypeError(operation + ': no block device');
  const status = result(control(bdev, IOCTL_INIT, 1));
  if (status) throw vfsError(status, operation);
  const size = control(bdev, IOCTL_BLOCK_SIZE, 0) as number | undefined | null;
  const blockSize = size == null ? 512 : size;
  const blockCount = control(bdev, IOCTL_BLOCK_COUNT, 0) as number;
  // The sum is a string if either is.
  if (!(blockSize > 0 && blockCount > 0) || typeof (blockSize + blockCount) !== 'number')
    throw vfsError(EINVAL, operation, '', 'no block size or count');
  return {
    _bdev: bdev,
    _blockSize: blockSize,
    _blockCount: blockCount,
    // A default (`offset = 0`) is not counted by `length`, so either method may tell.
    _extended: !!bdev.ioctl && (bdev.readblocks.length !== 2 || (!!bdev.writeblocks && bdev.writeblocks.length === 3)),
  };
}

/** Why this piece of one block cannot be read or written: 0, or minus an errno. */
function refusal(dev: Device, block: number, offset: number, length: number, writes: boolean): number {
  return writes && !dev._bdev.writeblocks
    ? -EROFS
    : block >= 0 && block < dev._blockCount && offset >= 0 && offset + length <= dev._blockSize
      ? 0
      : -EIO;
}

/** Reads `buf.length` bytes of one block from `offset`. */
export function readAt(dev: Device, block: number, offset: number, buf: Uint8Array): number {
  const refused = refusal(dev, block, offset, buf.length, false);
  if (refused || dev._extended) return refused || result(dev._bdev.readblocks(block, buf, offset));
  const whole = buf.length < dev._blockSize ? new Uint8Array(dev._blockSize) : buf;
  const status = result(dev._bdev.readblocks(block, whole));
  if (whole !== buf) buf.set(whole.subarray(offset, offset + buf.length));
  return status;
}

/** Programs `buf` into one block at `offset`, without erasing. Extended devices only. */
export function progAt(dev: Device, block: number, offset: number, buf: Uint8Array): number {
  const bdev = dev._bdev as Required<BlockDevice>;
  return refusal(dev, block, offset, buf.length, true) || result(bdev.writeblocks(block, buf, offset));
}

/** Erases one block. Extended devices only. */
export function eraseBlock(dev: Device, block: number): number {
  return refusal(dev, block, 0, 0, true) || result(control(dev._bdev, IOCTL_BLOCK_ERASE, block));
}

/** Reads whole blocks from `block` on. */
export function readBlocks(dev: Device, block: number, buf: Uint8Array): number {
  return runRefusal(dev, block, buf, false) || result(dev._bdev.readblocks(block, buf));
}

/** Writes whole blocks from `block` on, erasing what it needs to. */
export function writeBlocks(dev: Device, block: number, buf: Uint8Array): number {
  const bdev = dev._bdev as Required<BlockDevice>;
  return runRefusal(dev, block, buf, true) || result(bdev.writeblocks(block, buf));
}

function runRefusal(dev: Device, block: number, buf: Uint8Array, writes: boolean): number {
  const blocks = buf.length / dev._blockSize;
  return refusal(dev, block, 0, 0, writes) || (blocks % 1 || block + blocks > dev._blockCount ? -EIO : 0);
}

export function syncDevice(dev: Device): number {
  return result(control(dev._bdev, IOCTL_SYNC, 0));
}

export function closeDevice(dev: Device): number {
  return result(control(dev._bdev, IOCTL_DEINIT, 0));
}

/** A view of one block where the medium is memory-mapped. */
export function mapBlock(dev: Device, block: number): Uint8Array | undefined {
  const bdev = dev._bdev;
  return bdev.map && !refusal(dev, block, 0, 0, false) ? bdev.map(block) : undefined;
}
