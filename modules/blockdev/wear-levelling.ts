import { optionsOf } from '../contract/arguments';
import { EINVAL, EIO, vfsError } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { control, type Extent, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_SIZE, IOCTL_DEINIT, IOCTL_INIT } from './device';
import { closeDevice, extentOf, openDevice } from './open';
import { load } from './wear-load';
import { physical, put, readBytes, SECTOR, type Wear } from './wear-move';
import { prepare } from './wear-state';

/** Options of `WearLevelling`. */
export interface WearOptions {
  /**
   * Sectors of 512 bytes, as a firmware has them that was built with `CONFIG_WL_SECTOR_SIZE=512`: `perf` writes the 4096 bytes around
   * one anew, `safe` keeps a copy of them until that is done. By default what the volume on it says; without one, sectors of 4096.
   */
  mode?: 'perf' | 'safe';
}

export interface WearLevelling extends Wear {
  /** @internal */
  _extent: Extent;
}

/**
 * The wear levelling of ESP-IDF, under the FAT of `FFat` in Arduino and of `esp_vfs_fat_spiflash_mount`: one spare sector of 4096 wanders
 * through the partition, and with it everything that it passes. What it writes ESP-IDF reads. A partition without state, as it is before
 * ESP-IDF first mounts it, gets one with the first write.
 *
 * A cut of power leaves the sector that was being written torn (of 4096 bytes, with `safe` none: it is the old or the new one), and no
 * other.
 */
export class WearLevelling implements BlockDevice {
  declare writeblocks?: (block: number, buf: Uint8Array) => number;
  /** Blocks are written as a whole. */
  progsize: number;

  /**
   * @param bdev a partition, in blocks that divide 4096
   * @throws EINVAL for another geometry, or wear levelling of another version; ECORRUPT if both copies of its state are damaged; EIO, and
   *   what the device says
   */
  constructor(bdev: BlockDevice, options?: WearOptions) {
    const mode = optionsOf(options).mode;
    if (mode !== undefined && mode !== 'perf' && mode !== 'safe') throw vfsError(EINVAL, 'WearLevelling', '', 'mode ' + mode);
    this._mode = mode;
    this._open = false;
    this._dev = openDevice(bdev, 'WearLevelling');
    this._extent = extentOf(bdev);
    if (!bdev.writeblocks) this.writeblocks = undefined;
    load(this);
    this.progsize = this._unit;
  }

  readblocks(block: number, buf: Uint8Array): number {
    let status = bounds(this, block, buf);
    const redo = this._redo;
    for (let done = 0, n = 0; done < buf.length && !status; done += n) {
      const at = block * this._unit + done;
      const sector = Math.floor(at / SECTOR);
      const offset = at % SECTOR;
      const part = offset / 512;
      const again = sector === redo[0];
      n = Math.min(again ? 512 : SECTOR - offset, buf.length - done);
      // What a write was to leave that was cut.
      const kept = again && (part < redo[1] || part >= redo[1] + redo[2]);
      status = readBytes(this, physical(this, kept ? this._sectors - 1 : sector) * SECTOR + offset, buf.subarray(done, done + n));
    }
    return status;
  }

  ioctl(op: number, arg: number): unknown {
    if (op === IOCTL_BLOCK_COUNT) return (this._safe ? this._sectors - 2 : this._sectors) * (SECTOR / this._unit);
    if (op === IOCTL_BLOCK_SIZE) return this._unit;
    if (op === IOCTL_INIT) {
      // What lies there may have been written by others meanwhile.
      if (!this._open) {
        this._dev = openDevice(this._dev._bdev, 'mount');
        load(this);
      }
      this._open = true;
      return 0;
    }
    if (op === IOCTL_DEINIT) {
      this._open = false;
      return closeDevice(this._dev);
    }
    return op < IOCTL_BLOCK_COUNT ? control(this._dev._bdev, op, arg) : undefined;
  }
}

/** Whether these are blocks: 0 or -EIO. */
function bounds(w: WearLevelling, block: number, buf: Uint8Array): number {
  const count = w.ioctl(IOCTL_BLOCK_COUNT, 0) as number;
  return block >= 0 && block % 1 === 0 && buf.length % w._unit === 0 && block + buf.length / w._unit <= count ? 0 : -EIO;
}

WearLevelling.prototype.writeblocks = function (this: WearLevelling, block: number, buf: Uint8Array): number {
  let status = bounds(this, block, buf) || prepare(this);
  for (let done = 0, n = 0; done < buf.length && !status; done += n) {
    const at = block * this._unit + done;
    const sector = Math.floor(at / SECTOR);
    const offset = at % SECTOR;
    let data = buf;
    n = Math.min(SECTOR - offset, buf.length - done);
    if (n < SECTOR) {
      data = this._buffer = this._buffer || new Uint8Array(SECTOR);
      status = readBytes(this, physical(this, sector) * SECTOR, data);
      data.set(buf.subarray(done, done + n), offset);
    } else if (n < buf.length) data = buf.subarray(done, done + n);
    if (!status) status = put(this, sector, data);
  }
  return status;
};
