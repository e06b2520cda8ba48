/**
 * Laying a volume out anew so that a power cut leaves either what was there or the intention to go on. Seldom wanted: a
 * part to load on demand.
 *
 * A mark in one block says that a layout is under way. That block is kept in RAM while everything else is written, and its
 * mark goes last: by one write of the block where a write is atomic (whole blocks, FAT), or by one erase. littlefs keeps its
 * root in a pair of blocks of which one is enough, so the mark first goes into the one that is out of date.
 */
import { type Device, eraseBlock, openDevice, progAt, readPiece, syncDevice } from '../../modules/blockdev';
import { readBlocks, writeBlocks } from '../../modules/blockdev/blocks';
import { vfsError } from '../../modules/contract/errno';
import type { BlockDevice, VolumeClass } from '../../modules/contract/filesystem';
import { equal, fill, le32, putLe32 } from '../../modules/engine';
import { makedirs, mount, umount, writeFile } from '../../modules/vfs';
import { factoryFiles } from './factory';
import * as reports from './report.lazy';
import { LAYOUT_RESET, MARK } from './shared';
import type { BoardDescription } from './types';

function check(status: number): void {
  if (status) throw vfsError(status, 'boot');
}

/** The device, but for block `kept`, which is `ram`. Runs of blocks, without an offset, begin there or behind it. */
function withoutBlock(dev: Device, kept: number, ram: Uint8Array): BlockDevice {
  const size = ram.length;
  return {
    readblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      const from = offset || 0;
      let status = 0;
      if (offset === undefined) status = readBlocks(dev, block, buf);
      else if (block !== kept) status = readPiece(dev, block, from, buf);
      if (block === kept) buf.set(ram.subarray(from, from + buf.length));
      return status;
    },
    writeblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      if (block === kept) {
        ram.set(buf.subarray(0, size), offset || 0);
        return buf.length > size ? writeBlocks(dev, block + 1, buf.subarray(size)) : 0;
      }
      return offset === undefined ? writeBlocks(dev, block, buf) : progAt(dev, block, offset, buf);
    },
    ioctl: function (op: number, arg: number): unknown {
      if (op === 6 && arg === kept) fill(ram, 0xff);
      else if (op > 2) return (dev._bdev as Required<BlockDevice>).ioctl(op, arg);
      return 0;
    },
    progsize: dev._bdev.progsize,
  };
}

/**
 * Makes the board's first volume anew, by a factory reset with files on it, and leaves it unmounted.
 * @throws what the device or the file system says; the mark stays then
 */
export function layOut(bdev: BlockDevice, board: BoardDescription, layout: number): void {
  const point = board.volumes[0].point;
  const simple = board.simple;
  const dev = openDevice(bdev, 'boot', simple);
  const ram = new Uint8Array(dev._blockSize);
  const heads = [new Uint8Array(8), new Uint8Array(8)];
  // In whole units of what the medium programs at once.
  const padded = new Uint8Array(Math.max(8, bdev.progsize || 0));
  const mark = padded.subarray(0, 8);
  const reset = layout === LAYOUT_RESET;
  let kept = 0;
  fill(padded, 0xff);
  putLe32(mark, 0, MARK);
  putLe32(mark, 4, layout);
  if (reset) reports.say(board.name + ': factory reset, leave the power on');
  if (!simple) {
    // The half with the lower revision, an erased one is -1; of two halves that were erased, the one with the mark.
    readPiece(dev, 0, 0, heads[0]);
    readPiece(dev, 1, 0, heads[1]);
    const first = le32(heads[0], 0);
    const second = le32(heads[1], 0);
    kept = second === MARK || (first !== MARK && ((first - second) | 0) > 0) ? 1 : 0;
    // A mark from before the power went stays: without it, what is half-done would be taken for a damaged volume.
    if (!equal(heads[kept], mark)) check(eraseBlock(dev, kept) || progAt(dev, kept, 0, padded));
    check(eraseBlock(dev, 1 - kept));
  } else {
    ram.set(mark);
    check(writeBlocks(dev, 0, ram));
  }
  check(syncDevice(dev));
  fill(ram, 0xff);
  const disk = withoutBlock(dev, kept, ram);
  const own = board.drivers[0];
  const fs = own.create(disk);
  const kind = own.volume as VolumeClass;
  // Whatever lies there goes.
  if (kind.mkfs) kind.mkfs(disk);
  mount(fs, point, { mkfs: !kind.mkfs });
  const failures: unknown[] = [];
  try {
    const factory = board.factory || factoryFiles;
    const files = reset && factory !== 'overlay' ? factory() : [];
    for (let i = 0; i < files.length; i += 2) {
      const path = (point === '/' ? '' : point) + files[i];
      makedirs(path + '/..');
      writeFile(path, files[i + 1]);
    }
  } catch (error) {
    failures.push(error);
  }
  try {
    umount(point, { force: true });
  } catch (late) {
    failures.push(late);
  }
  if (failures.length) throw failures[0];
  if (!simple) {
    // What is newest must lie on the medium.
    let length = ram.length;
    readPiece(dev, 1 - kept, 0, heads[0]);
    if (((le32(ram, 0) - le32(heads[0], 0)) | 0) > 0 && le32(ram, 0) !== -1) {
      while (length > 256 && ram[length - 1] === 0xff) length--;
      length = Math.ceil(length / 256) * 256;
      check(eraseBlock(dev, 1 - kept) || progAt(dev, 1 - kept, 0, ram.subarray(0, length)));
    }
    check(syncDevice(dev) || eraseBlock(dev, kept));
  } else check(syncDevice(dev) || writeBlocks(dev, 0, ram));
  check(syncDevice(dev));
  if (reset) reports.say(board.name + ': safe mode, scripts are not run');
}
