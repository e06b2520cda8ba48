/** What is done to a volume as a whole, when its owner wants it. */
import { whole } from '../contract/arguments';
import { ENOTEMPTY, isWhole } from '../contract/errno';
import * as format from './format.lazy';
import * as free from './free.lazy';
import { fetch } from './mdir';
import { begin, commit } from './operation';
import * as relocate from './relocate.lazy';
import * as logs from './scan.lazy';
import { INLINESTRUCT, NULL } from './tags';
import { fail, fs, limitSteps, type Mdir, type Volume } from './volume';
import * as write from './write.lazy';

/** Ends what a power cut left half-done, so that the medium says nothing of it any more. */
export function repair(v: Volume): void {
  begin(v, 'repair', '/', true);
  relocate.settle();
}

/**
 * Work done ahead of time: pairs whose log is nearly full are compacted, and the bitmap of free blocks is filled anew
 * when half of it is used up and nothing came free behind. Ends when `budget` device operations are spent, after the step
 * it is at. Whether there is more to do.
 */
export function collect(v: Volume, budget: number | undefined): boolean {
  begin(v, 'gc', '/', true);
  if (budget !== undefined && !isWhole(budget, 0, 1e15)) whole(budget, 'budget', [0, 1e15], v);
  let more = false;
  write.during(function (): void {
    relocate.settle();
    more = collectPairs(v, budget === undefined ? Infinity : v._calls + budget);
  });
  return more;
}

function collectPairs(v: Volume, end: number): boolean {
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
  if (v._mapNext * 2 >= v._mapSize && !wraps) free.fillMap();
  return false;
}

/** Lets the volume use all blocks of the device, or `wanted`. */
export function grow(v: Volume, wanted: number | undefined): void {
  begin(v, 'grow', '/', true);
  resize(v, wanted === undefined ? v._dev._blockCount : wanted, v._blockCount, v._dev._blockCount);
}

/** Leaves the blocks from `wanted` on to others, where none of them is in use. */
export function shrink(v: Volume, wanted: number): void {
  begin(v, 'shrink', '/', true);
  resize(v, wanted, 2, v._blockCount);
}

/** A pair, while the number of blocks in RAM need not be the disk's: if it cannot be read, the next operation reads the state anew. */
function fetchResized(a: number, b: number): Mdir {
  const v = fs;
  v._stale = true;
  const m = fetch(a, b);
  v._stale = false;
  return m;
}

function resize(v: Volume, wanted: number, least: number, most: number): void {
  const count = whole(wanted, 'blockCount', [least, most], v);
  free.traverse((block) => {
    if (block >= count) fail(ENOTEMPTY, 'block ' + block + ' is in use');
  });
  // What the change itself takes has to lie there as well.
  v._blockCount = count;
  v._mapStart = v._mapNext = v._mapSize = v._mapBehind = 0;
  v._released = [];
  // Each pair with a superblock entry says so, the last of them, which counts, at the end: the C library looks at all.
  for (let m = fetchResized(0, 1); m._super; m = fetchResized(m._tail0, m._tail1)) {
    commit(m, [INLINESTRUCT, 0, format.superblockBytes(count)]);
    if (m._tail0 === NULL) break;
  }
  v._stale = true;
  logs.readVolume();
  v._stale = false;
  // Files that are open may hold more than their entries say.
  v._free = NULL;
}
