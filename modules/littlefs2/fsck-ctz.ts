import { le32 } from '../engine';
import { ctzIndex } from './ctz';
import { claim } from './fsck-owner';
import { type Check, inside, report, tryLoad, tryRead } from './fsck-state';
import { fs } from './volume';

/** Skip pointer `k` of a block; undefined if it cannot be read. */
export function tryPointer(c: Check, block: number, k: number): number | undefined {
  return tryLoad(c, block, k * 4, 4, 4) ? undefined : le32(fs._w, k * 4 - fs._wOff);
}

/** Checks a file's list from its head down: every block, every pointer (DESIGN.md, "CTZ skip-lists"). */
export function checkCtz(c: Check, path: string, head: number, size: number): void {
  size = size >>> 0;
  const last = ctzIndex(size - 1);
  const end = fs._off + 1;
  const wrong = !size ? 'CTZ list of no bytes' : size > fs._fileMax >>> 0 ? 'more than allowed' : last >= fs._blockCount ? 'more than the volume' : '';
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
        report(c, 'error', 'ctz', path, [block, other], what + ', but ' + (other >>> 0) + ' by pointer ' + k + ' of block ' + (index + (1 << k)));
    }
    if (!claim(c, block, path)) return;
    if (c._find < 0 && !tryRead(c, block, 0, index === last ? end : fs._blockSize))
      report(c, 'error', 'unreadable', path, [block], what + ', which cannot be read');
    for (let k = 0; index && !(index & ((1 << k) - 1)); k++) expected[k] = tryPointer(c, block, k);
    if (index && expected[0] === undefined) return;
    block = expected[0] as number;
  }
}
