import { fatTime } from '../contract/dosclock';
import { unixTime } from '../contract/dostime';
import { le32, now, putLe32 } from '../engine';

/** The three times of a File entry, in their order. */
const CREATED = 0;
export const MODIFIED = 1;
export const ACCESSED = 2;

/** Puts a time, in milliseconds, into a File entry, as UTC. */
export function putOne(set: Uint8Array, i: number, ms: number): void {
  putLe32(set, 8 + i * 4, fatTime(ms));
  // What two seconds, the steps of the time, leave over, in 10 ms.
  if (i < ACCESSED) set[20 + i] = Math.floor(ms / 10) % 200;
  set[22 + i] = 128;
}

/** Puts the present time: of the last change and access, and of a new one all three. */
export function putTime(set: Uint8Array, fresh: boolean): void {
  const ms = now();
  for (let i = fresh ? CREATED : MODIFIED; i <= ACCESSED; i++) putOne(set, i, ms);
}

/** Seconds since 1970 of the last change; of a time without its distance to UTC (section 7.4.10) as if it were UTC. */
export function timeOf(set: Uint8Array): number {
  const time = unixTime(le32(set, 12));
  const offset = set[23];
  // Quarters of an hour, seven bits with sign.
  const quarters = offset > 127 ? ((offset & 127) ^ 64) - 64 : 0;
  return time && time + (set[21] < 200 && set[21] > 99 ? 1 : 0) - quarters * 900;
}
