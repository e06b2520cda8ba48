/** 1 March 1980 in days since 1970. Years are counted from there, with the leap day as their last. */
export const EPOCH = 3712;
/** 1 March 2100 in days from there: 2100 has no leap day, and is the only such year that FAT knows. */
export const SKIPPED = 43829;

/** Seconds since 1970 of FAT's date and time as one number, the date in the upper half; 0 where it is no time. */
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
