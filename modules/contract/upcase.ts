/**
 * The capital letters beyond Basic Latin, as exFAT's recommended up-case table has them (exFAT specification, section
 * 7.2.5.1), which maps one UTF-16 unit to one. Each item is a run, in base 36: how far it begins behind the one before, what
 * is to be added, and how many there are. Without the second: -1, and every other unit.
 */
const BELOW_CYRILLIC =
  '68,-w,n o,-w,7 7,3d 2,,o 1e,,3 7,,8 h,,n 1b,,3 6,5f 3,,2 5 4 6 3,2p 4 1,4j 4,3m 3,,3 7 5 3 4,,2 5 4 2,1k 7,-2 3,-2 3,-2 2,,8 f,-27 2,,9 k,-2 2 4,,k 16,,9 n,8bv 2 2,8bs 4 5,,5 c,-5u 1,-5q 2,-5p,2 3,-5m 2,-5n 5,-5p 3,-5r 5,-5t 1,-5v 2,8af 4,-5v 3,-5x 3,-5y 8,89z 3,-62 3,-62 5,-62 1,-1x 1,-61,2 2,-1z 6,-63 6h,3m,3 1d,-12 1,-11,3 4,-w,h h,-v 1,-w,9 9,-1s 1,-1r,2 c,,c p,7 6 3';
const FROM_CYRILLIC =
  'ts,-w,w w,-28,g h,,h 16,,r 1j,,7 d,-f 2,,y 40,-1c,12 4rg,2xy 3o,,23 4g,,19 2n,8,8 g,8,6 g,8,8 g,8,8 g,8,6 h,8 2,8 2,8 2,8 9,8,8 g,22,2 2,2e,4 4,2s,2 2,3k,2 2,34,2 2,3i,2 4,8,8 g,8,8 g,8,8 g,8,2 3,9 p,-9 4,8,2 g,8,2 5,7 n,-9 9e,-s y,-g,g k ng,-q,q 1gg,-1c,1b 1d 7,,3 e b,,1e 3j,-5ls,12 15j5,-w,q';

/** Upper case of one UTF-16 unit. */
export function fold(c: number): number {
  const runs = c < 1024 ? BELOW_CYRILLIC : FROM_CYRILLIC;
  let from = 0;
  if (c < 128) return c > 96 && c < 123 ? c - 32 : c;
  for (let at = 0, end = 0; end >= 0 && from <= c; at = end + 1) {
    end = runs.indexOf(' ', at);
    const run = runs.substring(at, end < 0 ? runs.length : end).split(',');
    const add = run[1] ? parseInt(run[1], 36) : -1;
    // The zero: MicroQuickJS takes no single letter.
    from += parseInt('0' + run[0], 36);
    const k = add === -1 ? (c - from) / 2 : c - from;
    if (k >= 0 && k % 1 === 0 && k < (run[2] ? parseInt('0' + run[2], 36) : 1)) return c + add;
  }
  return c;
}

/** Calls for each run beyond Basic Latin: its first letter, what is to be added, how many there are, and how far one is from the next. */
export function eachRun(visit: (first: number, add: number, count: number, step: number) => void): void {
  const parts = [BELOW_CYRILLIC, FROM_CYRILLIC];
  for (let k = 0; k < 2; k++) {
    const runs = parts[k].split(' ');
    let from = 0;
    for (let i = 0; i < runs.length; i++) {
      const run = runs[i].split(',');
      const add = run[1] ? parseInt(run[1], 36) : -1;
      from += parseInt('0' + run[0], 36);
      visit(from, add, run[2] ? parseInt('0' + run[2], 36) : 1, add === -1 ? 2 : 1);
    }
  }
}
