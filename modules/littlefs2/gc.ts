import { whole } from '../contract/arguments';
import { isWhole } from '../contract/errno';
import { begin } from './begin';
import { commit } from './commit';
import { fetch } from './mdir';
import { NULL } from './tags';
import { settle } from './thread';
import { fillMap } from './traverse';
import { limitSteps, type Volume } from './volume';

/** Ends what a power cut left half-done, so that the medium says nothing of it any more. */
export function repair(v: Volume): void {
  begin(v, 'repair', '/', true);
  settle();
}

/**
 * Work done ahead of time: pairs whose log is nearly full are compacted, and the bitmap of free blocks is filled anew
 * when half of it is used up and nothing came free behind. Ends when `budget` device operations are spent, after the step
 * it is at. Whether there is more to do.
 */
export function collect(v: Volume, budget: number | undefined): boolean {
  begin(v, 'gc', '/', true);
  if (budget !== undefined && !isWhole(budget, 0, 1e15)) whole(budget, 'budget', [0, 1e15], v);
  settle();
  const end = budget === undefined ? Infinity : v._calls + budget;
  let a = 0;
  let b = 1;
  for (let steps = 0; a !== NULL; steps++) {
    limitSteps(steps);
    let m = fetch(a, b);
    if (v._calls >= end) return true;
    if (!m._erased || m._end > v._blockSize - (v._blockSize >> 3)) {
      // Nothing can be appended: so the pair is compacted.
      m._erased = false;
      commit(m, []);
      m = fetch(m._a, m._b);
    }
    a = m._tail0;
    b = m._tail1;
  }
  if (v._calls >= end) return true;
  const wraps = v._mapBehind && v._mapSize === v._blockCount;
  if (v._mapNext * 2 >= v._mapSize && !wraps) fillMap();
  return false;
}
