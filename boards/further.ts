/** Mounting what a board may have besides its own volume: cards, a ROM. Rarely used: a part to load on demand. */
import { type Extent, extentOf, openDevice } from '../modules/blockdev';
import { readBlocks } from '../modules/blockdev/blocks';
import { le32 } from '../modules/engine';
import { ENODEV, ENOENT, type VfsError } from '../modules/errno';
import type { BlockDevice } from '../modules/filesystem';
import { exists, mount } from '../modules/vfs';
import type { BoardDescription, BootReport, FurtherDevices, VolumeReport } from './boot';
import { mountedAt, tell } from './report';
import { loader } from './require';
import { errorText } from './trouble';

/** Partitions of a card as devices of their own, if it has several: the four of the table in block 0. */
function partitions(bdev: BlockDevice): BlockDevice[] {
  const found: BlockDevice[] = [];
  const dev = openDevice(bdev, 'boot', true);
  const block = new Uint8Array(dev._blockSize);
  if (dev._blockSize < 512 || readBlocks(dev, 0, block) || block[510] !== 0x55 || block[511] !== 0xaa) return found;
  for (let at = 446; at < 510; at += 16) {
    const type = block[at + 4];
    const start = le32(block, at + 8) >>> 0;
    const count = le32(block, at + 12) >>> 0;
    // What is no table: the code in a boot sector.
    if (block[at] & 127 || (type && start + count > dev._blockCount)) return [];
    // Extended partitions, and the one that stands for a GPT, carry no volume.
    if (start && count && type && type !== 5 && type !== 15 && type !== 0x85 && type !== 0xee) found.push(partition(bdev, start, count));
  }
  return found;
}

function partition(bdev: BlockDevice, start: number, count: number): BlockDevice {
  const device = bdev as Required<BlockDevice>;
  const size = (device.ioctl(5, 0) as number) || 512;
  const whole = extentOf(bdev);
  const from = whole[1] + start * size;
  const extent: Extent = [whole[0], from, from + count * size];
  const part: BlockDevice & { _extent: Extent } = {
    _extent: extent,
    readblocks: function (block: number, buf: Uint8Array): unknown {
      return device.readblocks(start + block, buf);
    },
    writeblocks: function (block: number, buf: Uint8Array): unknown {
      return device.writeblocks(start + block, buf);
    },
    progsize: device.progsize,
    // The others on the card go on when one is unmounted.
    ioctl: function (op: number, arg: number): unknown {
      return op === 2 ? 0 : op === 4 ? count : device.ioctl(op, arg);
    },
  };
  return part;
}

/**
 * Mounts each device at its name, further partitions of it at `/name2` and so on. What is not there is passed over; nothing is
 * ever formatted. A file `SKIPSD` on the board's own volume keeps cards out. Gives the directories of the scripts: where the
 * board's own volume is not the root, a card comes before it, also as working directory and for `require`.
 */
export function mountFurther(board: BoardDescription, further: FurtherDevices, boot: BootReport): string[] {
  const point = board.volumes[0].point;
  const root = point === '/' ? '' : point;
  const skip = exists(root + '/SKIPSD');
  const dirs = [root];
  const path = loader._path;
  for (const name in further) {
    const lower = name.toLowerCase();
    const card = lower.indexOf('sd') === 0;
    if (skip && card) continue;
    // Mounted already: taken as it is.
    let parts: (BlockDevice | undefined)[] = [undefined];
    const failures: unknown[] = [];
    try {
      if (mountedAt(board, '/' + lower) === undefined) {
        const bdev = further[name]();
        parts = partitions(bdev);
        if (parts.length < 2) parts = [bdev];
      }
    } catch (absent) {
      const errno = absent && (absent as VfsError).errno;
      if (errno === ENODEV || errno === ENOENT) continue;
      failures.push(absent);
    }
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      const row: VolumeReport = { point: '/' + lower + (i ? i + 1 : ''), device: name, fs: '', state: 'mounted', error: '' };
      try {
        if (failures.length) throw failures[0];
        if (part) mount(part, row.point, { readonly: lower === 'rom' });
        const first = root && card ? dirs.length - 1 : path.length;
        path.splice(first, 0, row.point + '/lib');
        if (root && card) dirs.splice(first, 0, row.point);
      } catch (unmountable) {
        row.state = 'failed';
        row.error = errorText(unmountable);
      }
      tell(board, boot, row);
    }
  }
  return dirs;
}
