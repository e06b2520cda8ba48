/** A piece of what is written: seldom wanted, a part to load on demand. */
import { LARGEST, whole } from '../arguments';

/** MicroPython's further arguments of `write`: the number of bytes; or where in `bytes` they begin, and the number. */
export function pieceOf(bytes: Uint8Array, offset: number | undefined, n: number | undefined, path: string): Uint8Array {
  const alone = n === undefined;
  const first = whole(offset, 0, alone ? 'n' : 'offset', 0, LARGEST, 'write', path);
  const from = alone ? 0 : Math.min(first, bytes.length);
  return bytes.subarray(from, Math.min(from + whole(n, first, 'n', 0, LARGEST, 'write', path), bytes.length));
}
