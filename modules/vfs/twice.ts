/** Whether a device is mounted already. */
import { type Device, type Extent, extentOf, refuseRunning } from '../blockdev';
import { EBUSY, vfsError } from '../contract/errno';
import type { BlockDevice, FileSystem } from '../contract/filesystem';
import { mounts } from './mounts';

/** What is known of a volume of ours: its device, and for one in a partition its first block and sectors, which are so many blocks. */
interface Lying {
  _dev?: Device;
  _start?: number;
  _total?: number;
  _ratio?: number;
}

/** The device of a volume of ours, or that is to carry one. Nothing for a file system of a user's. */
function deviceOf(fs: FileSystem | BlockDevice): BlockDevice | undefined {
  const dev = (fs as Lying)._dev;
  return dev && dev._bdev ? dev._bdev : (fs as BlockDevice).readblocks ? (fs as BlockDevice) : undefined;
}

/** Where the volume lies on that device. */
function place(fs: FileSystem | BlockDevice, bdev: BlockDevice): Extent {
  const whole = extentOf(bdev);
  const volume = fs as Required<Lying>;
  // A volume that begins with its device has it all.
  if (!volume._dev || !volume._start) return whole;
  const size = volume._dev._blockSize;
  const from = whole[1] + volume._start * size;
  return [whole[0], from, from + volume._total * volume._ratio * size];
}

/**
 * @param before nothing was asked of the device yet, and nobody knows in which partition of it the volume will be
 * @throws EBUSY if what `fs` lies on is mounted elsewhere; EDEADLK in a method of the device itself
 */
export function refuseTwice(fs: FileSystem | BlockDevice, path: string, before: boolean): void {
  const bdev = deviceOf(fs);
  if (!bdev) return;
  const mine = place(fs, bdev);
  refuseRunning(bdev, 'mount', path);
  for (let i = 0; i < mounts.length; i++) {
    const theirs = deviceOf(mounts[i]._fs);
    if (!theirs) continue;
    const other = place(mounts[i]._fs, theirs);
    const apart = other[0] !== mine[0] || other[1] >= mine[2] || other[2] <= mine[1];
    const within = other[1] >= mine[1] && other[2] <= mine[2] && (other[1] > mine[1] || other[2] < mine[2]);
    if (!apart && !(before && within)) throw vfsError(EBUSY, 'mount', path, 'its device is mounted at ' + mounts[i]._path);
  }
}
