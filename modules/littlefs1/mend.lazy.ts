/** Ending what a power cut left half-done, before the first change after mounting: a part that a device loads for that. */
import { ECORRUPT } from '../contract/errno';
import { commit, drop, unthread } from './commit';
import { after, fetch, HEADER, isSame } from './mdir';
import { fail, fs, limitSteps, type Mdir, MOVED, NULL } from './volume';
import { findPair, isGone, walkThread, walkTree } from './walk';

/**
 * Makes the thread that of the tree: directories that no entry names leave it, and pairs that were moved are named as they
 * are now. Then ends renames: an entry that is being moved is dropped if it is elsewhere already, else it stays.
 */
export function mend(): void {
  for (let steps = 0; mendThread() || endMove(); steps++) limitSteps(steps);
  fs._mended = true;
}

/** Corrects the first place where the thread is not that of the tree; whether there was one. What is written for it may have to move. */
function mendThread(): boolean {
  const heads = walkTree(function (): void {});
  let met = 0;
  let m = fetch(0, 1);
  for (let steps = 0; m._tail0 !== NULL && m._tail1 !== NULL; steps++) {
    limitSteps(steps);
    if (!m._split) {
      const k = findPair(heads, m._tail0, m._tail1);
      const same = k >= 0 && isSame(heads[k], heads[k + 1], m._tail0, m._tail1);
      if (k < 0) unthread(m);
      else if (!same) commit(m, m._bytes.subarray(HEADER), false, heads[k], heads[k + 1]);
      if (!same) return true;
      met += 2;
    }
    m = fetch(m._tail0, m._tail1);
  }
  // Blocks that the thread does not know of would be taken for free.
  if (met !== heads.length) fail(ECORRUPT, 'directories that are not on the thread of all pairs');
  return false;
}

/** Ends the first rename that was cut; whether there was one. */
function endMove(): boolean {
  let at = HEADER;
  const m = walkThread(function (one: Mdir): boolean {
    for (at = HEADER; at < one._bytes.length && !(one._bytes[at] & MOVED); at = after(one._bytes, at));
    return at < one._bytes.length;
  });
  if (!m) return false;
  if (isGone(m, at)) drop(m, at);
  else {
    const entries = new Uint8Array(m._bytes.subarray(HEADER));
    entries[at - HEADER] &= ~MOVED;
    commit(m, entries, m._split, m._tail0, m._tail1);
  }
  return true;
}
