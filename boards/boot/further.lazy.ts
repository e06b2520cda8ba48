/** Mounting what a board may have besides its own volume: cards, a ROM. */
import { type Device, type Extent, extentOf, openDevice } from '../../modules/blockdev';
import { ENODEV, ENOENT, ENOSYS, type VfsError, vfsError } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { exists, mount } from '../../modules/vfs';
import * as detecting from '../../modules/vfs/detect.lazy';
import * as reports from './report.lazy';
import { loader } from './shared';
import * as trouble from './trouble.lazy';
import type { BoardDescription, BootReport, CardWiring, FurtherDevices, VolumeReport } from './types';

/** A partition of a card as a device of its own. */
interface Part {
  _bdev: BlockDevice;
  _number: number;
}

/** The user's partitions of a card, in the order of their weight; none if it has no valid table. */
function partitions(bdev: BlockDevice): Part[] {
  const found: Part[] = [];
  const places = detecting.placesOf(bdev);
  const dev = openDevice(bdev, 'boot', true);
  const unit = Math.max(512, dev._blockSize) / dev._blockSize;
  for (let i = 0; i < places.length && places[i]._number; i++) {
    const place = places[i];
    const start = place._start * unit;
    if (!place._kind)
      found.push({ _bdev: partition(dev, start, Math.min(place._count * unit, dev._blockCount - start)), _number: place._number });
  }
  return found;
}

function partition(dev: Device, start: number, count: number): BlockDevice {
  const bdev = dev._bdev as Required<BlockDevice>;
  const size = dev._blockSize;
  const whole = extentOf(bdev);
  const from = whole[1] + start * size;
  const part: BlockDevice & { _extent: Extent } = {
    _extent: [whole[0], from, from + count * size],
    readblocks: function (block: number, buf: Uint8Array): unknown {
      return bdev.readblocks(start + block, buf);
    },
    writeblocks: function (block: number, buf: Uint8Array): unknown {
      return bdev.writeblocks(start + block, buf);
    },
    progsize: bdev.progsize,
    // The others on the card go on when one is unmounted.
    ioctl: function (op: number, arg: number): unknown {
      return op === 2 ? 0 : op === 4 ? count : bdev.ioctl(op, arg);
    },
  };
  return part;
}

/** Opens a device: what may be mounted of it, itself at last. @throws ENODEV or ENOENT if it is not there */
function openParts(board: BoardDescription, name: string, open: (() => Partial<BlockDevice>) | CardWiring): Part[] {
  if (typeof open !== 'function' && !board._card) throw vfsError(ENOSYS, 'boot', name, 'no wiring in this bundle: a function');
  const bdev = (typeof open === 'function' ? open() : (board._card as (wiring: CardWiring) => unknown)(open)) as BlockDevice;
  // A file system that knows its card itself is mounted as it is.
  let parts = typeof bdev.readblocks === 'function' ? partitions(bdev) : [];
  // One volume is looked for where it is wherever a volume is.
  if (parts.length < 2) parts = [];
  parts.push({ _bdev: bdev, _number: 0 });
  return parts;
}

/** Whether there is such a file. A volume that cannot be read has none: its scripts will tell. */
function isThere(path: string): boolean {
  try {
    return exists(path);
  } catch (_unread) {
    return false;
  }
}

/**
 * Mounts each device at its name, further partitions of it that can be mounted at `/name2` and so on. What is not there is passed over; nothing is
 * ever formatted. A file `SKIPSD` on the board's own volume keeps cards out. Gives the directories of the scripts: where the
 * board's own volume is not the root, a card comes before it, also as working directory and for `require`.
 */
export function mountFurther(board: BoardDescription, further: FurtherDevices, boot: BootReport): string[] {
  const point = board.volumes[0].point;
  const root = point === '/' ? '' : point;
  const dirs = [root];
  const skip = isThere(root + '/SKIPSD');
  const path = loader._path;
  for (const name in further) {
    const lower = name.toLowerCase();
    const card = lower.indexOf('sd') === 0;
    const open = further[name] as (() => Partial<BlockDevice>) | CardWiring;
    if ((skip && card) || name === 'create' || name === 'fs' || name === 'safe') continue;
    if (typeof open !== 'function' && board._watch && (open.detect || open.poll)) {
      // What is not there comes later.
      board._watch('/' + lower, open);
      if (reports.mountedAt(board, '/' + lower) === undefined) continue;
    }
    // Mounted already: taken as it is.
    let parts: (Part | undefined)[] = [undefined];
    const failures: unknown[] = [];
    try {
      if (reports.mountedAt(board, '/' + lower) === undefined) parts = openParts(board, name, open);
    } catch (absent) {
      const errno = absent && (absent as VfsError).errno;
      if (errno === ENODEV || errno === ENOENT) continue;
      failures.push(absent);
    }
    const damaged: VolumeReport[] = [];
    let mounted = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      const number = part && part._number;
      const row: VolumeReport = { point: '/' + lower + (mounted ? mounted + 1 : ''), device: name, fs: '', state: 'mounted', error: '' };
      // The whole card only where no partition mounts: the error tells about each.
      if (mounted && !number) break;
      try {
        if (failures.length) throw failures[0];
        if (part) mount(part._bdev, row.point, { readonly: lower === 'rom' });
        const first = root && card ? dirs.length - 1 : path.length;
        path.splice(first, 0, row.point + '/lib');
        if (root && card) dirs.splice(first, 0, row.point);
        reports.tell(board, boot, row);
        mounted++;
      } catch (unmountable) {
        row.state = 'failed';
        row.error = (number ? 'partition ' + number + ': ' : '') + trouble.errorText(unmountable);
        // Another's format beside the user's is no failure.
        if (!number) reports.tell(board, boot, row);
        else if (!unmountable || (unmountable as VfsError).errno !== ENODEV) damaged.push(row);
      }
    }
    for (let k = 0; mounted && k < damaged.length; k++) {
      damaged[k].point = '/' + lower + (mounted + k + 1);
      reports.tell(board, boot, damaged[k]);
    }
  }
  return dirs;
}
