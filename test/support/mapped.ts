import type { BlockDevice } from '../../modules/contract/filesystem';

/**
 * A read-only device over bytes, filled up with 0xFF to whole blocks. Its `map` shows them where they are, or copies of single blocks,
 * or there is none.
 */
export function mappedDevice(bytes: Uint8Array, blockSize: number, kind: 'in place' | 'copies' | 'none' = 'in place'): BlockDevice {
  const all = new Uint8Array(Math.ceil(bytes.length / blockSize) * blockSize).fill(0xff);
  all.set(bytes);
  const at = (block: number, offset = 0) => block * blockSize + offset;
  const device: BlockDevice = {
    readblocks(block: number, buf: Uint8Array, offset?: number) {
      buf.set(all.subarray(at(block, offset), at(block, offset) + buf.length));
    },
    ioctl: (op: number) => (op === 4 ? all.length / blockSize : op === 5 ? blockSize : undefined),
  };
  if (kind === 'in place') device.map = (block) => all.subarray(at(block), at(block + 1));
  if (kind === 'copies') device.map = (block) => all.slice(at(block), at(block + 1));
  return device;
}
