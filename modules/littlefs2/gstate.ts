import { putLe32 } from '../engine';
import { DELETE, mkTag, NO_ID } from './tags';
import type { Volume } from './volume';

/** The data of tags that have none. */
export const NOTHING = new Uint8Array(0);

/** A pair of block numbers as it is stored. */
export function pairBytes(a: number, b: number): Uint8Array {
  const bytes = new Uint8Array(8);
  putLe32(bytes, 0, a);
  putLe32(bytes, 4, b);
  return bytes;
}

/** Wants the global state to say that entry `id` of the pair {a, b} is on the move; NO_ID: none is (SPEC.md, "Move state"). */
export function setMove(fs: Volume, id: number, a: number, b: number): void {
  const moving = id !== NO_ID;
  fs._gstate[0] = (fs._gstate[0] & -0x80000000) | (moving ? mkTag(DELETE, id, 0) : 0);
  fs._gstate[1] = moving ? a : 0;
  fs._gstate[2] = moving ? b : 0;
}

/**
 * What a pair's delta has to become so that the global state on disk is the one wanted; undefined if it need not change.
 */
export function wantedDelta(fs: Volume, delta: Int32Array): Uint8Array | undefined {
  const g = fs._gstate;
  g[0] = (g[0] & 0x7fffffff) | (fs._orphans ? -0x80000000 : 0);
  const bytes = new Uint8Array(12);
  let differs = false;
  for (let k = 0; k < 3; k++) {
    const flip = g[k] ^ fs._gdisk[k];
    if (flip) differs = true;
    putLe32(bytes, k * 4, delta[k] ^ flip);
  }
  return differs ? bytes : undefined;
}
