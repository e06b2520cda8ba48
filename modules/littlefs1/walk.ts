import { ECORRUPT } from '../contract/errno';
import { ctzBlocks, eachBlock } from './ctz';
import { after, fetch, HEADER, kindAt, shares, wordAt } from './mdir';
import { DIR, FILE, fail, fs, limitSteps, type Mdir, MOVED, NULL } from './volume';

/** Where in a list of pairs one is that has a block in common with {a, b}; -1 if none is. */
export function findPair(pairs: number[], a: number, b: number): number {
  for (let k = 0; k < pairs.length; k += 2) if (shares(a, b, pairs[k], pairs[k + 1])) return k;
  return -1;
}

/**
 * Walks the tree, calls `visit` for each pair, and gives the first pairs of all directories. A directory whose only name is
 * one that is being moved counts as well.
 */
export function walkTree(visit: (m: Mdir) => void): number[] {
  const heads = [fs._root0, fs._root1];
  const moved: number[] = [];
  for (let i = 0, steps = 0; i < heads.length || moved.length; ) {
    if (i === heads.length) {
      const b = moved.pop() as number;
      const a = moved.pop() as number;
      if (findPair(heads, a, b) < 0) heads.push(a, b);
      continue;
    }
    let m = fetch(heads[i], heads[i + 1]);
    for (;;) {
      const bytes = m._bytes;
      limitSteps(steps++);
      for (let at = HEADER; at < bytes.length; at = after(bytes, at))
        if (kindAt(m, at) === DIR) (bytes[at] & MOVED ? moved : heads).push(wordAt(m, at, 0), wordAt(m, at, 1));
      visit(m);
      if (!m._split) break;
      m = fetch(m._tail0, m._tail1);
    }
    i += 2;
    // Each has two blocks of its own.
    limitSteps(heads.length >> 1);
  }
  return heads;
}

/**
 * Whether the entry at `at`, which is marked as being moved, is so already: another has the same data (SPEC.md, "Entry type").
 * Then this one is no more.
 */
export function isGone(m: Mdir, at: number): boolean {
  const x = wordAt(m, at, 0);
  const y = wordAt(m, at, 1);
  const kind = kindAt(m, at);
  return (
    !!(m._bytes[at] & MOVED) &&
    anyEntry(function (other: Mdir, i: number): boolean {
      return other._bytes[i] === kind && wordAt(other, i, 0) === x && wordAt(other, i, 1) === y;
    })
  );
}

/** Whether `test` is true for any entry of the tree. */
export function anyEntry(test: (m: Mdir, at: number) => boolean): boolean {
  let found = false;
  walkTree(function (m: Mdir): void {
    for (let at = HEADER; at < m._bytes.length && !found; at = after(m._bytes, at)) found = test(m, at);
  });
  return found;
}

/** Walks the thread from the superblock until `visit` says true; gives the pair it said it of, or undefined. */
export function walkThread(visit: (m: Mdir) => boolean): Mdir | undefined {
  let a = 0;
  let b = 1;
  for (let steps = 0; a !== NULL && b !== NULL; steps++) {
    limitSteps(steps);
    const m = fetch(a, b);
    if (visit(m)) return m;
    a = m._tail0;
    b = m._tail1;
  }
  return undefined;
}

/** The pair before {a, b} on the thread. */
export function findPred(a: number, b: number): Mdir {
  const pred = walkThread(function (m: Mdir): boolean {
    return shares(m._tail0, m._tail1, a, b);
  });
  return pred || fail(ECORRUPT);
}

/** Calls `visit` for each block in use: of pairs on the thread, and of the files in them; what open files hold, what is being moved. */
export function traverse(visit: (block: number) => void): void {
  const v = fs;
  const visitPair = function (m: Mdir): boolean {
    visit(m._a);
    visit(m._b);
    for (let at = HEADER; at < m._bytes.length; at = after(m._bytes, at))
      if (kindAt(m, at) >> 4 === FILE >> 4) eachBlock(wordAt(m, at, 0), ctzBlocks(wordAt(m, at, 1)) - 1, visit);
    return false;
  };
  walkThread(visitPair);
  // What a power cut left may be only on the one or only on the other.
  if (!v._mended) walkTree(visitPair);
  for (let i = 0; i < v._moves.length; i++) visit(v._moves[i]);
  for (let i = 0; i < v._files.length; i++) {
    const f = v._files[i];
    if (f._changed) eachBlock(f._head, ctzBlocks(f._size) - 1, visit);
    if (f._stream && f._wIndex >= 0) {
      visit(f._stream._block);
      eachBlock(f._wPrev, f._wIndex - 1, visit);
    }
  }
}

/** How many blocks are free. */
export function countFree(): number {
  const v = fs;
  if (v._free < 0) {
    let free = v._blockCount - 2;
    walkTree(function (m: Mdir): void {
      free -= 2;
      for (let at = HEADER; at < m._bytes.length; at = after(m._bytes, at))
        if (kindAt(m, at) === FILE && !isGone(m, at)) free -= ctzBlocks(wordAt(m, at, 1));
    });
    for (let i = 0; i < v._files.length; i++) {
      const f = v._files[i];
      if (f._changed) free -= ctzBlocks(f._wIndex < 0 ? f._size : Math.max(f._size, f._wPos));
    }
    v._free = Math.max(free, 0);
  }
  return v._free;
}
