/** What is to be known when entries and directories move: for the parts of a device that are loaded on demand. */
import { samePair } from './mdir';
import { DELETE } from './tags';
import { fs } from './volume';

/** Wants the global state to say that entry `id` of the pair {a, b} is on the move (SPEC.md, "Move state"); id -1: none is. */
export function setMove(id: number, a: number, b: number): void {
  fs._gstate[0] = id < 0 ? 0 : (DELETE << 20) | (id << 10);
  fs._gstate[1] = a;
  fs._gstate[2] = b;
}

/** No directory begins at {a, b} any more, or another one does. */
export function dirMoved(a: number, b: number): void {
  const marks = fs._landmarks;
  for (let i = marks.length - 1; i >= 0; i--) if (samePair(a, b, marks[i]._dir0, marks[i]._dir1)) marks.splice(i, 1);
}
