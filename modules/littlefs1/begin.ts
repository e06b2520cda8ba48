import { ENODEV, EROFS } from '../contract/errno';
import { checkpoint } from './alloc';
import * as mending from './mend.lazy';
import * as superblock from './superblock.lazy';
import { fail, use, type Volume } from './volume';

/** Begins an operation: the state in RAM is made that of the disk again after a failure, and before a change nothing is left half-done. */
export function begin(volume: Volume, operation: string, path: string, change: boolean): void {
  use(volume);
  volume._operation = operation;
  volume._path = path;
  volume._seesMoved = false;
  if (!volume._mounted) fail(ENODEV);
  if (change && (volume._readonly || !volume._dev._bdev.writeblocks)) fail(EROFS);
  if (volume._stale || volume._moves.length) superblock.readVolume();
  if (change) {
    checkpoint();
    if (!volume._mended) mending.mend();
  }
}
