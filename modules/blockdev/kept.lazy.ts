/** A device, but for one block that is kept in RAM: what a layout that may be cut off works on. */

import { fill } from '../engine';
import { leave, stay } from '../engine/stay';
import { readBlocks, writeBlocks } from './blocks';
import { control, type Device, IOCTL_BLOCK_ERASE, IOCTL_DEINIT, progAt } from './device';
import { readPiece } from './open';

export interface Keeping {
  _dev: Device;
  _kept: number;
  _ram: Uint8Array;
}

/** From here on, until `letGo`, it is used all the time. */
export function hold(): void {
  stay();
}

export function letGo(): void {
  leave();
}

/** Runs of blocks, without an offset, begin at the block or behind it. */
export function read(from: Keeping, block: number, buf: Uint8Array, offset: number | undefined): number {
  const at = offset || 0;
  let status = 0;
  if (offset === undefined) status = readBlocks(from._dev, block, buf);
  else if (block !== from._kept) status = readPiece(from._dev, block, at, buf);
  if (block === from._kept) buf.set(from._ram.subarray(at, at + buf.length));
  return status;
}

export function write(to: Keeping, block: number, buf: Uint8Array, offset: number | undefined): number {
  const size = to._ram.length;
  if (block !== to._kept) return offset === undefined ? writeBlocks(to._dev, block, buf) : progAt(to._dev, block, offset, buf);
  to._ram.set(buf.subarray(0, size), offset || 0);
  return buf.length > size ? writeBlocks(to._dev, block + 1, buf.subarray(size)) : 0;
}

export function ask(of: Keeping, op: number, arg: number): unknown {
  if (op === IOCTL_BLOCK_ERASE && arg === of._kept) fill(of._ram, 0xff);
  else if (op > IOCTL_DEINIT) return control(of._dev._bdev, op, arg);
  return 0;
}
