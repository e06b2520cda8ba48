/** Changes of directories. */
import { EBUSY, EEXIST, EINVAL, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY } from '../contract/errno';
import { equal } from '../engine';
import { CREATE, DELETE, DIR, DIRSTRUCT, INLINESTRUCT, REG, USERATTR } from '../littlefs/tags';
import { begin } from './begin';
import { takePair } from './blocks';
import { commit } from './commit';
import * as compacting from './compact.lazy';
import { word } from './disk';
import * as mending from './mend.lazy';
import { dataOf, fetch, fetchNext, isHere, MOVING, NONE, type Ops, ORPHANS, tag, wordBytes } from './table';
import { type Found, find, isDirectory, look, pairOf } from './tree';
import { fail, NOTHING, NULL, v } from './volume';

/** Where in the order of names a new one belongs: the pair is at hand then. Of two that agree as far as they go the longer is first. */
function place(dir: number[], name: Uint8Array): number {
  fetch(dir);
  for (;;) {
    // An entry of the superblock comes before all.
    let from = v._count && v._rows[0] >> 28 === 3 ? 1 : 0;
    let to = v._count;
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = dataOf(v._rows[middle * 2], []);
      let k = 0;
      while (k < name.length && k < other.length && name[k] === other[k]) k++;
      if (k < name.length && (k === other.length || name[k] < other[k])) to = middle;
      else from = middle + 1;
    }
    if (from < v._count || !v._split) return from;
    fetchNext();
  }
}

/** @throws EBUSY for a file that is open with any of these bits of a mode */
export function refuseOpen(found: Found, bits: number): void {
  for (let k = 0; k < v._files.length; k++) {
    const f = v._files[k];
    if (f._bits & bits && equal(f._name, found._name) && f._dir[0] === found._dir[0] && f._dir[1] === found._dir[1]) fail(EBUSY);
  }
}

/** Makes an empty file. Gives its entry. */
export function makeFile(found: Found): number {
  const id = place(found._dir, found._name);
  commit([tag(CREATE, id, 0), NOTHING, tag(REG, id, found._name.length), found._name, tag(INLINESTRUCT, id, 0), NOTHING]);
  return look(found._dir, found._name);
}

/** All bits of a mode. */
const ANY = 63;

export function mkdir(names: string[]): void {
  begin();
  const found = find(names);
  if (found._id >= 0 || !names.length) fail(EEXIST);
  const made = takePair() || fail(ENOSPC);
  // It comes behind the last pair of its parent.
  place(found._dir, found._name);
  while (v._split) fetchNext();
  const before = [v._a, v._b];
  v._a = NULL;
  v._count = v._split = 0;
  v._attrs = [];
  v._delta = [0, 0, 0];
  compacting.writeLog(made[1], word(made[0], 0) + 1, [0, 0], []);
  const id = place(found._dir, found._name);
  const ops: Ops = [tag(CREATE, id, 0), NOTHING, tag(DIR, id, found._name.length), found._name, tag(DIRSTRUCT, id, 8), wordBytes(made)];
  if (isHere(before[0], before[1])) commit(ops.concat(mending.tailOps(0, made)));
  else {
    fetch(before);
    mending.commitOrphans(true, mending.tailOps(0, made));
    place(found._dir, found._name);
    mending.commitOrphans(false, ops);
  }
}

/** Removes a file, or a directory without entries. */
export function remove(names: string[], directory: boolean): void {
  begin();
  const found = find(names);
  if (!names.length) fail(EBUSY);
  if (found._id < 0) fail(ENOENT);
  if (isDirectory(found._id) !== directory) fail(directory ? ENOTDIR : EISDIR);
  if (directory) removeDirectory(found);
  else {
    refuseOpen(found, ANY);
    mending.takeAway(found._id);
  }
}

function removeDirectory(found: Found): void {
  const dir = pairOf(found._id);
  fetch(dir);
  do {
    if (v._count) fail(ENOTEMPTY);
  } while (v._split && fetchNext());
  const id = look(found._dir, found._name);
  v._state[0] |= ORPHANS;
  mending.takeAway(id);
  mending.drop(dir, false);
}

/** Gives an entry another name, in place of a file or a directory without entries. */
export function rename(from: string[], to: string[]): void {
  begin();
  let target = find(to);
  let found = find(from);
  const source = found._id;
  const inside = to.slice(0, from.length).join('/') === from.join('/');
  if (!from.length || !to.length) fail(EBUSY);
  if (source < 0) fail(ENOENT);
  if (inside && to.length === from.length) return;
  const directory = isDirectory(source);
  if (inside) fail(directory ? EINVAL : ENOTDIR);
  refuseOpen(found, ANY);
  const row = v._rows[source * 2];
  const content = v._rows[source * 2 + 1];
  // All that the entry has, for its new place: of it only the name is another.
  const kept: Ops = [];
  if (content) kept.push(DIRSTRUCT - 1 + (content >> 28), dataOf(content, []));
  for (let k = 0; k < v._attrs.length; k += 2)
    if ((v._attrs[k] & NONE) === source) kept.push(USERATTR + (v._attrs[k] >> 10), dataOf(v._attrs[k + 1], []));
  const ops: Ops = [];
  if (target._id >= 0) {
    look(target._dir, target._name);
    if (isDirectory(target._id) !== directory) fail(directory ? ENOTDIR : EISDIR);
    if (directory) {
      removeDirectory(target);
      target = find(to);
    } else {
      refuseOpen(target, ANY);
      ops.push(tag(DELETE, target._id, 0), NOTHING);
    }
  }
  // With one of the same name the place is that one's, or where it would go.
  let id = target._id;
  if (id < 0) id = place(target._dir, target._name);
  else look(target._dir, target._name);
  ops.push(tag(CREATE, id, 0), NOTHING, tag(row >> 28, id, target._name.length), target._name);
  for (let k = 0; k < kept.length; k += 2) {
    const data = kept[k + 1] as Uint8Array;
    ops.push(tag(kept[k] as number, id, data.length), data);
  }
  // Where the source is by now.
  const here = [v._a, v._b];
  found = find(from);
  let old = found._id;
  if (isHere(here[0], here[1])) {
    if (target._id >= 0 && target._id < old) old--;
    if (id <= old) old++;
    ops.push(tag(DELETE, old, 0), NOTHING);
    commit(ops);
  } else {
    v._state = [(v._state[0] & ORPHANS) | MOVING | (old << 10), v._a, v._b];
    fetch(here);
    commit(ops);
    mending.endMove();
  }
}
