/** Metadata pairs: a log scanned into a table, and the global state that is spread over all pairs. */
import { keep, samePair } from './kept';
import * as logs from './scan.lazy';
import * as tables from './tabulate.lazy';
import { fs, type Mdir } from './volume';

export { forget, keep, MARK, samePair } from './kept';

/** The id of the entry that is on the move (SPEC.md, "Move state"), -1 if there is none. */
export function movingId(): number {
  return fs._gstate[0] & 0x70000000 ? (fs._gstate[0] >> 10) & 0x3ff : -1;
}

/** Whether an entry is the source of a rename that was cut: it counts as gone. */
export function isMoving(m: Mdir, id: number): boolean {
  return movingId() === id && samePair(m, fs._gstate[1], fs._gstate[2]);
}

/** The pair {a, b} with its table: from the list of those kept, or scanned. */
export function fetch(a: number, b: number): Mdir {
  const list = fs._mdirs;
  const moves = fs._moves;
  let m: Mdir | undefined;
  for (let i = 0; i < moves.length; i += 4) {
    if ((moves[i] === a && moves[i + 1] === b) || (moves[i] === b && moves[i + 1] === a)) {
      a = moves[i + 2];
      b = moves[i + 3];
    }
  }
  for (let i = 0; i < list.length; i++) {
    m = list[i];
    if ((m._a === a && m._b === b) || (m._a === b && m._b === a)) {
      if (i) {
        list.splice(i, 1);
        list.unshift(m);
      }
      break;
    }
    m = undefined;
  }
  if (!m) m = logs.openPair(a, b);
  if (m._count < 0) {
    tables.know(m);
    keep(m);
  }
  return m;
}
