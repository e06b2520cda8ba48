/** Room for a file ahead of its growth: seldom wanted, a part that a device loads for it. */
import { ENOSPC } from '../contract/errno';
import { takeCluster } from './bitmap';
import { append, reach } from './chain';
import * as free from './free.lazy';
import { fail, fs, type OpenFile } from './volume';

/**
 * Takes clusters for `bytes` more behind the end of a file: behind its last one, else elsewhere in one piece, else in several.
 * @param shrink what gives them back
 */
export function reserve(f: OpenFile, bytes: number, shrink: (f: OpenFile, size: number) => void): void {
  const v = fs;
  const missing = Math.ceil((f._size + bytes) / v._clusterSize) - f._count;
  let tail = f._count && reach(f, f._count - 1);
  if (missing <= 0) return;
  if (missing > v._last - 1 || (v._free >= 0 && missing > v._free)) fail(ENOSPC);
  f._reserved = true;
  const run =
    (tail && free.findRun(tail + 1, missing, tail + 1)) || free.findRun(v._next, missing, v._last) || free.findRun(2, missing, v._next);
  for (let i = 0, after = run ? run - 1 : tail; i < missing; i++) {
    after = takeCluster(after);
    if (!after) {
      shrink(f, f._size);
      fail(ENOSPC);
    }
    append(f, tail, after);
    tail = after;
  }
}
