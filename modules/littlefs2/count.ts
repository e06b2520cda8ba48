/** Counting free blocks: at mounting, and when somebody asks after some were freed. */
import type { StatVfs } from '../contract/filesystem';
import { begin } from './begin';
import { ctzIndex } from './ctz';
import { isMoving } from './gstate';
import { fetch, KIND_CTZ, kindOf, type Mdir, ROW } from './mdir';
import { NULL } from './tags';
import { fs, limitSteps, type Volume } from './volume';

/** Takes the blocks of a pair and of what it names off the free ones. */
export function countUsed(m: Mdir): void {
  fs._free -= 2;
  for (let id = 0; id < m._count; id++)
    if (kindOf(m, id) === KIND_CTZ && !isMoving(m, id)) fs._free -= ctzIndex(m._rows[id * ROW + 2] - 1) + 1;
}

/** The 10-tuple of `statvfs`. */
export function statVolume(v: Volume, path: string): StatVfs {
  begin(v, 'statvfs', path, false);
  const free = countFree();
  return [v._blockSize, v._blockSize, v._blockCount, free, free, 0, 0, 0, 0, v._nameMax];
}

/** How many blocks are free. */
export function countFree(): number {
  const v = fs;
  let a = 0;
  let b = 1;
  if (v._free < 0) {
    v._free = v._blockCount;
    for (let steps = 0; a !== NULL; steps++) {
      limitSteps(steps);
      const m = fetch(a, b);
      countUsed(m);
      a = m._tail0;
      b = m._tail1;
    }
    for (let i = 0; i < v._files.length; i++) {
      const f = v._files[i];
      if (f._changed && !f._inline && f.size()) v._free -= ctzIndex(f.size() - 1) + 1;
    }
    if (v._free < 0) v._free = 0;
  }
  return v._free;
}
