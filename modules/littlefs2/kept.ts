/** What is kept of metadata pairs that were scanned. */
import { fs, type Mdir, type Pair } from './volume';

/** Whether two pairs share a block: a pair that was relocated shares one with what it was. */
export function samePair(m: Pair, a: number, b: number): boolean {
  return m._a === a || m._a === b || m._b === a || m._b === b;
}

/** Puts a pair at the head of those kept, in place of what is kept of it, and lets go of the least used above the budget. */
export function keep(m: Mdir): void {
  const list = fs._mdirs;
  let bytes = fs._markCount * MARK * 4;
  for (let i = list.length - 1; i >= 0; i--) if (samePair(list[i], m._a, m._b)) list.splice(i, 1);
  list.unshift(m);
  for (let i = 0; i < list.length; i++) {
    bytes += list[i]._rows.length * 4 + 64;
    // A few are always kept: an operation works on up to three pairs.
    if (i > 3 && bytes > fs._tableBytes) list.splice(i, list.length);
  }
}

/** Lets go of what is known of a pair. */
export function forget(a: number, b: number): void {
  const list = fs._mdirs;
  const marks = fs._marks;
  for (let i = list.length - 1; i >= 0; i--) if (samePair(list[i], a, b)) list.splice(i, 1);
  for (let k = fs._markCount - 1; k >= 0; k--) {
    const mark: Pair = { _a: marks[k * MARK + 1], _b: marks[k * MARK + 2] };
    if (!samePair(mark, a, b)) continue;
    marks.set(marks.subarray((k + 1) * MARK, fs._markCount * MARK), k * MARK);
    fs._markCount--;
  }
}

/**
 * A landmark: the directory's first block, a pair behind its first where a search may begin, and the place of its first name
 * (offset << 10 | length). Those of a directory lie together, in its order.
 */
export const MARK = 4;
