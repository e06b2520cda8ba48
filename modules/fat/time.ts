import { now } from '../engine';

/** 1 March 1980 in days since 1970. Years are counted from there, with the leap day as their last. */
const EPOCH = 3712;

/** FAT's date and time as one number, the date in the upper half: the clock's time as it is (UTC), in steps of 2 s. */
export function fatTime(): number {
  const seconds = Math.max(Math.floor(now() / 1000), 315532800);
  const rest = seconds % 86400;
  let day = Math.floor(seconds / 86400) - EPOCH;
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

/** Seconds since 1970 of such a number; 0 where it is no time. */
export function unixTime(time: number): number {
  let month = (time >>> 21) & 15;
  let year = time >>> 25;
  const day = (time >>> 16) & 31;
  if (!month || !day) return 0;
  if (month < 3) {
    month += 12;
    year--;
  }
  const days = ((1461 * year) >> 2) + (((153 * month - 457) / 5) | 0) + day + EPOCH - 1;
  return days * 86400 + ((time >> 11) & 31) * 3600 + ((time >> 5) & 63) * 60 + (time & 31) * 2;
}
