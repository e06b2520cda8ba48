/** Which of several entry sets owns a chain. What a cut leaves is told apart here, before anything is claimed. */
import * as mend from '../mend.lazy';
import { setText } from '../name';
import { fs } from '../volume';
import { type Check, markBit } from './state';

/** The name under which a file is written that is to replace another, see `writeFile`. */
const SPARE = '~vfs.tmp';

/** One of the entry sets that name a cluster. */
interface Row {
  _key: string;
  _age: number;
  _spare: boolean;
}

/** A user's name rather than the spare one; of a rename, which makes the age of the new name 10 ms more, that. */
function isBetter(row: Row, than: Row): boolean {
  if (row._spare !== than._spare) return than._spare;
  return (than._age + 1) % 200 === row._age;
}

/** The key of the set just found. */
export function keyOf(dir: number, slot: number): string {
  return dir + ':' + slot;
}

/** Finds the entry sets that begin with the first cluster of another. */
export function findOwners(c: Check): void {
  const firsts = c._firsts;
  const twice: Record<string, Row | null | undefined> = {};
  let several = false;
  mend.walk(function (first) {
    if (!markBit(firsts, first)) return;
    twice[first] = null;
    several = true;
  });
  if (!several) return;
  mend.walk(function (first) {
    const best = twice[first];
    if (best === undefined) return;
    const key = keyOf(fs._dir._first, fs._slot);
    const row: Row = { _key: key, _age: fs._set[20], _spare: setText(fs._set) === SPARE };
    const better = !best || isBetter(row, best);
    if (best) c._strangers[better ? best._key : key] = true;
    if (better) twice[first] = row;
  });
}
