import { le32 } from '../../engine';
import { ctzIndex } from '../content';
import { fs } from '../volume';
import { type Check, inside, report, tryLoad, tryRead } from './state';
import { claim } from './walk';

/** Skip pointer `k` of a block; undefined if it cannot be read. */
function tryPointer(c: Check, block: number, k: number): number | undefined {
  return tryLoad(c, block, k * 4, 4, 4) ? undefined : le32(fs._w, k * 4 - fs._wOff);
}

/** Checks a file's list from its head down: every block, every pointer (DESIGN.md, "CTZ skip-lists"). */
export function checkCtz(c: Check, path: string, head: number, size: number): void {
  size = size >>> 0;
  const last = ctzIndex(size - 1);
  const end = fs._off + 1;
  const wrong = !size
    ? 'CTZ list of no bytes'
    : size > fs._fileMax >>> 0
      ? 'more than allowed'
      : last >= fs._blockCount
        ? 'more than the volume'
        : '';
  if (wrong) {
    report(c, 'error', 'size', path, [head], 'size ' + size + ': ' + wrong);
    return;
  }
  // What the pointers met so far say of blocks to come. Of each rank there is one at a time: to the next multiple of 2^k.
  const expected: (number | undefined)[] = [];
  let block = head;
  for (let index = last; index >= 0; index--) {
    const what = 'block ' + index + ' of the list is ' + (block >>> 0);
    if (!inside(block)) {
      report(c, 'error', 'range', path, [block], what + ', outside the volume');
      return;
    }
    for (let k = 1; k < expected.length && !(index & ((1 << k) - 1)); k++) {
      const other = expected[k];
      if (other !== undefined && other !== block)
        report(
          c,
          'error',
          'ctz',
          path,
          [block, other],
          what + ', but ' + (other >>> 0) + ' by pointer ' + k + ' of block ' + (index + (1 << k)),
        );
    }
    if (!claim(c, block, path)) return;
    if (c._find < 0 && !tryRead(c, block, 0, index === last ? end : fs._blockSize))
      report(c, 'error', 'unreadable', path, [block], what + ', which cannot be read');
    for (let k = 0; index && !(index & ((1 << k) - 1)); k++) expected[k] = tryPointer(c, block, k);
    if (index && expected[0] === undefined) return;
    block = expected[0] as number;
  }
}

/** Whether what the pointers of an even block say of the two blocks before it fits together. */
function fitsBefore(c: Check, block: number): boolean {
  const before = tryPointer(c, block, 0);
  const second = tryPointer(c, block, 1);
  return before !== undefined && inside(before) && second !== undefined && inside(second) && tryPointer(c, before, 0) === second;
}

/**
 * The blocks of a list that may be damaged, -1 for those that nothing leads to. Pointers of a higher rank lead past a
 * block that is damaged; where pointers disagree, the block that fits with those before it counts, or else most of them,
 * and that there is doubt is reported.
 */
export function tryBlocks(c: Check, path: string, head: number, last: number): Int32Array {
  const blocks = new Int32Array(last + 1);
  const votes = new Int8Array(last + 1);
  for (let i = 0; i < last; i++) blocks[i] = -1;
  blocks[last] = inside(head) ? head : -1;
  for (let index = last; index > 0; index--) {
    const block = blocks[index];
    for (let k = 0; block >= 0 && !(index & ((1 << k) - 1)); k++) {
      const target = index - (1 << k);
      const next = tryPointer(c, block, k);
      const known = blocks[target];
      if (next === undefined || !inside(next)) continue;
      if (next === known) votes[target]++;
      else if (known < 0) blocks[target] = next;
      else {
        report(c, 'error', 'ctz', path, [known, next], 'block ' + target + ' of the list is ' + known + ' or ' + next);
        const even = target > 0 && !(target & 1);
        if (even && fitsBefore(c, known)) continue;
        if ((even && fitsBefore(c, next)) || !votes[target]--) {
          blocks[target] = next;
          votes[target] = 0;
        }
      }
    }
  }
  return blocks;
}
