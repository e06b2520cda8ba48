/**
 * The thread of all pairs, and the tree, kept in line: what names a pair that moved is told, pairs that are empty go, and what a
 * power cut left half-done is ended (DESIGN.md, "The move problem").
 */
import { ENOSPC } from '../contract/errno';
import { stage } from './compaction';
import { wantedDelta } from './gstate';
import * as marks from './marks.lazy';
import { fetch, forget, movingId, samePair } from './mdir';
import { pairBytes } from './ops';
import * as logs from './scan.lazy';
import { commitPair, findOnThread, newPair, writeTwin } from './split';
import { ROW } from './table';
import { ALL_STATE, CREATE, DELETE, DIRSTRUCT, NO_ID, NO_STATE, NOTHING, NULL, TAIL } from './tags';
import { loadStruct, look } from './tree';
import { fail, fs, limitSteps, type Mdir, type Ops, type Pair, SHARED_ALL } from './volume';
import * as write from './write.lazy';

/** What takes `m`, which is empty, off the thread: its predecessor takes over its tail and its share of the global state. */
function dropOps(m: Mdir): Ops {
  const v = fs;
  for (let k = 0; k < 3; k++) v._gdropped[k] ^= m._delta[k];
  v._free = NULL;
  v._gone.push(m._a, m._b);
  forget(m._a, m._b);
  return [TAIL + m._split, NO_ID, pairBytes(m._tail0, m._tail1)];
}

/** The pair {a, b} is that of `m` now: for all that follows it. */
function pairMoved(a: number, b: number, m: Pair): void {
  const v = fs;
  const all = ([v._root, v._dir] as Pair[]).concat(v._files);
  v._free = NULL;
  if (v._markCount) {
    marks.dirMoved(a, b);
    marks.dirMoved(m._a, m._b);
  }
  v._moves.push(a, b, m._a, m._b);
  if (a !== m._a && a !== m._b) v._gone.push(a);
  if (b !== m._a && b !== m._b) v._gone.push(b);
  const g = v._gstate;
  if (movingId() >= 0 && samePair({ _a: a, _b: b }, g[1], g[2])) g.set([g[0], m._a, m._b]);
  for (let i = 0; i < all.length; i++) {
    const pair = all[i];
    if (samePair(pair, a, b)) {
      pair._a = m._a;
      pair._b = m._b;
    }
  }
}

/**
 * A pair of a directory loses its last entry by `ops`: unless it is the directory's first, it is dropped instead. Gives
 * its predecessor and what that has to commit.
 */
function dropEmpty(m: Mdir, ops: Ops): [Mdir, Ops] | undefined {
  const pred = findOnThread(m._a, m._b, false);
  if (!pred || !pred._split) return undefined;
  // The new tail it may have had is its predecessor's.
  for (let k = 0; k < ops.length; k += 3) if ((ops[k] as number) >> 8 === 6) stage(m, ops.slice(k, k + 3));
  return [pred, dropOps(m)];
}

