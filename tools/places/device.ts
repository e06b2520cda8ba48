import type { BlockDevice } from '../../modules/contract/filesystem';
import type { Medium } from './medium';

const EIO = 5;

/** Devices that somebody watches: what blocks are asked for. */
export interface MediumDevice extends BlockDevice {
  writeblocks(block: number, buf: Uint8Array, offset?: number): number;
}

/**
 * A block device over a medium, with offsets and separate erases; it erases to 0xFF, and is programmed as often as one likes.
 * @param blockCount by default the whole blocks that there are
 */
export function mediumDevice(medium: Medium, blockSize: number, blockCount = Math.floor(medium.size / blockSize)): MediumDevice {
  const end = blockCount * blockSize;
  const placed = (block: number, offset: number | undefined, length: number): number => {
    const at = block * blockSize + (offset ?? 0);
    return at >= 0 && at + length <= end ? at : -1;
  };
  return {
    readblocks: (block, buf, offset) => {
      const at = placed(block, offset, buf.length);
      if (at < 0) return -EIO;
      medium.read(at, buf);
      return 0;
    },
    writeblocks: (block, buf, offset) => {
      const at = placed(block, offset, buf.length);
      if (at < 0) return -EIO;
      medium.write(at, buf);
      return 0;
    },
    ioctl: (op, arg) => {
      if (op === 6) medium.write(arg * blockSize, new Uint8Array(blockSize).fill(0xff));
      return op === 4 ? blockCount : op === 5 ? blockSize : 0;
    },
  };
}
