/** What of an open file is seldom wanted. */
import type { RawFile } from '../contract/filesystem';
import { check, invoke, type Where } from './call';

/** MicroPython's further arguments of `write`: the number of bytes; or where in `bytes` they begin, and the number. */
export function pieceOf(file: Where, bytes: Uint8Array, offset: number | undefined, n: number | undefined): Uint8Array {
  let from = offset === undefined ? 0 : offset;
  check(file, from, n === undefined ? 'n' : 'offset', 0);
  if (n === undefined) {
    n = from;
    from = 0;
  }
  check(file, n, 'n', 0);
  from = Math.min(from, bytes.length);
  return bytes.subarray(from, Math.min(from + n, bytes.length));
}

/** Has the driver take room behind the end of a file. */
export function reserve(file: Where, raw: RawFile, bytes: number): void {
  check(file, bytes, 'bytes', 0);
  invoke(raw, 'reserve', file, bytes);
}