/** The pair {a, b} is `m` now: its parent is told, then the thread, which may make other pairs move. */
function relink(m: Mdir, a: number, b: number): void {
  const v = fs;
  for (let moved = true; moved; ) {
    const c = m._a;
    const d = m._b;
    pairMoved(a, b, m);
    const parent = findOnThread(a, b, true);
    moved = false;
    if (parent) {
      // Until the thread is told too, it disagrees with the parent; the orphan count tells the next mount so.
      v._orphans++;
      const oldA = parent._a;
      const oldB = parent._b;
      moved = commitPair(parent, [DIRSTRUCT, v._id, pairBytes(c, d)]);
      if (moved) {
        // The parent moved as well, and the thread has the old one for now: it is mended at the end.
        v._repair = true;
        m = parent;
        a = oldA;
        b = oldB;
      } else v._orphans--;
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
function repairThread(powerLoss: boolean): void {
  const v = fs;
  let pass = 0;
  for (let changes = 0; pass < (powerLoss ? 2 : 1); changes++) {
    let pred = fetch(0, 1);
    let changed = false;
    v._repair = false;
    for (let steps = 0; pred._tail0 !== NULL && !changed; steps++) {
      limitSteps(steps + changes);
      const p0 = pred._a;
      const p1 = pred._b;
      const a = pred._tail0;
      const b = pred._tail1;
      if (!pred._split) {
        const parent = findOnThread(a, b, true);
        const c = parent ? parent._rows[v._id * ROW + 1] : a;
        const d = parent ? parent._rows[v._id * ROW + 2] : b;
        pred = fetch(p0, p1);
        changed = pass ? !parent : (c !== a || d !== b) && (c !== b || d !== a);
        if (changed) {
          forget(a, b);
          change(pred, pass ? dropOps(fetch(a, b)) : [TAIL, NO_ID, pairBytes(c, d)]);
        }
      }
      if (!changed) pred = fetch(a, b);
    }
    pass = changed ? 0 : pass + 1;
  }
}

/** Ends a rename: deletes its source, if it is still marked as on the move. */
export function endMove(): void {
  const v = fs;
  const id = movingId();
  if (id < 0) return;
  const m = fetch(v._gstate[1], v._gstate[2]);
  v._gstate = new Int32Array(3);
  change(m, [DELETE, id, NOTHING]);
}

/** A new pair without entries, written, that follows `pred` on the thread, which does not know it yet. */
export function newDir(pred: Mdir): Mdir {
  const m = newPair(undefined);
  if (!m) fail(ENOSPC);
  m._tail0 = pred._tail0;
  m._tail1 = pred._tail1;
  writeTwin(m, NO_STATE);
  return m;
}

/** Brings to the medium what is known of the global state only here: that nothing is half-done any more. */
export function settle(): void {
  const v = fs;
  write.during(function (): void {
    if (wantedDelta(new Int32Array(3), ALL_STATE, true)) change(fetch(v._root._a, v._root._b), []);
  });
}

/** After a mount: ends what a power cut left half-done. */
export function mend(): void {
  const v = fs;
  write.during(function (): void {
    endMove();
    if (v._orphans) {
      repairThread(true);
      v._orphans = v._torn = 0;
      v._free = NULL;
    }
  });
}

/** The directory `fs._dir` has lost its entry, and its pairs are empty: they go off the thread. */
export function unthread(): void {
  const v = fs;
  const dir = v._dir;
  let m = fetch(dir._a, dir._b);
  for (let steps = 0; m._split; steps++) {
    limitSteps(steps);
    change(m, dropOps(fetch(m._tail0, m._tail1)));
    m = fetch(dir._a, dir._b);
  }
  const pred = findOnThread(dir._a, dir._b, false);
  v._orphans--;
  if (pred) change(pred, dropOps(fetch(dir._a, dir._b)));
}

/** Makes a change that is more than one of a single pair, where it lies, and that `write.commit` has begun. */
export function carryOn(m: Mdir, ops: Ops): void {
  write.during(function (): void {
    carry(m, ops, true);
  });
}

function change(m: Mdir, ops: Ops): void {
  const outer = !fs._stale;
  if (!write.commit(m, ops)) carry(m, ops, outer);
}

/** Changes a pair, then what names it, if it had to move; `outer` says that this is no part of another change. */
function carry(m: Mdir, ops: Ops, outer: boolean): void {
  const v = fs;
  const orphans = v._orphans;
  let count = m._count;
  for (let k = 0; k < ops.length; k += 3) count += ops[k] === CREATE ? 1 : ops[k] === DELETE ? -1 : 0;
  const drop = count || !m._count ? undefined : dropEmpty(m, ops);
  if (drop) {
    m = drop[0];
    ops = drop[1];
  }
  const a = m._a;
  const b = m._b;
  if (commitPair(m, ops)) relink(m, a, b);
  if (!outer) return;
  if (v._repair) {
    repairThread(false);
    v._orphans = orphans;
  }
  if (v._moves.length) v._free = NULL;
  v._moves = [];
  write.conclude();
}

/** After a failure: makes the state in RAM that of the disk. */
export function recall(): void {
  const v = fs;
  logs.readVolume();
  // Open files are where their paths lead; what was written to them and not synced stays.
  for (let i = 0; i < v._files.length; i++) {
    const f = v._files[i];
    f._id = -2;
    try {
      if (look(f._path)) f._id = v._id;
      f._a = v._m._a;
      f._b = v._m._b;
    } catch (_lost) {
      // A directory on its path has another name now.
    }
    f._shared = SHARED_ALL;
    if (!f._changed && f._id >= 0) loadStruct(f);
  }
  v._stale = false;
}
