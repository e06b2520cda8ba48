/** Removing entries and directories, and mending what a power cut has left of a change. */
import { ECORRUPT } from '../contract/errno';
import { DELETE, TAIL } from '../littlefs/tags';
import { commit } from './commit';
import { fetch, fetchNext, MOVING, NONE, type Ops, ORPHANS, tag, wordBytes } from './table';
import { pairOf } from './tree';
import { fail, NOTHING, NULL, v } from './volume';

/** Ends what a power cut has interrupted. */
export function mend(): void {
  if (v._state[0] & MOVING) endMove();
  if (v._state[0] & ORPHANS) dropOrphans();
}

/** Removes the entry that has arrived elsewhere. */
export function endMove(): void {
  const state = v._state;
  const id = (state[0] >> 10) & NONE;
  fetch([state[1], state[2]]);
  v._state = [state[0] & ORPHANS, 0, 0];
  v._hidden = -1;
  takeAway(id);
}

/** Changes the pair at hand; whether there may be orphans is in the same commit. */
export function commitOrphans(there: boolean, ops: Ops): void {
  v._state[0] = there ? v._state[0] | ORPHANS : v._state[0] & ~ORPHANS;
  commit(ops);
}

export function tailOps(split: number, tail: number[]): Ops {
  return [tag(TAIL + split, NONE, 8), wordBytes(tail)];
}

/** Makes the pair before a directory, in the order of all pairs, the one at hand. */
function fetchBefore(dir: number[]): void {
  fetch([0, 1]);
  while (!(v._tail[0] === dir[0] && v._tail[1] === dir[1]) && !(v._tail[0] === dir[1] && v._tail[1] === dir[0]))
    if (!fetchNext()) fail(ECORRUPT, 'damaged: a directory that is in no order');
}

/** The shares of the global state that a pair has are to go with it. */
function giveUpShare(): void {
  v._stale = true;
  for (let k = 0; k < 3; k++) v._disk[k] ^= v._delta[k];
}

/** Removes an entry of the pair at hand; with its last one a pair that continues a directory goes as a whole. */
export function takeAway(id: number): void {
  const pair = [v._a, v._b];
  const ops = tailOps(v._split, v._tail);
  if (v._count === 1) {
    fetchBefore(pair);
    const follows = v._split;
    const before = [v._a, v._b];
    fetch(pair);
    if (follows) {
      giveUpShare();
      fetch(before);
      commit(ops);
      return;
    }
  }
  commit([tag(DELETE, id, 0), NOTHING]);
}

/** Takes a directory without entries, all its pairs, from the order of pairs. `others`: there may be more that no entry leads to. */
export function drop(dir: number[], others: boolean): void {
  fetch(dir);
  for (;;) {
    giveUpShare();
    if (!v._split) break;
    fetchNext();
  }
  const next = v._tail;
  fetchBefore(dir);
  commitOrphans(others, tailOps(0, next));
}

/** What a name leads to of the pair's blocks, in all directories: the pair that its entry has, or nothing. */
function parentOf(one: number, other: number): number[] | undefined {
  fetch([0, 1]);
  do {
    for (let id = 0; id < v._count; id++) {
      if (v._rows[id * 2 + 1] >> 28 !== 1) continue;
      const pair = pairOf(id);
      if (pair[0] === one || pair[1] === one || pair[0] === other || pair[1] === other) return pair;
    }
  } while (fetchNext());
  return undefined;
}

/** Drops directories that no entry leads to, and lets the order of pairs name those that were moved by what they are. */
function dropOrphans(): void {
  let dir = [0, 1];
  for (let steps = 0; ; steps++) {
    fetch(dir);
    const split = v._split;
    const next = v._tail;
    if (next[0] === NULL) break;
    if (steps > v._blocks) fail(ECORRUPT);
    if (!split) {
      // Next to the superblock's pair lies the root, if that is not the same.
      const parent = isRoot(next) ? next : parentOf(next[0], next[1]);
      if (!parent) {
        drop(next, true);
        continue;
      }
      if (parent[0] + parent[1] !== next[0] + next[1]) {
        fetch(dir);
        commitOrphans(true, tailOps(0, parent));
        continue;
      }
    }
    dir = next;
  }
  fetch([0, 1]);
  commitOrphans(false, []);
}

function isRoot(pair: number[]): boolean {
  return pair[0] + pair[1] === v._root[0] + v._root[1] && (pair[0] === v._root[0] || pair[1] === v._root[0]);
}
