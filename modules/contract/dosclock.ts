/** From milliseconds to FAT's time: apart from `dostime.ts`, which a device that only reads has alone. */
import { EPOCH, SKIPPED } from './dostime';

/** FAT's date and time as one number, the date in the upper half, of milliseconds since 1970: as they are (UTC), in steps of 2 s, 1980 to 2107. */
export function fatTime(ms: number): number {
  const seconds = Math.min(Math.max(Math.floor(ms / 1000), 315532800), 4354819199);
  const rest = seconds % 86400;
  let day = Math.floor(seconds / 86400) - EPOCH;
  if (day >= SKIPPED) day++;
  let year = Math.floor((4 * day + 3) / 1461);
  day -= (1461 * year) >> 2;
  let month = ((5 * day + 2) / 153) | 0;
  day -= ((153 * month + 2) / 5) | 0;
  month += 3;
  if (month > 12) {
    month -= 12;
    year++;
  }
  return (
    (year << 25) | (month << 21) | ((day + 1) << 16) | (((rest / 3600) | 0) << 11) | ((((rest / 60) | 0) % 60) << 5) | ((rest % 60) >> 1)
  );
}
