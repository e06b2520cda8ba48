/** How an operation begins, and how it changes a pair. */
import { ENODEV, EROFS } from '../contract/errno';
import { movingId } from './mdir';
import * as relocate from './relocate.lazy';
import { fail, type Mdir, type Ops, use, type Volume } from './volume';
import * as write from './write.lazy';

/** The state in RAM is made that of the disk again after a failure, and before a change nothing is left half-done. */
export function begin(volume: Volume, operation: string, path: string, change: boolean): void {
  use(volume);
  volume._operation = operation;
  volume._path = path;
  if (!volume._mounted) fail(ENODEV);
  if (change && (volume._readonly || !volume._dev._bdev.writeblocks)) fail(EROFS);
  if (volume._stale) relocate.recall();
  if (change) {
    volume._taken = [];
    if (volume._orphans || movingId() >= 0) relocate.mend();
  }
}

/** Changes a metadata pair atomically, then what names it if it had to move. */
export function commit(m: Mdir, ops: Ops): void {
  if (!write.commit(m, ops)) relocate.carryOn(m, ops);
}
