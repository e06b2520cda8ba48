import { blocksFreed } from './alloc';
import { commit, commitPair } from './commit';
import { ALL_STATE, hasMove, isMoving, movingId, NOTHING, pairBytes, wantedDelta } from './gstate';
import { type Ops, tagAt } from './log';
import { applyTag, fetch, forget, KIND_DIR, kindOf, type Mdir, ROW, samePair } from './mdir';
import { dirMoved, setMove } from './moved';
import { DELETE, DIRSTRUCT, NO_ID, NULL, TAIL } from './tags';
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

/** What takes `m`, which is empty, off the thread: its predecessor takes over its tail and its share of the global state. */
export function dropOps(m: Mdir): Ops {
  for (let k = 0; k < 3; k++) fs._gdropped[k] ^= m._delta[k];
  blocksFreed();
  fs._gone.push(m._a, m._b);
  forget(m._a, m._b);
  return [TAIL + m._split, NO_ID, pairBytes(m._tail0, m._tail1)];
}

/** The pair {a, b} is that of `m` now: for all that follows it. */
function pairMoved(a: number, b: number, m: Pair): void {
  const v = fs;
  const all = ([v._root, v._dir] as Pair[]).concat(v._files);
  blocksFreed();
  dirMoved(a, b);
  dirMoved(m._a, m._b);
  v._moves.push(a, b, m._a, m._b);
  if (a !== m._a && a !== m._b) v._gone.push(a);
  if (b !== m._a && b !== m._b) v._gone.push(b);
  if (hasMove(a, b)) setMove(movingId(), m._a, m._b);
  for (let i = 0; i < all.length; i++) {
    const pair = all[i];
    if (samePair(pair._a, pair._b, a, b)) {
      pair._a = m._a;
      pair._b = m._b;
    }
  }
}

/**
 * A pair of a directory loses its last entry by `ops`: unless it is the directory's first, it is dropped instead. Gives
 * its predecessor and what that has to commit.
 */
export function dropEmpty(m: Mdir, ops: Ops): [Mdir, Ops] | undefined {
  const pred = findOnThread(m._a, m._b, false);
  if (!pred || !pred._split) return undefined;
  for (let k = 0; k < ops.length; k += 3) if ((ops[k] as number) >> 8 === 6) applyTag(m, tagAt(ops, k), 0, ops[k + 2] as Uint8Array, 0);
  return [pred, dropOps(m)];
}

/** The pair {a, b} is `m` now: its parent is told, then the thread, which may make other pairs move. */
export function relink(m: Mdir, a: number, b: number): void {
  for (let moved = true; moved; ) {
    const c = m._a;
    const d = m._b;
    pairMoved(a, b, m);
    const parent = findOnThread(a, b, true);
    moved = false;
    if (parent) {
      // Until the thread is told too, it disagrees with the parent; the orphan count tells the next mount so.
      fs._orphans++;
      const oldA = parent._a;
      const oldB = parent._b;
      moved = commitPair(parent, [DIRSTRUCT, fs._id, pairBytes(c, d)]);
      if (moved) {
        // The parent moved as well, and the thread has the old one for now: it is mended at the end.
        fs._repair = true;
        m = parent;
        a = oldA;
        b = oldB;
      } else fs._orphans--;
    }
    const pred = moved ? undefined : findOnThread(a, b, false);
    if (pred) {
      m = pred;
      a = m._a;
      b = m._b;
      moved = commitPair(m, [TAIL + m._split, NO_ID, pairBytes(c, d)]);
    }
  }
}

/**
 * Brings thread and tree into line (DESIGN.md, "The move problem"): first tails that name what a directory was before
 * it was relocated, then, after a power loss, pairs that no directory names. A pass begins again after each change.
 */
export function repairThread(powerLoss: boolean): void {
  let pass = 0;
  for (let changes = 0; pass < (powerLoss ? 2 : 1); changes++) {
    let pred = fetch(0, 1);
    let changed = false;
    fs._repair = false;
    for (let steps = 0; pred._tail0 !== NULL && !changed; steps++) {
      limitSteps(steps + changes);
      const p0 = pred._a;
      const p1 = pred._b;
      const a = pred._tail0;
      const b = pred._tail1;
      if (!pred._split) {
        const parent = findOnThread(a, b, true);
        const c = parent ? parent._rows[fs._id * ROW + 1] : a;
        const d = parent ? parent._rows[fs._id * ROW + 2] : b;
        pred = fetch(p0, p1);
        changed = pass ? !parent : (c !== a || d !== b) && (c !== b || d !== a);
        if (changed) {
          forget(a, b);
          commit(pred, pass ? dropOps(fetch(a, b)) : [TAIL, NO_ID, pairBytes(c, d)]);
        }
      }
      if (!changed) pred = fetch(a, b);
    }
    pass = changed ? 0 : pass + 1;
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

/** Brings to the medium what is known of the global state only here: that nothing is half-done any more. */
export function settle(): void {
  if (wantedDelta(new Int32Array(3), ALL_STATE, true)) commit(fetch(fs._root._a, fs._root._b), []);
}

/** After a mount: ends what a power cut left half-done. */
export function mend(): void {
  endMove();
  if (fs._orphans) {
    repairThread(true);
    fs._orphans = fs._torn = 0;
    blocksFreed();
  }
}
