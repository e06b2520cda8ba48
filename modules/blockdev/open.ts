/** What is done with a device before and after its use: a part that a device loads on demand. */
import { EDEADLK, EINVAL, expect, isWhole, vfsError } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import {
  call,
  control,
  type Device,
  type Extent,
  IOCTL_BLOCK_COUNT,
  IOCTL_BLOCK_SIZE,
  IOCTL_DEINIT,
  IOCTL_INIT,
  readAt,
  refusal,
  result,
  running,
} from './device';

/** Where a device lies. Those of ours that may be made several times say it; any other is a medium of its own. */
export function extentOf(bdev: BlockDevice): Extent {
  return (bdev as { _extent?: Extent })._extent || [bdev, 0, Infinity];
}

/** Before a device is used. @throws EDEADLK where the device itself has called */
export function refuseRunning(bdev: BlockDevice, operation: string, path: string): void {
  if (running.indexOf(bdev) >= 0) throw vfsError(EDEADLK, operation, path);
}

/** Whether a device is an extended one: whether its methods have other than two parameters each. @throws TypeError for what is no device */
export function takesOffsets(bdev: BlockDevice): boolean {
  expect(bdev && typeof bdev.readblocks === 'function' && (bdev.ioctl || bdev.count), 'bdev');
  // A default (`offset = 0`) is not counted by `length`, so either method may tell.
  return !!bdev.ioctl && bdev.readblocks.length + (bdev.writeblocks || bdev.readblocks).length !== 4;
}

/**
 * Initialises the device and asks for its geometry.
 * @param simple whole blocks are all that will be asked for: `ioctl(1, 0)`, else `ioctl(1, 1)`. Some flash devices show
 *   themselves in one way or the other (MicroPython's `pyb.Flash`)
 * @throws TypeError if it has no `readblocks`; EDEADLK for the device that calls this; EIO, or what it says, if it fails; EINVAL for an impossible geometry.
 */
export function openDevice(bdev: BlockDevice, operation: string, simple?: boolean): Device {
  const extended = takesOffsets(bdev);
  refuseRunning(bdev, operation, '');
  const status = result(control(bdev, IOCTL_INIT, simple ? 0 : 1));
  if (status) throw vfsError(status, operation);
  let blockSize = control(bdev, IOCTL_BLOCK_SIZE, 0) as number | undefined | null;
  if (blockSize == null) blockSize = 512;
  const blockCount = control(bdev, IOCTL_BLOCK_COUNT, 0) as number;
  if (!isWhole(blockSize, 1, 1e15) || !isWhole(blockCount, 1, 1e15))
    throw vfsError(EINVAL, operation, '', 'bad geometry: ' + blockCount + ' blocks of ' + blockSize);
  return {
    _bdev: bdev,
    _blockSize: blockSize,
    _blockCount: blockCount,
    _extended: extended,
  };
}

/** Reads `buf.length` bytes of one block from `offset`; if need be, from the whole block. */
export function readPiece(dev: Device, block: number, offset: number, buf: Uint8Array): number {
  const length = buf.length;
  const refused = refusal(dev, block, offset, length);
  if (refused || dev._extended) return refused || readAt(dev, block, offset, buf);
  const whole = new Uint8Array(dev._blockSize);
  const status = result(call(dev._bdev, 'readblocks', block, whole));
  buf.set(whole.subarray(offset, offset + length));
  return status;
}

export function closeDevice(dev: Device): number {
  return result(control(dev._bdev, IOCTL_DEINIT, 0));
}
