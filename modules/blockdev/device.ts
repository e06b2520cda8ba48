import { EIO, EROFS, isWhole } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';

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

/** The sector of a device that was read last: of 512 bytes, or a block if that is larger. Nobody changes its bytes: it is not read again. */
export interface SectorWindow {
  _dev: Device;
  _buf: Uint8Array;
  /** -1: none. */
  _sector: number;
}

/** Bytes of a medium: two devices that share some are one. */
export type Extent = [medium: unknown, from: number, to: number];

/** A result as users' devices give it, made 0 or minus an errno. */
export function result(value: unknown): number {
  return value == null || value === 0 || value === false ? 0 : isWhole(value, -1e15, -1) ? (value as number) : -EIO;
}

/** Devices of which a method is running: what it calls must not use them, nor a volume on them. */
export const running: BlockDevice[] = [];

/** Calls a method of a device: all calls go through this. */
export function call(bdev: BlockDevice, method: string, a: unknown, b?: unknown, c?: unknown): unknown {
  const methods = bdev as unknown as Record<string, (a: unknown, b?: unknown, c?: unknown) => unknown>;
  let value: unknown;
  running.push(bdev);
  try {
    // A simple device is not given a third.
    value = c === undefined ? methods[method](a, b) : methods[method](a, b, c);
  } catch (error) {
    running.pop();
    throw error;
  }
  running.pop();
  return value;
}

/** `ioctl`; an old device has `count()`, and perhaps `sync()`, instead. */
export function control(bdev: BlockDevice, op: number, arg: number): unknown {
  if (bdev.ioctl) return call(bdev, 'ioctl', op, arg);
  if (op === IOCTL_BLOCK_COUNT) return call(bdev, 'count', 0);
  return op === IOCTL_SYNC && bdev.sync ? call(bdev, 'sync', 0) : undefined;
}

/**
 * For devices: where in their `total` bytes what a caller asks for lies, from their start; -1 if it does not lie there.
 * @param piece nothing stands for a whole block
 */
export function placeOf(
  block: number,
  blockSize: number,
  offset: number | undefined,
  piece: Uint8Array | undefined,
  total: number,
): number {
  const from = offset === undefined ? 0 : offset;
  const at = block * blockSize + from;
  // What is no number would be joined to an address as text.
  return isWhole(block, 0, total) &&
    isWhole(from, 0, total) &&
    at + (piece === undefined ? blockSize : piece instanceof Uint8Array ? piece.length : total + 1) <= total
    ? at
    : -1;
}

/** Whether such a piece of one block can be moved: 0 or minus an errno. */
export function refusal(dev: Device, block: number, offset: number, length: number): number {
  return block >= 0 && block < dev._blockCount && offset >= 0 && offset + length <= dev._blockSize ? 0 : -EIO;
}

/** Reads `buf.length` bytes of one block from `offset`. Extended devices only: see `readPiece`. */
export function readAt(dev: Device, block: number, offset: number, buf: Uint8Array): number {
  return refusal(dev, block, offset, buf.length) || result(call(dev._bdev, 'readblocks', block, buf, offset));
}

/** Programs `buf` into one block at `offset`, without erasing. Extended devices only. */
export function progAt(dev: Device, block: number, offset: number, buf: Uint8Array): number {
  const bdev = dev._bdev;
  return bdev.writeblocks ? refusal(dev, block, offset, buf.length) || result(call(bdev, 'writeblocks', block, buf, offset)) : -EROFS;
}

/** Erases one block. Extended devices only. */
export function eraseBlock(dev: Device, block: number): number {
  const bdev = dev._bdev;
  return bdev.writeblocks ? refusal(dev, block, 0, 0) || result(control(bdev, IOCTL_BLOCK_ERASE, block)) : -EROFS;
}

/** A view of one block where the medium is memory-mapped. */
export function mapBlock(dev: Device, block: number): Uint8Array | undefined {
  const bdev = dev._bdev;
  return bdev.map && !refusal(dev, block, 0, 0) ? (call(bdev, 'map', block) as Uint8Array | undefined) : undefined;
}

/** Bytes of one block without a buffer for them: all of it where the medium is memory-mapped, the piece where the device makes an array. */
export function viewAt(dev: Device, block: number, offset: number, length: number): Uint8Array | undefined {
  const bdev = dev._bdev;
  return (bdev.map ? call(bdev, 'map', block) : bdev.readarray && call(bdev, 'readarray', block, offset, length)) as Uint8Array | undefined;
}

export function syncDevice(dev: Device): number {
  return result(control(dev._bdev, IOCTL_SYNC, 0));
}
