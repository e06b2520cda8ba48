/**
 * Laying a volume out anew so that a power cut leaves either what was there or the intention to go on. Seldom wanted: a
 * part to load on demand.
 *
 * A mark in one block says that a layout is under way. That block is kept in RAM while everything else is written, and its
 * mark goes last: by one write of the block where a write is atomic (whole blocks, FAT), or by one erase. littlefs keeps its
 * root in a pair of blocks of which one is enough, so the mark first goes into the one that is out of date.
 */
import { eraseBlock, openDevice, progAt, readPiece, syncDevice } from '../../modules/blockdev';
import { writeBlocks } from '../../modules/blockdev/blocks';
import { vfsError } from '../../modules/contract/errno';
import type { BlockDevice, VolumeClass } from '../../modules/contract/filesystem';
import { equal, fill, le32, putLe32 } from '../../modules/engine';
import { makedirs, mount, umount, writeFile } from '../../modules/vfs';
import { factoryFiles } from './factory';
import type { Keeping } from './kept.lazy';
import * as kept from './kept.lazy';
import * as reports from './report.lazy';
import { LAYOUT_RESET, MARK } from './shared';
import type { BoardDescription } from './types';

function check(status: number): void {
  if (status) throw vfsError(status, 'boot');
}

/** The device, but for that block. Its methods call by way of a part, so that nothing of it need be there when they do not. */
function withoutBlock(keeping: Keeping): BlockDevice {
  return {
    readblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      return kept.read(keeping, block, buf, offset);
    },
    writeblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      return kept.write(keeping, block, buf, offset);
    },
    ioctl: function (op: number, arg: number): unknown {
      return kept.control(keeping, op, arg);
    },
    progsize: keeping._dev._bdev.progsize,
  };
}

/**
 * Makes the board's first volume anew, by a factory reset with files on it, and leaves it unmounted.
 * @throws what the device or the file system says; the mark stays then
 */
export function layOut(bdev: BlockDevice, board: BoardDescription, layout: number): void {
  kept.hold();
  try {
    make(bdev, board, layout);
  } catch (error) {
    kept.letGo();
    throw error;
  }
  kept.letGo();
}

function make(bdev: BlockDevice, board: BoardDescription, layout: number): void {
  const point = board.volumes[0].point;
  const simple = board.simple;
  const dev = openDevice(bdev, 'boot', simple);
  const ram = new Uint8Array(dev._blockSize);
  const heads = [new Uint8Array(8), new Uint8Array(8)];
  // In whole units of what the medium programs at once.
  const padded = new Uint8Array(Math.max(8, bdev.progsize || 0));
  const mark = padded.subarray(0, 8);
  const reset = layout === LAYOUT_RESET;
  let stays = 0;
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
    stays = second === MARK || (first !== MARK && ((first - second) | 0) > 0) ? 1 : 0;
    // A mark from before the power went stays: without it, what is half-done would be taken for a damaged volume.
    if (!equal(heads[stays], mark)) check(eraseBlock(dev, stays) || progAt(dev, stays, 0, padded));
    check(eraseBlock(dev, 1 - stays));
  } else {
    ram.set(mark);
    check(writeBlocks(dev, 0, ram));
  }
  check(syncDevice(dev));
  fill(ram, 0xff);
  const disk = withoutBlock({ _dev: dev, _kept: stays, _ram: ram });
  const driver = board.drivers[0];
  const fs = driver.create(disk);
  const kind = driver.volume as VolumeClass;
  // Whatever lies there goes.
  if (kind.mkfs) kind.mkfs(disk);
  mount(fs, point, { mkfs: !kind.mkfs });
  const failures: unknown[] = [];
  try {
    const files = reset ? (board.factory || factoryFiles)() : [];
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
    readPiece(dev, 1 - stays, 0, heads[0]);
    if (((le32(ram, 0) - le32(heads[0], 0)) | 0) > 0 && le32(ram, 0) !== -1) {
      while (length > 256 && ram[length - 1] === 0xff) length--;
      length = Math.ceil(length / 256) * 256;
      check(eraseBlock(dev, 1 - stays) || progAt(dev, 1 - stays, 0, ram.subarray(0, length)));
    }
    check(syncDevice(dev) || eraseBlock(dev, stays));
  } else check(syncDevice(dev) || writeBlocks(dev, 0, ram));
  check(syncDevice(dev));
  if (reset) reports.say(board.name + ': safe mode, scripts are not run');
}
