/**
 * Making a volume anew so that a power cut leaves what was there, or the intention to go on. Seldom wanted: a part to load on
 * demand.
 *
 * The intention is a mark. A root has two blocks of which one is enough, so the mark first goes into the one that is out of date.
 * That block is kept in RAM while everything else is written, and its mark goes last, by one erase.
 */
import { eraseBlock, openDevice, progAt, readPiece, syncDevice } from '../blockdev';
import { withhold } from '../blockdev/withheld';
import { vfsError } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { equal, fill, le32 } from '../engine';

function check(status: number): void {
  if (status) throw vfsError(status, 'mkfs');
}

/** See `Driver.remake`. */
export function remake(bdev: BlockDevice, mark: Uint8Array, make: (disk: BlockDevice) => void): void {
  const dev = openDevice(bdev, 'mkfs');
  const ram = new Uint8Array(dev._blockSize);
  const heads = [new Uint8Array(8), new Uint8Array(8)];
  const sign = le32(mark, 0);
  // In whole units of what the medium programs at once.
  const padded = new Uint8Array(Math.max(8, bdev.progsize || 0));
  let length = ram.length;
  fill(padded, 0xff);
  padded.set(mark);
  readPiece(dev, 0, 0, heads[0]);
  readPiece(dev, 1, 0, heads[1]);
  const first = le32(heads[0], 0);
  const second = le32(heads[1], 0);
  // The half with the lower revision, an erased one is -1; of two halves that were erased, the one with the mark.
  const kept = second === sign || (first !== sign && ((first - second) | 0) > 0) ? 1 : 0;
  // A mark from before the power went stays: without it, what is half-done would be taken for a damaged volume.
  if (!equal(heads[kept], mark)) check(eraseBlock(dev, kept) || progAt(dev, kept, 0, padded));
  check(eraseBlock(dev, 1 - kept) || syncDevice(dev));
  fill(ram, 0xff);
  withhold({ _dev: dev, _kept: kept, _ram: ram }, make);
  // What is newest must lie on the medium.
  readPiece(dev, 1 - kept, 0, heads[0]);
  if (((le32(ram, 0) - le32(heads[0], 0)) | 0) > 0 && le32(ram, 0) !== -1) {
    while (length > 256 && ram[length - 1] === 0xff) length--;
    length = Math.ceil(length / 256) * 256;
    check(eraseBlock(dev, 1 - kept) || progAt(dev, 1 - kept, 0, ram.subarray(0, length)));
  }
  check(syncDevice(dev) || eraseBlock(dev, kept) || syncDevice(dev));
}
