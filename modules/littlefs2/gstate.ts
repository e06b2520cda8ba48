/** The global state, as commits bring it to the disk (SPEC.md, "Move state"). */
import { putLe32 } from '../engine';
import * as marks from './marks.lazy';
import { keep } from './mdir';
import { DROPPED_STATE } from './tags';
import { fs, type Mdir, type Ops } from './volume';

/**
 * What a pair's delta has to become to bring a share of the global state to the disk; undefined if it may stay as it is on
 * disk, `written` saying that it is there.
 */
export function wantedDelta(delta: Int32Array, share: number, written: boolean): Uint8Array | undefined {
  const v = fs;
  const g = v._gstate;
  const bytes = new Uint8Array(12);
  let needed = 0;
  if (!share) return undefined;
  g[0] = (g[0] & 0x7fffffff) | (v._orphans ? -0x80000000 : 0);
  for (let k = 0; k < 3; k++) {
    let flip = v._gdropped[k];
    if (share > DROPPED_STATE) flip ^= g[k] ^ v._gdisk[k];
    const word = delta[k] ^ flip;
    needed |= written ? flip : word;
    putLe32(bytes, k * 4, word);
  }
  return needed ? bytes : undefined;
}

/** A pair was written with all of the global state. */
export function settled(m: Mdir, ops: Ops | undefined): boolean {
  const v = fs;
  if (v._markCount && (!ops || ops[1] === 0)) marks.moveMark(m);
  if (v._mdirs[0] !== m) keep(m);
  v._gdisk.set(v._gstate);
  v._gdropped.set(new Int32Array(3));
  return true;
}
