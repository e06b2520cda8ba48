import { ENOENT, ENOTDIR } from '../contract/errno';
import { type DirEntry, type DirIterator, TYPE_DIR, TYPE_FILE } from '../contract/filesystem';
import { decodeText } from '../engine';
import { load } from './disk';
import { fetch, isMoving } from './mdir';
import { nameAt } from './names';
import { begin } from './operation';
import { KIND_DIR, ROW } from './table';
import { NULL } from './tags';
import { dirPair, look, seek } from './tree';
import { fail, fs, limitSteps, type Mdir, use, type Volume } from './volume';

/** Names are read with so much of what follows them; less where that has not been of use, more where it has. */
const FIRST = 512;
const LEAST = 64;
const MORE = 256;
const MOST = 1024;

/** Iterates over a directory in the order of names; entries made or removed meanwhile are seen or not, the others once. */
export function listDir(v: Volume, path: string): DirIterator {
  let m: Mdir;
  let id = 0;
  let steps = 0;
  let changes = NULL;
  let ahead = FIRST;
  let last: Uint8Array | undefined;
  let locate: (() => void) | undefined = function (): void {
    begin(v, 'listdir', path, false);
    if ((look(path) || fail(ENOENT)) !== KIND_DIR) fail(ENOTDIR);
    id = seek(dirPair(), last) ? fs._id + 1 : fs._id;
    m = fs._m;
    changes = v._changes;
  };
  locate();
  return {
    next: function (): { done: boolean; value?: DirEntry } {
      use(v);
      v._operation = 'listdir';
      v._path = path;
      if (locate && (changes !== v._changes || v._stale)) locate();
      const moving = v._gstate[0];
      while (id >= m._count || (moving && isMoving(m, id))) {
        if (id++ < m._count) continue;
        if (!m._split) {
          // It knows what is around it, and that knows it: only Espruino's garbage collector would take them apart.
          locate = undefined;
          return { done: true };
        }
        limitSteps(steps++);
        m = fetch(m._tail0, m._tail1);
        id = 0;
      }
      const row = id * ROW;
      const dir = m._rows[id * ROW] >>> 30 === KIND_DIR;
      const place = m._rows[row] & 0x3fffffff;
      const i = (place >> 10) - v._wOff;
      if (v._wBlock === m._a && i >= 0 && i + (place & 0x3ff) <= v._wLen) ahead = Math.min(ahead + MORE, MOST);
      else {
        load(m._a, place >> 10, 1, ahead);
        ahead = LEAST;
      }
      const name = nameAt(m, id);
      last = new Uint8Array(name.length);
      last.set(name);
      id++;
      return { done: false, value: [decodeText(last), dir ? TYPE_DIR : TYPE_FILE, 0, dir ? 0 : m._rows[row + 2]] };
    },
  };
}
