import { now } from '../engine';

/** 1 March 1980 in days since 1970. Years are counted from there, with the leap day as their last. */
const EPOCH = 3712;
/** 1 March 2100 in days from there: 2100 has no leap day, and is the only such year that FAT knows. */
const SKIPPED = 43829;

/**
 * FAT's date and time as one number, the date in the upper half: the clock's time as it is (UTC), in steps of 2 s, 1980 to 2107.
 * @param time seconds since 1970 instead
 */
export function fatTime(time?: number): number {
  const seconds = Math.min(Math.max(Math.floor(time === undefined ? now() / 1000 : time), 315532800), 4354819199);
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

/** Seconds since 1970 of such a number; 0 where it is no time. */
export function unixTime(time: number): number {
  let month = (time >>> 21) & 15;
  let year = time >>> 25;
  const day = (time >>> 16) & 31;
  const hour = (time >> 11) & 31;
  const minute = (time >> 5) & 63;
  const second = (time & 31) * 2;
  const long = month === 2 ? (year % 4 || year === 120 ? 28 : 29) : 30 + ((month + (month >> 3)) & 1);
  if (!month || month > 12 || !day || day > long || hour > 23 || minute > 59 || second > 59) return 0;
  if (month < 3) {
    month += 12;
    year--;
  }
  let days = ((1461 * year) >> 2) + (((153 * month - 457) / 5) | 0) + day - 1;
  if (days > SKIPPED) days--;
  return (days + EPOCH) * 86400 + hour * 3600 + minute * 60 + second;
}
