import { type Extent, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_SIZE, IOCTL_INIT, IOCTL_SYNC, placeOf } from '../../../modules/blockdev';
import { EINVAL, ENODEV, expect, vfsError } from '../../../modules/contract/errno';
import type { BlockDevice } from '../../../modules/contract/filesystem';
import { type NativeDisk, native } from './native';

/** A disk of Zephyr's disk access API, an SD card mostly, MicroPython's `zephyr.DiskAccess`. Simple protocol. */
export class DiskAccess implements BlockDevice {
  /** Names of the disks. */
  static disks: string[] = [];

  progsize: number;
  private _name: string;
  private _disk: NativeDisk;
  /** @internal */
  _extent: Extent;

  /** @throws ENODEV if there is no such disk, or what it fails with; EINVAL for one without a size */
  constructor(name: string) {
    expect(typeof name === 'string', 'name');
    this._name = name;
    this._extent = ['disk ' + name, 0, Infinity];
    const disk = open(name);
    if (typeof disk === 'number') throw vfsError(disk, 'DiskAccess', name);
    this._disk = disk;
    this.progsize = disk.sectorSize;
  }

  readblocks(block: number, buf: Uint8Array): number {
    return this._refuses(block, buf) ? -EINVAL : this._disk.read(block, buf);
  }

  writeblocks(block: number, buf: Uint8Array): number {
    return this._refuses(block, buf) ? -EINVAL : this._disk.write(block, buf);
  }

  ioctl(op: number): number | undefined {
    if (op === IOCTL_INIT) {
      // A card that was changed is another disk.
      const disk = open(this._name);
      if (typeof disk === 'number') return disk;
      this._disk = disk;
      this.progsize = disk.sectorSize;
      return 0;
    }
    const disk = this._disk;
    return op === IOCTL_SYNC
      ? disk.sync()
      : op === IOCTL_BLOCK_COUNT
        ? disk.sectorCount
        : op === IOCTL_BLOCK_SIZE
          ? disk.sectorSize
          : undefined;
  }

  private _refuses(block: number, buf: Uint8Array): boolean {
    const size = this._disk.sectorSize;
    return placeOf(block, size, 0, buf, size * this._disk.sectorCount) < 0 || !buf.length || buf.length % size !== 0;
  }
}

function open(name: string): NativeDisk | number {
  const disk = native.zephyr && native.zephyr.openDisk(name);
  if (!disk) return -ENODEV;
  return typeof disk !== 'number' && !(disk.sectorSize > 0 && disk.sectorCount > 0) ? -EINVAL : disk;
}
