import { fatTime } from '../contract/dosclock';
import { unixTime } from '../contract/dostime';
import { le32, now, putLe32 } from '../engine';

/** Puts the present time into a File entry, as UTC: of the last change, and of a new one all three. */
export function putTime(set: Uint8Array, fresh: boolean): void {
  const time = fatTime();
  // What two seconds, the steps of the time, leave over, in 10 ms.
  const rest = Math.floor(now() / 10) % 200;
  for (let i = fresh ? 0 : 1; i < 3; i++) {
    putLe32(set, 8 + i * 4, time);
    if (i < 2) set[20 + i] = rest;
    set[22 + i] = 128;
  }
}

/** Seconds since 1970 of the last change; of a time without its distance to UTC (section 7.4.10) as if it were UTC. */
export function timeOf(set: Uint8Array): number {
  const time = unixTime(le32(set, 12));
  const offset = set[23];
  // Quarters of an hour, seven bits with sign.
  const quarters = offset > 127 ? ((offset & 127) ^ 64) - 64 : 0;
  return time && time + (set[21] < 200 && set[21] > 99 ? 1 : 0) - quarters * 900;
}
