/**
 * Making a volume anew so that a power cut leaves what was there, or the intention to go on. Seldom wanted: a part to load on
 * demand.
 *
 * The intention is a mark in block 0, which is written as a whole and kept in RAM while everything else is written; it goes last.
 */
import { openDevice, syncDevice } from '../blockdev';
import { writeBlocks } from '../blockdev/blocks';
import { withhold } from '../blockdev/withheld';
import { vfsError } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { fill } from '../engine';

function check(status: number): void {
  if (status) throw vfsError(status, 'mkfs');
}

/** See `Driver.remake`. */
export function remake(bdev: BlockDevice, mark: Uint8Array, make: (disk: BlockDevice) => void): void {
  const dev = openDevice(bdev, 'mkfs', true);
  const ram = new Uint8Array(dev._blockSize);
  ram.set(mark);
  check(writeBlocks(dev, 0, ram) || syncDevice(dev));
  fill(ram, 0xff);
  withhold({ _dev: dev, _kept: 0, _ram: ram }, make);
  check(syncDevice(dev) || writeBlocks(dev, 0, ram) || syncDevice(dev));
}
