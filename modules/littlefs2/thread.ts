import { blocksFreed } from './alloc';
import { commit } from './commit';
import { hasMove, movingId, NOTHING, pairBytes, setMove } from './gstate';
import type { Ops } from './log';
import { fetch, forget, KIND_DIR, kindOf, type Mdir, ROW, samePair } from './mdir';
import { DELETE, DIRSTRUCT, mkTag, NO_ID, NULL, TAIL } from './tags';
import { fs, limitSteps } from './volume';

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
        if (kindOf(m, id) === KIND_DIR && samePair(m._rows[id * ROW + 1], m._rows[id * ROW + 2], a, b)) {
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
 * Commits a tag with a pair of blocks. A change may make the id of a pending move in the same directory pair wrong; so
 * the move is ended in the same commit.
 */
function commitPair(m: Mdir, type: number, id: number, a: number, b: number): void {
  const ops: Ops = [];
  if (hasMove(m)) {
    const moved = movingId();
    setMove(-1, 0, 0);
    ops.push(mkTag(DELETE, moved, 0), NOTHING);
    if (moved < id && id < NO_ID) id--;
  }
  ops.push(mkTag(type, id, 8), pairBytes(a, b));
  commit(m, ops);
}

/** Points the tail of `pred` at {a, b}. */
export function setTail(pred: Mdir, split: number, a: number, b: number): void {
  commitPair(pred, TAIL + split, NO_ID, a, b);
}

/** Takes `m`, which is empty, off the thread: `pred` takes over its tail and its share of the global state. */
export function dropPair(pred: Mdir, m: Mdir): void {
  for (let k = 0; k < 3; k++) fs._gdisk[k] ^= m._delta[k];
  blocksFreed();
  setTail(pred, m._split, m._tail0, m._tail1);
  forget(m._a, m._b);
}

/** After a pair moved from {a, b} to {c, d}: its parent, or its predecessor in the directory, and the thread learn it. */
export function relink(a: number, b: number, c: number, d: number): void {
  blocksFreed();
  if (samePair(fs._root0, fs._root1, a, b)) {
    fs._root0 = c;
    fs._root1 = d;
  }
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (samePair(f._a, f._b, a, b)) {
      f._a = c;
      f._b = d;
    }
  }
  const parent = findOnThread(a, b, true);
  if (parent) {
    // Between the two commits parent and thread disagree; the orphan count tells the next mount so.
    fs._orphans++;
    commitPair(parent, DIRSTRUCT, fs._id, c, d);
    fs._orphans--;
  }
  const pred = findOnThread(a, b, false);
  if (pred) setTail(pred, pred._split, c, d);
}

/**
 * Brings thread and tree into line (DESIGN.md, "The move problem"): first tails that name what a directory was before
 * it was relocated, then, after a power loss, pairs that no directory names.
 */
export function repairThread(powerLoss: boolean): void {
  for (let pass = powerLoss ? 2 : 1; pass; ) {
    let pred = fetch(0, 1);
    let changed = false;
    for (let steps = 0; pred._tail0 !== NULL && !changed; steps++) {
      limitSteps(steps);
      const p0 = pred._a;
      const p1 = pred._b;
      const a = pred._tail0;
      const b = pred._tail1;
      if (!pred._split) {
        const parent = findOnThread(a, b, true);
        const rows = parent ? parent._rows : pred._rows;
        const c = rows[fs._id * ROW + 1];
        const d = rows[fs._id * ROW + 2];
        const half = pass > 1 || !powerLoss;
        pred = fetch(p0, p1);
        if (half && parent && (c !== a || d !== b) && (c !== b || d !== a)) {
          forget(a, b);
          setTail(pred, 0, c, d);
          changed = true;
        } else if (!half && !parent) {
          dropPair(pred, fetch(a, b));
          changed = true;
        }
      }
      if (!changed) pred = fetch(a, b);
    }
    if (!changed) pass--;
  }
}

/** Ends a rename: deletes its source, if it is still marked as on the move. */
export function endMove(): void {
  const id = movingId();
  if (id < 0) return;
  const m = fetch(fs._gstate[1], fs._gstate[2]);
  setMove(-1, 0, 0);
  commit(m, [mkTag(DELETE, id, 0), NOTHING]);
}

/** Before a change: nothing that was cut off is left half-done. */
export function makeConsistent(): void {
  endMove();
  if (fs._orphans) {
    repairThread(true);
    fs._orphans = 0;
  }
}
