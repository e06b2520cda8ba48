import { putLe32 } from '../engine';
import { type Mdir, samePair } from './mdir';
import { fs } from './volume';

/** The data of tags that have none. */
export const NOTHING = new Uint8Array(0);

/** A pair of block numbers as it is stored. */
export function pairBytes(a: number, b: number): Uint8Array {
  const bytes = new Uint8Array(8);
  putLe32(bytes, 0, a);
  putLe32(bytes, 4, b);
  return bytes;
}

/** The id of the entry that is on the move, -1 if there is none. */
export function movingId(): number {
  return fs._gstate[0] & 0x70000000 ? (fs._gstate[0] >> 10) & 0x3ff : -1;
}

/** Whether the entry on the move is in the pair {a, b}. */
export function hasMove(a: number, b: number): boolean {
  return movingId() >= 0 && samePair(fs._gstate[1], fs._gstate[2], a, b);
}

/** Whether an entry is the source of a rename that was cut: it counts as gone. */
export function isMoving(m: Mdir, id: number): boolean {
  return movingId() === id && hasMove(m._a, m._b);
}

/** How much of the global state a commit brings to the disk: nothing, for a pair that is not on the thread yet; */
export const NO_STATE = 0;
/** what a dropped pair held, for a pair that is moved and whose old self stays on the thread for now; */
export const DROPPED_STATE = 1;
/** or all that is wanted. */
export const ALL_STATE = 2;

/**
 * What a pair's delta has to become for that; undefined if it may stay as it is on disk, `written` saying that it is
 * there.
 */
export function wantedDelta(delta: Int32Array, share: number, written: boolean): Uint8Array | undefined {
  const g = fs._gstate;
  const bytes = new Uint8Array(12);
  let needed = 0;
  if (!share) return undefined;
  g[0] = (g[0] & 0x7fffffff) | (fs._orphans ? -0x80000000 : 0);
  for (let k = 0; k < 3; k++) {
    let flip = fs._gdropped[k];
    if (share > DROPPED_STATE) flip ^= g[k] ^ fs._gdisk[k];
    const word = delta[k] ^ flip;
    needed |= written ? flip : word;
    putLe32(bytes, k * 4, word);
  }
  return needed ? bytes : undefined;
}
