/** The recommended up-case table (section 7.2.5.1), made from the letters that change. */
import { fold } from '../contract/upcase';

export const TABLE_BYTES = 5836;
export const TABLE_SUM = 0xe619d30d | 0;

/** Runs of units that are their own capitals, the longer ones: where they begin, how long they are. */
const RUNS = [0x587, 6134, 0x2185, 843, 0x24ea, 1862, 0x2d26, 53787];

/** Puts the table into `b`, which has room for it. Only the longer runs are compressed, to FFFF and their length. */
export function putTable(b: Uint8Array): void {
  let n = 0;
  let run = 0;
  const put = function (value: number): void {
    b[n++] = value;
    b[n++] = value >> 8;
  };
  for (let unit = 0; unit < 65536; ) {
    if (unit === RUNS[run]) {
      put(0xffff);
      put(RUNS[run + 1]);
      unit += RUNS[run + 1];
      run += 2;
    } else put(fold(unit++));
  }
}
