/** Times that other drivers have made: seldom met, a part that a device loads for one. */
import { le32 } from '../engine';
import { readBytes } from './disk';
import { SECONDS } from './tags';
import type { Mdir } from './volume';

/** The seconds in the attribute `t` of an entry, 0 if it has none. */
export function secondsOf(m: Mdir, id: number): number {
  const attrs = m._attrs;
  const bytes = new Uint8Array(8);
  for (let k = 0; k < attrs.length; k += 3) {
    const length = attrs[k + 2] & 0x3ff;
    if (attrs[k] === id && attrs[k + 1] === SECONDS && (length === 4 || length === 8))
      readBytes(m._a, attrs[k + 2] >>> 10, bytes.subarray(0, length));
  }
  return (le32(bytes, 4) >>> 0) * 4294967296 + (le32(bytes, 0) >>> 0);
}
