import { ECORRUPT } from '../errno';
import { blocksFreed } from './alloc';
import { commit } from './commit';
import { NOTHING, pairBytes, setMove } from './gstate';
import { fetch, forget, KIND_DIR, kindOf, type Mdir, ROW } from './mdir';
import { DELETE, DIRSTRUCT, mkTag, NO_ID, NULL, TAIL } from './tags';
import { fail, type Volume } from './volume';

/** Whether two pairs share a block: a pair that was relocated shares one with what it was. */
export function samePair(a0: number, b0: number, a1: number, b1: number): boolean {
  return a0 === a1 || a0 === b1 || b0 === a1 || b0 === b1;
}

/**
 * Walks the thread of all pairs from {0, 1}; gives the first pair whose tail is {a, b}, or, with `parents`, the first
 * that has an entry for the directory {a, b}, whose id goes to `fs._id`. Undefined where there is none.
 */
function findOnThread(fs: Volume, a: number, b: number, parents: boolean): Mdir | undefined {
  let m = fetch(fs, 0, 1);
  for (let steps = 0; ; steps++) {
    if (steps > fs._blockCount) fail(fs, ECORRUPT, 'metadata pairs form a loop');
    if (parents) {
      for (let id = 0; id < m._count; id++) {
        if (kindOf(m, id) === KIND_DIR && samePair(m._rows[id * ROW + 1], m._rows[id * ROW + 2], a, b)) {
          fs._id = id;
          return m;
        }
      }
    } else if (samePair(m._tail0, m._tail1, a, b)) return m;
    if (m._tail0 === NULL) return undefined;
    m = fetch(fs, m._tail0, m._tail1);
  }
}

export function findPred(fs: Volume, a: number, b: number): Mdir | undefined {
  return findOnThread(fs, a, b, false);
}

export function findParent(fs: Volume, a: number, b: number): Mdir | undefined {
  return findOnThread(fs, a, b, true);
}

/**
 * A change of directory `m` may make the id of a pending move in it wrong; then the move is ended in the same commit.
 * Gives the id to delete, or -1.
 */
function endMoveHere(fs: Volume, m: Mdir): number {
  const g = fs._gstate;
  if (!(g[0] & 0x70000000) || !samePair(g[1], g[2], m._a, m._b)) return -1;
  const id = (g[0] >>> 10) & 0x3ff;
  setMove(fs, NO_ID, NULL, NULL);
  return id;
}

/** Points the tail of `pred` at {a, b}. */
export function setTail(fs: Volume, pred: Mdir, split: number, a: number, b: number): void {
  const ops: (number | Uint8Array)[] = [];
  const moved = endMoveHere(fs, pred);
  if (moved >= 0) ops.push(mkTag(DELETE, moved, 0), NOTHING);
  ops.push(mkTag(TAIL + split, NO_ID, 8), pairBytes(a, b));
  commit(fs, pred, ops);
}

/** Takes `m`, which is empty, off the thread: `pred` takes over its tail and its share of the global state. */
export function dropPair(fs: Volume, pred: Mdir, m: Mdir): void {
  for (let k = 0; k < 3; k++) fs._gdisk[k] ^= m._delta[k];
  blocksFreed(fs);
  setTail(fs, pred, m._split, m._tail0, m._tail1);
  forget(fs, m._a, m._b);
}

/** After a pair moved from {a, b} to where `m` is: its parent, or its predecessor in the directory, and the thread learn it. */
export function relink(fs: Volume, a: number, b: number, m: Mdir): void {
  blocksFreed(fs);
  const m0 = m._a;
  const m1 = m._b;
  if (samePair(fs._root0, fs._root1, a, b)) {
    fs._root0 = m0;
    fs._root1 = m1;
  }
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    if (f._id >= 0 && samePair(f._a, f._b, a, b)) {
      f._a = m0;
      f._b = m1;
    }
  }
  const parent = findParent(fs, a, b);
  if (parent) {
    // Between the two commits parent and thread disagree; the orphan count tells the next mount so.
    let id = fs._id;
    fs._orphans++;
    const ops: (number | Uint8Array)[] = [];
    const moved = endMoveHere(fs, parent);
    if (moved >= 0) {
      ops.push(mkTag(DELETE, moved, 0), NOTHING);
      if (moved < id) id--;
    }
    ops.push(mkTag(DIRSTRUCT, id, 8), pairBytes(m0, m1));
    commit(fs, parent, ops);
    fs._orphans--;
  }
  const pred = findPred(fs, a, b);
  if (pred) setTail(fs, pred, pred._split, m0, m1);
}

/** Ends a rename that was cut between its two commits: the source is deleted. */
function endMove(fs: Volume): void {
  const g = fs._gstate;
  if (!(g[0] & 0x70000000)) return;
  const m = fetch(fs, g[1], g[2]);
  const id = (g[0] >>> 10) & 0x3ff;
  setMove(fs, NO_ID, NULL, NULL);
  commit(fs, m, [mkTag(DELETE, id, 0), NOTHING]);
}

/**
 * Brings thread and tree into line (DESIGN.md, "The move problem" and "The move problem, part 2"): first tails that name
 * what a directory was before it was relocated, then, after a power loss, pairs that no directory names.
 */
export function repairThread(fs: Volume, powerLoss: boolean): void {
  for (let pass = 0; pass < (powerLoss ? 2 : 1); ) {
    let pred = fetch(fs, 0, 1);
    let changed = false;
    for (let steps = 0; pred._tail0 !== NULL && !changed; steps++) {
      if (steps > fs._blockCount) fail(fs, ECORRUPT, 'metadata pairs form a loop');
      const a = pred._tail0;
      const b = pred._tail1;
      if (!pred._split) {
        const p0 = pred._a;
        const p1 = pred._b;
        const parent = findParent(fs, a, b);
        const row = fs._id * ROW;
        pred = fetch(fs, p0, p1);
        if (parent && !pass) {
          const c = parent._rows[row + 1];
          const d = parent._rows[row + 2];
          if ((c !== a || d !== b) && (c !== b || d !== a)) {
            forget(fs, a, b);
            setTail(fs, pred, 0, c, d);
            changed = true;
          }
        } else if (!parent && pass) {
          dropPair(fs, pred, fetch(fs, a, b));
          changed = true;
        }
      }
      if (!changed) pred = fetch(fs, a, b);
    }
    if (!changed) pass++;
  }
}

/** Before the first change after mount, and after a nested relocation: nothing is left half-done. */
export function makeConsistent(fs: Volume, powerLoss: boolean): void {
  endMove(fs);
  if (fs._orphans) {
    repairThread(fs, powerLoss);
    fs._orphans = 0;
  }
}
