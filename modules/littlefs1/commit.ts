import { EIO, ENAMETOOLONG } from '../contract/errno';
import { crc32, fill, le32, putLe32 } from '../engine';
import { takeBlock } from './alloc';
import { erase, flushDevice, load, program } from './disk';
import { after, FRAME, fetch, HEADER, isSame, keep, translate, wordAt } from './mdir';
import { DIR, fail, fs, limitSteps, type Mdir, NULL } from './volume';
import { findPred, walkThread } from './walk';

/** Entries before, in and behind a gap in a pair: `to` is where the rest begins, `data` what goes into the gap. */
export function splice(m: Mdir, at: number, to: number, data: Uint8Array): Uint8Array {
  const bytes = m._bytes;
  const entries = new Uint8Array(bytes.length - HEADER - (to - at) + data.length);
  entries.set(bytes.subarray(HEADER, at));
  entries.set(data, at - HEADER);
  entries.set(bytes.subarray(to), at - HEADER + data.length);
  return entries;
}

/** Writes what a block of a pair is to hold; false if the block turns out bad. */
export function writeBlock(block: number, rev: number, next: Mdir): boolean {
  const size = next._bytes.length + 4;
  const unit = fs._unit;
  const padded = size + unit - 1;
  const buf = new Uint8Array(padded - (padded % unit));
  fill(buf.subarray(size), 0xff);
  buf.set(next._bytes);
  putLe32(buf, 0, rev);
  putLe32(buf, size - 4, crc32(-1, buf.subarray(0, size - 4)));
  if (!erase(block) || !program(block, 0, buf)) return false;
  flushDevice();
  return true;
}

/** A pair as it is to be: header without revision, and entries. */
export function newMdir(entries: Uint8Array, split: boolean, tail0: number, tail1: number): Mdir {
  const bytes = new Uint8Array(HEADER + entries.length);
  putLe32(bytes, 4, (entries.length + FRAME) | (split ? 0x80000000 : 0));
  putLe32(bytes, 8, tail0);
  putLe32(bytes, 12, tail1);
  bytes.set(entries, HEADER);
  return { _a: NULL, _b: NULL, _rev: 0, _split: split, _tail0: tail0, _tail1: tail1, _bytes: bytes };
}

/** A revision that is newer than whatever a block holds. */
export function revisionOver(block: number): number {
  return load(block, 0, 4, 4) ? 1 : (le32(fs._w, 0) + 1) | 0;
}

/** A pair that nothing names yet. What does not fit into one goes on in another. */
export function newPair(entries: Uint8Array, split: boolean, tail0: number, tail1: number): Mdir {
  const m = fit(entries, split, tail0, tail1);
  m._a = takeBlock();
  m._b = takeBlock();
  // The second block is left as it is: whatever it holds has to be older.
  m._rev = revisionOver(m._b);
  while (!writeBlock(m._a, m._rev, m)) m._a = takeBlock();
  keep(m);
  return m;
}

/** What a pair is to hold of such entries, where the rest is in new pairs already. */
function fit(entries: Uint8Array, split: boolean, tail0: number, tail1: number): Mdir {
  if (entries.length + FRAME > fs._pairMax) {
    let cut = 0;
    for (let to = after(entries, 0); to + FRAME <= fs._pairMax; to = after(entries, to)) cut = to;
    if (!cut) fail(ENAMETOOLONG);
    const rest = newPair(entries.subarray(cut), split, tail0, tail1);
    return newMdir(entries.subarray(0, cut), true, rest._a, rest._b);
  }
  return newMdir(entries, split, tail0, tail1);
}

/** Writes a pair anew into its other block; if that is bad, into another, which is noted in `fs._moves`. */
function rewrite(m: Mdir, entries: Uint8Array, split: boolean, tail0: number, tail1: number): Mdir {
  const v = fs;
  const next = fit(entries, split, tail0, tail1);
  v._stale = true;
  next._rev = (m._rev + 1) | 0;
  next._a = m._b;
  next._b = m._a;
  while (!writeBlock(next._a, next._rev, next)) {
    if (isSame(m._a, m._b, 0, 1)) fail(EIO, 'the superblock has become unwritable');
    next._a = takeBlock();
  }
  if (next._a !== m._b) v._moves.push(m._a, m._b, next._a, next._b);
  keep(next);
  v._stale = false;
  v._free = -1;
  return next;
}

/** Makes a pair hold these entries, all at once: before it is as it was. What refers to it follows if it has to move. */
export function commit(m: Mdir, entries: Uint8Array, split: boolean, tail0: number, tail1: number): void {
  rewrite(m, entries, split, tail0, tail1);
  if (fs._moves.length) align();
}

/**
 * Makes what names pairs that moved name their new blocks: first what leads to them in the tree, as they may be written again
 * only then; then the thread. A pair that is written for this may have to move too.
 */
function align(): void {
  for (let steps = 0; alignOne(true) || alignOne(false); ) limitSteps(steps++);
  fs._moves = [];
}

/** Corrects one pair, with `tree` only one that the tree needs; whether there was one. */
function alignOne(tree: boolean): boolean {
  const found = walkThread(function (m: Mdir): boolean {
    const bytes = new Uint8Array(m._bytes);
    let needed = !tree;
    let changed = false;
    const follow = function (at: number, counts: boolean): void {
      const a = le32(bytes, at);
      const b = le32(bytes, at + 4);
      const pair = translate(a, b);
      if (isSame(a, b, pair[0], pair[1])) return;
      changed = true;
      needed = needed || counts;
      putLe32(bytes, at, pair[0]);
      putLe32(bytes, at + 4, pair[1]);
    };
    follow(8, m._split);
    for (let at = HEADER; at < bytes.length; at = after(bytes, at)) if ((bytes[at] & 0x70) === (DIR & 0x70)) follow(at + 4, true);
    if (!changed || !needed) return false;
    const next = rewrite(m, bytes.subarray(HEADER), m._split, le32(bytes, 8), le32(bytes, 12));
    if (isSame(m._a, m._b, 0, 1)) {
      fs._root0 = wordAt(next, HEADER, 0);
      fs._root1 = wordAt(next, HEADER, 1);
    }
    return true;
  });
  return !!found;
}

/** Takes the entry at `at` out of a pair, and the pair out of its directory if nothing is left in it and it is not the first. */
export function drop(m: Mdir, at: number): void {
  const entries = splice(m, at, after(m._bytes, at), new Uint8Array(0));
  if (!entries.length) {
    const pred = findPred(m._a, m._b);
    if (pred._split) {
      commit(pred, pred._bytes.subarray(HEADER), m._split, m._tail0, m._tail1);
      return;
    }
  }
  commit(m, entries, m._split, m._tail0, m._tail1);
}

/** Takes a directory that no entry names off the thread, which has it behind `pred`. */
export function unthread(pred: Mdir): void {
  let last = fetch(pred._tail0, pred._tail1);
  for (let steps = 0; last._split; steps++) {
    limitSteps(steps);
    last = fetch(last._tail0, last._tail1);
  }
  commit(pred, pred._bytes.subarray(HEADER), pred._split, last._tail0, last._tail1);
}
