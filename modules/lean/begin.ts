/** What comes before an operation. */
import { EROFS } from '../contract/errno';
import * as free from './free.lazy';
import * as mending from './mend.lazy';
import * as mounting from './mount.lazy';
import { fail, v } from './volume';

/** Before everything: a change that failed may have wanted another state, or have brought half of it to the disk. */
export function recall(): void {
  if (v._stale) mounting.readState();
  else v._state = v._disk.slice();
}

/** Before a change: what a power cut has interrupted is ended, and blocks are there. @throws EROFS */
export function begin(): void {
  if (v._readonly) fail(EROFS);
  recall();
  if (!v._map || v._free < 4) free.countFree();
  if (v._state[0]) mending.mend();
}
