import { espruinoE } from './native';

/** Copies all of `source` into `target` at `offset`; the two may overlap. */
export function copy(target: Uint8Array, offset: number, source: Uint8Array): void {
  target.set(source, offset);
}

/** Sets every byte of `target`. Doubling copies are several times faster than `fill` where `fill` calls back, and exist everywhere. */
export function fill(target: Uint8Array, value: number): void {
  const length = target.length;
  if (length) target[0] = value;
  for (let done = 1; done < length; done *= 2) target.set(target.subarray(0, Math.min(done, length - done)), done);
}

/** Whether two byte arrays hold the same bytes. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  const text = espruinoE && espruinoE.toString(a);
  if (espruinoE && text) return text === espruinoE.toString(b);
  let i = a.length;
  let same = i === b.length;
  while (same && i--) same = a[i] === b[i];
  return same;
}

/** The little-endian 32-bit word at `i`, as a signed integer. */
export function le32(b: Uint8Array, i: number): number {
  return b[i] | (b[i + 1] << 8) | (b[i + 2] << 16) | (b[i + 3] << 24);
}

/** Stores `value` as a little-endian 32-bit word at `i`. */
export function putLe32(b: Uint8Array, i: number, value: number): void {
  b[i] = value;
  b[i + 1] = value >> 8;
  b[i + 2] = value >> 16;
  b[i + 3] = value >> 24;
}

/** The big-endian 32-bit word at `i`, as a signed integer. */
export function be32(b: Uint8Array, i: number): number {
  return (b[i] << 24) | (b[i + 1] << 16) | (b[i + 2] << 8) | b[i + 3];
}
