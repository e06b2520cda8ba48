import { ENOTDIR } from '../contract/errno';
import { type DirEntry, type DirIterator, TYPE_DIR, TYPE_FILE } from '../contract/filesystem';
import { decodeText } from '../engine';
import { fetch, isMoving, KIND_DIR, kindOf, ROW } from './mdir';
import { begin } from './operation';
import { NULL } from './tags';
import { dirPair, nameAt, need, seek } from './tree';
import { fail, fs, limitSteps, type Mdir, type Volume } from './volume';

/** Iterates over a directory in the order of names; entries made or removed meanwhile are seen or not, the others once. */
export function listDir(v: Volume, path: string): DirIterator {
  let m: Mdir;
  let id = 0;
  let steps = 0;
  let changes = NULL;
  let last: Uint8Array | undefined;
  const locate = function (): void {
    begin(v, 'listdir', path, false);
    if (changes !== fs._changes) {
      if (need(path) !== KIND_DIR) fail(ENOTDIR);
      id = seek(dirPair(), last) ? fs._id + 1 : fs._id;
      m = fs._m;
      changes = fs._changes;
    }
  };
  locate();
  return {
    next: function (): { done: boolean; value?: DirEntry } {
      locate();
      while (id >= m._count || isMoving(m, id)) {
        if (id++ < m._count) continue;
        if (!m._split) return { done: true };
        limitSteps(steps++);
        m = fetch(m._tail0, m._tail1);
        id = 0;
      }
      const row = id * ROW;
      const dir = kindOf(m, id) === KIND_DIR;
      last = nameAt(m, id);
      id++;
      return { done: false, value: [decodeText(last), dir ? TYPE_DIR : TYPE_FILE, 0, dir ? 0 : m._rows[row + 2]] };
    },
  };
}
