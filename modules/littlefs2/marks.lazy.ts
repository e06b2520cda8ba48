/** Landmarks of long directories: places where a search may begin. */
import { ECORRUPT } from '../contract/errno';
import { MARK, samePair } from './mdir';
import { compare, nameAt } from './names';
import { NULL } from './tags';
import { fail, fs, type Mdir } from './volume';

/**
 * A search in the directory that begins at `dir` goes on from `before` to `m`, the landmark
 * `at` is the last one it passed. Gives the one it has passed then.
 */
export function passOn(dir: number, at: number, before: Mdir | undefined, m: Mdir): number {
  const v = fs;
  const end = v._markCount * MARK;
  let marks = v._marks;
  let to = at + MARK;
  // A directory without any has its first behind those of others.
  if (at < 0) for (to = 0; to < end && marks[to] !== dir; to += MARK);
  if (to < end && marks[to] === dir && marks[to + 1] === m._a && marks[to + 2] === m._b) return to;
  if (!m._count) return at;
  // Pairs out of order would be found or not, depending on where a search begins.
  const first = new Uint8Array(nameAt(m, 0));
  if (before && compare(nameAt(before, before._count - 1), first) >= 0) fail(ECORRUPT);
  if (++v._passed % v._stride || MARK * 5 > v._tableBytes) return at;
  if (end === marks.length) {
    marks = new Int32Array(end + MARK * 8);
    marks.set(v._marks);
    v._marks = marks;
  }
  marks.set(marks.subarray(to, end), to + MARK);
  marks.set([dir, m._a, m._b, m._rows[0] & 0x3fffffff], to);
  v._markCount++;
  // When they take four fifths of what is kept, every other one goes, and new ones come as far apart.
  if (v._markCount * MARK * 5 > v._tableBytes) {
    for (let i = v._markCount - 1; i >= 0; i -= 2) dropMark(i);
    v._stride *= 2;
    // None of this search any more: where they would go is not known.
    v._passed = 0.5;
    return NULL;
  }
  return to;
}

function dropMark(k: number): void {
  const marks = fs._marks;
  marks.set(marks.subarray((k + 1) * MARK, fs._markCount * MARK), k * MARK);
  fs._markCount--;
}

/** No directory begins at {a, b} any more, or another one does. */
export function dirMoved(a: number, b: number): void {
  const v = fs;
  for (let k = v._markCount - 1; k >= 0; k--) if (v._marks[k * MARK] === a || v._marks[k * MARK] === b) dropMark(k);
}

/** The first name of a pair lies elsewhere now, which a landmark has to know. */
export function moveMark(m: Mdir): void {
  const v = fs;
  for (let k = 0; k < v._markCount * MARK; k += MARK)
    if (samePair(m, v._marks[k + 1], v._marks[k + 2])) v._marks.set([m._a, m._b, m._rows[0] & 0x3fffffff], k + 1);
}
