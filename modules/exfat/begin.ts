import { ENODEV, EROFS } from '../contract/errno';
import * as mend from './mend.lazy';
import { fail, use, type Volume } from './volume';

/** Begins an operation. */
export function begin(volume: Volume, operation: string, path: string, change: boolean): void {
  use(volume);
  volume._operation = operation;
  volume._path = path;
  volume._forbid = volume._ignore = -1;
  if (!volume._mounted) fail(ENODEV);
  if (change && (volume._readonly || !volume._dev._bdev.writeblocks)) fail(EROFS);
  if (change && volume._doubt === 1) mend.mend();
}
