import { EROFS } from '../contract/errno';
import * as free from './free.lazy';
import * as mending from './mend.lazy';
import * as mounting from './mount.lazy';
import { fail, v } from './volume';

/** Before a change: what a power cut has interrupted is ended, and blocks are there. @throws EROFS */
export function begin(): void {
  if (v._readonly) fail(EROFS);
  if (v._stale) mounting.readState();
  // A change that failed may have wanted another.
  v._state = v._disk.slice();
  if (v._state[0]) mending.mend();
  if (!v._map || v._free < 4) free.countFree();
}
