import { EBUSY, ECORRUPT, ENAMETOOLONG, ENOENT, ENOTDIR } from '../contract/errno';
import { type DirEntry, type DirIterator, type Stat, TYPE_DIR, TYPE_FILE } from '../contract/filesystem';
import { decodeText, encodeText, equal } from '../engine';
import { begin } from './begin';
import { after, FRAME, fetch, HEADER, kindAt, nameAt, shares, wordAt } from './mdir';
import { DIR, FILE, fail, fs, limitSteps, type Mdir, MOVED, type Volume } from './volume';
import { isGone } from './walk';

/** What an entry takes besides its name, without attributes: header and data. */
export const ENTRY = 12;

/** Looks for `fs._name` in the directory that begins with {a, b}: `fs._m`, `fs._at`, `fs._roomy`; whether it is there. */
function seek(a: number, b: number): boolean {
  const v = fs;
  const name = v._name;
  const length = name.length;
  let roomy: Mdir | undefined;
  for (let steps = 0; ; steps++) {
    limitSteps(steps);
    const m = fetch(a, b);
    const bytes = m._bytes;
    const end = bytes.length;
    v._m = m;
    for (let at = HEADER, to = 0; at < end; at = to) {
      to = after(bytes, at);
      if (bytes[at + 3] !== length || bytes[to - 1] !== name[length - 1]) continue;
      const kind = kindAt(m, at);
      if ((kind === FILE || kind === DIR) && equal(nameAt(m, at), name) && (v._seesMoved || !isGone(m, at))) {
        v._at = at;
        return true;
      }
    }
    if (!roomy && end - HEADER + FRAME + ENTRY + length <= v._pairMax) roomy = m;
    v._at = end;
    if (!m._split) break;
    a = m._tail0;
    b = m._tail1;
  }
  v._roomy = roomy || v._m;
  return false;
}

/**
 * Looks a path up: its type, 0 if there is nothing. `fs._m` and `fs._at` are its entry, or the end of the directory where it
 * would be; for the root `fs._at` is 0.
 * @throws ENOENT, ENOTDIR for what is missing or no directory on the way; ENAMETOOLONG; ECORRUPT for a directory in itself
 */
export function look(path: string): number {
  const v = fs;
  const above: number[] = [];
  let kind = DIR;
  v._at = 0;
  for (let at = 1; at < path.length; ) {
    let end = path.indexOf('/', at);
    if (end < 0) end = path.length;
    if (kind !== DIR) fail(kind ? ENOTDIR : ENOENT);
    v._name = encodeText(path.substring(at, end));
    if (v._name.length > v._nameMax) fail(ENAMETOOLONG);
    const pair = dirPair();
    for (let i = 0; i < above.length; i += 2) if (shares(above[i], above[i + 1], pair[0], pair[1])) fail(ECORRUPT);
    above.push(pair[0], pair[1]);
    kind = seek(pair[0], pair[1]) ? kindAt(v._m, v._at) : 0;
    at = end + 1;
  }
  return kind;
}

/** The pair of the directory just looked up. */
export function dirPair(): number[] {
  const v = fs;
  return v._at ? [wordAt(v._m, v._at, 0), wordAt(v._m, v._at, 1)] : [v._root0, v._root1];
}

/** Like `look`, for something that has to be there. */
export function need(path: string): number {
  return look(path) || fail(ENOENT);
}

/** Nothing may be open at a path; or, with `writable`, nothing for writing. */
export function checkUnused(path: string, writable: boolean): void {
  const files = fs._files;
  for (let i = 0; i < files.length; i++) if (files[i]._path === path && (files[i]._writable || !writable)) fail(EBUSY);
}

/** Iterates over a directory in the order of the medium, as it was when this was called. */
export function listDir(v: Volume, path: string): DirIterator {
  begin(v, 'listdir', path, false);
  if (need(path) !== DIR) fail(ENOTDIR);
  const pairs: Mdir[] = [];
  const gone: boolean[] = [];
  let pair = dirPair();
  for (let split = true; split; ) {
    limitSteps(pairs.length);
    const m = fetch(pair[0], pair[1]);
    for (let at = HEADER; at < m._bytes.length; at = after(m._bytes, at)) if (m._bytes[at] & MOVED) gone.push(isGone(m, at));
    pairs.push(m);
    pair = [m._tail0, m._tail1];
    split = m._split;
  }
  let i = 0;
  let next = HEADER;
  let marked = 0;
  return {
    next: function (): { done: boolean; value?: DirEntry } {
      for (;;) {
        const m = pairs[i];
        if (!m) return { done: true };
        const at = next;
        if (at >= m._bytes.length) {
          i++;
          next = HEADER;
          continue;
        }
        next = after(m._bytes, at);
        if (m._bytes[at] & MOVED && gone[marked++]) continue;
        const kind = kindAt(m, at);
        if (kind === DIR) return { done: false, value: [decodeText(nameAt(m, at)), TYPE_DIR, 0, 0] };
        if (kind === FILE) return { done: false, value: [decodeText(nameAt(m, at)), TYPE_FILE, 0, wordAt(m, at, 1)] };
      }
    },
  };
}

/** Times are 0: the format has none. */
export function statEntry(v: Volume, path: string): Stat {
  begin(v, 'stat', path, false);
  const dir = need(path) === DIR;
  return [dir ? TYPE_DIR : TYPE_FILE, 0, 0, 0, 0, 0, dir ? 0 : wordAt(v._m, v._at, 1), 0, 0, 0];
}
