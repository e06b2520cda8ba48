import { eraseBlock, openDevice, progAt, syncDevice } from '../blockdev';
import { writeBlocks } from '../blockdev/blocks';
import { EINVAL, expect, isWhole, type VfsError } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { fill } from '../engine';

/**
 * What lies behind MicroPython's `rom_ioctl`: `1` how many places there are; `2, id` the place, bytes or a block device; `3, id, length` or
 * `3, id, offset, length` erases so much of it and gives how many bytes are to be written at once; `4, id, offset, bytes` writes;
 * `5, id` ends that; `6, id` gives the bytes that are erased at once. Errors are given back, not thrown: minus the errno, -22 for a place,
 * an operation or a range that is not there.
 * @throws TypeError for what is no number where one has to be, and for no bytes to write
 */
export type RomIoctl = (op: number, id?: number, first?: number, second?: number | Uint8Array) => unknown;

/** A place for an image: memory, or a block device with an image at its beginning. */
export type RomPlace = Uint8Array | BlockDevice;

/** Erasing and writing: what has to be given back. */
function change(place: RomPlace, op: number, first: unknown, second: unknown): number {
  const bytes = place as Uint8Array;
  const dev = place instanceof Uint8Array ? undefined : openDevice(place, 'rom_ioctl');
  const total = dev ? dev._blockCount * dev._blockSize : bytes.length;
  const unit = dev ? dev._blockSize : 1;
  const data = second as Uint8Array;
  let offset = first as number;
  let length = second as number;
  let status = 0;
  if (op === 6) return unit;
  if (op === 5) return dev ? syncDevice(dev) : 0;
  if (op === 4) {
    expect(data instanceof Uint8Array, 'bytes');
    length = data.length;
  } else if (second === undefined) {
    length = offset;
    offset = 0;
  }
  expect(typeof offset === 'number' && typeof length === 'number', op === 4 ? 'offset' : 'length');
  const whole = op === 3 || (dev && !dev._extended) ? unit : 1;
  if (!isWhole(offset, 0, total) || !isWhole(length, 0, total - offset) || offset % whole || (op === 4 && length % whole)) return -EINVAL;
  if (!dev) {
    if (op === 4) bytes.set(data, offset);
    else fill(bytes.subarray(offset, offset + length), 0xff);
    return op === 4 ? 0 : 1;
  }
  if (op === 4 && !dev._extended) return writeBlocks(dev, offset / unit, data);
  for (let done = 0, n = 0; done < length && dev._extended && !status; done += n) {
    const block = Math.floor((offset + done) / unit);
    const at = (offset + done) % unit;
    n = Math.min(unit - at, length - done);
    status = op === 3 ? eraseBlock(dev, block) : progAt(dev, block, at, data.subarray(done, done + n));
  }
  return status || (op === 4 ? 0 : dev._extended ? (place as BlockDevice).progsize || 1 : unit);
}

/**
 * Makes MicroPython's `rom_ioctl` over the places that a board has for images of ROMFS.
 * @throws TypeError if they are no list of bytes and block devices
 * Source: MicroPython `vfs.rom_ioctl`. Differs: block devices too are erased and written by operations 3 to 6; a device with separate
 * erases is erased in whole blocks, its offset for 3 at the beginning of one.
 */
export function romIoctl(places: RomPlace[]): RomIoctl {
  expect(Array.isArray(places), 'places');
  for (let i = 0; i < places.length; i++)
    expect(places[i] && (places[i] instanceof Uint8Array || (places[i] as BlockDevice).readblocks), 'places');
  return function (op, id, first, second) {
    expect(typeof op === 'number', 'op');
    if (op === 1) return places.length;
    if (!isWhole(op, 2, 6)) return -EINVAL;
    expect(typeof id === 'number', 'id');
    if (!isWhole(id, 0, places.length - 1)) return -EINVAL;
    const place = places[id as number];
    if (op === 2) return place;
    try {
      return change(place, op, first, second);
    } catch (error) {
      const errno = error && (error as VfsError).errno;
      if (!errno) throw error;
      return -errno;
    }
  };
}
