/** The recommended up-case table (section 7.2.5.1), made from the letters that change. */
import { eachRun } from '../contract/upcase';

export const TABLE_BYTES = 5836;
export const TABLE_SUM = 0xe619d30d | 0;

/** Runs of units that are their own capitals, the longer ones: where they begin, how long they are. Only these are compressed, to FFFF and their length. */
const RUNS = [0x587, 6134, 0x2185, 843, 0x24ea, 1862, 0x2d26, 53787];

/** Puts the table into `b`, which has room for it. */
export function putTable(b: Uint8Array): void {
  const put = function (first: number, add: number, count: number, step: number): void {
    let at = first * 2;
    for (let i = 0; i < RUNS.length; i += 2) if (first >= RUNS[i] + RUNS[i + 1]) at += 4 - RUNS[i + 1] * 2;
    for (let unit = first; count--; unit += step) {
      b[at] = unit + add;
      b[at + 1] = (unit + add) >> 8;
      at += step * 2;
    }
  };
  let unit = 0;
  for (let i = 0; i < RUNS.length; i += 2) {
    const end = RUNS[i];
    put(unit, 0, end - unit, 1);
    unit = end + RUNS[i + 1];
  }
  put(unit, 0, 65536 - unit, 1);
  put(97, -32, 26, 1);
  eachRun(put);
  for (let i = 0; i < RUNS.length; i += 2) {
    let at = (RUNS[i] + RUNS[i + 1]) * 2 - 4;
    for (let k = 0; k <= i; k += 2) at += 4 - RUNS[k + 1] * 2;
    b[at] = b[at + 1] = 255;
    b[at + 2] = RUNS[i + 1];
    b[at + 3] = RUNS[i + 1] >> 8;
  }
}
