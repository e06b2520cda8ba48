import { blocksFreed } from './alloc';
import { commit } from './commit';
import { hasMove, isMoving, movingId, NOTHING, pairBytes, setMove } from './gstate';
import type { Ops } from './log';
import { fetch, forget, KIND_DIR, kindOf, type Mdir, ROW, samePair } from './mdir';
import { repairThread } from './repair';
import { DELETE, NO_ID, NULL, TAIL } from './tags';
import { fs, limitSteps, type Pair } from './volume';

/**
 * Walks the thread of all pairs from {0, 1}; gives the first pair whose tail is {a, b}, or, with `parents`, the first
 * that has an entry for the directory {a, b}, whose id goes to `fs._id`. Undefined where there is none.
 */
export function findOnThread(a: number, b: number, parents: boolean): Mdir | undefined {
  let m = fetch(0, 1);
  for (let steps = 0; ; steps++) {
    limitSteps(steps);
    if (parents) {
      for (let id = 0; id < m._count; id++) {
        if (kindOf(m, id) === KIND_DIR && samePair(m._rows[id * ROW + 1], m._rows[id * ROW + 2], a, b) && !isMoving(m, id)) {
          fs._id = id;
          return m;
        }
      }
    } else if (samePair(m._tail0, m._tail1, a, b)) return m;
    if (m._tail0 === NULL) return undefined;
    m = fetch(m._tail0, m._tail1);
  }
}

/**
 * What makes `m` name another pair of blocks. Its move may make the id of a pending move in it wrong; so that move is
 * ended in the same commit.
 */
export function linkOps(m: Mdir, type: number, id: number, a: number, b: number): Ops {
  const ops: Ops = [];
  if (hasMove(m)) {
    const moving = movingId();
    setMove(-1, 0, 0);
    ops.push(DELETE, moving, NOTHING);
    if (moving < id && id < NO_ID) id--;
  }
  ops.push(type, id, pairBytes(a, b));
  return ops;
}

/** What takes `m`, which is empty, off the thread: `pred` takes over its tail and its share of the global state. */
export function dropOps(pred: Mdir, m: Mdir): Ops {
  for (let k = 0; k < 3; k++) fs._gdropped[k] ^= m._delta[k];
  blocksFreed();
  forget(m._a, m._b);
  return linkOps(pred, TAIL + m._split, NO_ID, m._tail0, m._tail1);
}

/** The pair {a, b} is that of `m` now: for all that follows it. */
export function pairMoved(a: number, b: number, m: Pair): void {
  const all = ([fs._root, fs._dir] as Pair[]).concat(fs._files);
  blocksFreed();
  fs._moves.push(a, b, m._a, m._b);
  for (let i = 0; i < all.length; i++) {
    const pair = all[i];
    if (samePair(pair._a, pair._b, a, b)) {
      pair._a = m._a;
      pair._b = m._b;
    }
  }
}

/** Ends a rename: deletes its source, if it is still marked as on the move. */
export function endMove(): void {
  const id = movingId();
  if (id < 0) return;
  const m = fetch(fs._gstate[1], fs._gstate[2]);
  setMove(-1, 0, 0);
  commit(m, [DELETE, id, NOTHING]);
}

/** Before a change: nothing that was cut off is left half-done. */
export function makeConsistent(): void {
  endMove();
  if (fs._orphans) {
    repairThread(true);
    fs._orphans = 0;
    blocksFreed();
  }
}
