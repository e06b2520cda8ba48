/** Blocks that are not those of the device, as littlefs may have them: a part that a device loads only where it meets them. */
import type { BlockDevice } from '../contract/filesystem';
import { decodeText, le32 } from '../engine';
import { call, control, type Device, type Extent, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE, result } from './device';
import { readPiece } from './open';

/** The largest block of a littlefs volume. */
const MOST = 0x80000;

/** A device in blocks that are made of those of another. */
interface Wide extends BlockDevice {
  _of: Device;
  _extent: Extent;
}

/** The device that a volume's device is made of, or it itself. */
export function innermost(dev: Device): Device {
  return (dev._bdev as Wide)._of || dev;
}

/**
 * The device in blocks of `size` bytes, each several of its own, which are read, programmed and erased one after the other. One that takes
 * whole blocks only is asked for whole blocks, and erases what it writes: of an erase it is told nothing.
 */
export function widen(dev: Device, size: number): Device {
  const own = dev._blockSize;
  const per = size / own;
  const count = Math.floor(dev._blockCount / per);
  const move = function (at: number, buf: Uint8Array, write: boolean): number {
    let status = 0;
    for (let done = 0, n = 0; done < buf.length && !status; done += n, at += n) {
      const block = Math.floor(at / own);
      const offset = at % own;
      n = buf.length - done;
      if (dev._extended) n = Math.min(n, own - offset);
      const piece = n < buf.length ? buf.subarray(done, done + n) : buf;
      // Bounds have been checked. The functions that check them would stay with a device, of which most never load this.
      status = result(call(dev._bdev, write ? 'writeblocks' : 'readblocks', block, piece, dev._extended ? offset : undefined));
    }
    return status;
  };
  const wide: Wide = {
    _of: dev,
    // As `extentOf` has it, likewise.
    _extent: (dev._bdev as Wide)._extent || [dev._bdev, 0, Infinity],
    progsize: dev._bdev.progsize,
    readblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      return move(block * size + (offset as number), buf, false);
    },
    ioctl: function (op: number, arg: number): unknown {
      let status = 0;
      if (op === IOCTL_BLOCK_COUNT) return count;
      if (op === IOCTL_BLOCK_SIZE) return size;
      if (op !== IOCTL_BLOCK_ERASE) return control(dev._bdev, op, arg);
      for (let k = 0; k < per && dev._extended && !status; k++) status = result(control(dev._bdev, op, arg * per + k));
      return status;
    },
  };
  if (dev._bdev.writeblocks)
    wide.writeblocks = function (block: number, buf: Uint8Array, offset?: number): number {
      return move(block * size + (offset as number), buf, true);
    };
  return { _bdev: wide, _blockSize: size, _blockCount: count, _extended: true };
}

/**
 * The block size that a superblock of littlefs tells, of which `mark` and `word` are where its name and that number lie: in the first block,
 * or if that is lost in the second, wherever that is. 0 where there is none.
 */
export function sizeOn(dev: Device, mark: number, word: number): number {
  const head = new Uint8Array(Math.max(mark + 8, word + 4));
  for (let at = 0; at <= MOST; at = at * 2 || dev._blockSize) {
    if (readPiece(dev, at / dev._blockSize, 0, head) || decodeText(head.subarray(mark, mark + 8)) !== 'littlefs') continue;
    const size = le32(head, word);
    if (!at || size === at) return size;
  }
  return 0;
}
