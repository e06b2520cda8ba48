/** Names and directories. */
import { EBUSY, ECORRUPT, EEXIST, EINVAL, EISDIR, ENAMETOOLONG, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY, EROFS } from '../contract/errno';
import { decodeText, encodeText, equal, le32 } from '../engine';
import { makeRoom, takePair } from './blocks';
import { commit, writeLog } from './commit';
import { word } from './disk';
import { CREATE, DELETE, dataOf, fetch, fetchNext, isHere, NONE, type Ops, TAIL, tag, wordBytes } from './table';
import { fail, NOTHING, NULL, v } from './volume';

const DIR = 2;
/** Bits of the first word of the global state: there may be orphans; which entry is moving. */
const ORPHANS = 1 << 31;
const MOVING = 0x4ff00000;

/** What `find` found: its pair is at hand. */
export interface Found {
  /** The entry, -1 where there is none. */
  _id: number;
  /** The directory it is in, and its name there. */
  _dir: number[];
  _name: Uint8Array;
}

export function isDirectory(id: number): boolean {
  return v._rows[id * 2] >> 28 === DIR;
}

/** What a name is followed by, in bytes of the file. */
export function sizeOfEntry(id: number): number {
  const content = v._rows[id * 2 + 1];
  return content >> 28 === 3 ? le32(dataOf(content, []), 4) : content >> 28 === 2 ? (content >> 16) & NONE : 0;
}

/** The pair of a directory's entry. */
function pairOf(id: number): number[] {
  const data = dataOf(v._rows[id * 2 + 1], []);
  return [le32(data, 0), le32(data, 4)];
}

/** Looks for a name in a directory: its entry, whose pair is at hand, or -1. */
export function look(dir: number[], name: Uint8Array): number {
  fetch(dir);
  do {
    for (let id = 0; id < v._count; id++) {
      const row = v._rows[id * 2];
      if (((row >> 16) & NONE) === name.length && row >> 28 < 3 && id !== v._hidden && equal(dataOf(row, []), name)) return id;
    }
  } while (v._split && fetchNext());
  return -1;
}

/** Where in the order of names a new one belongs: the pair is at hand then. Of two that agree as far as they go the longer is first. */
export function place(dir: number[], name: Uint8Array): number {
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

/** Takes the names of a path apart: `.` and `..` are textual. */
export function namesOf(path: string): string[] {
  const names: string[] = [];
  const parts = path.split('/');
  for (let k = 0; k < parts.length; k++) {
    if (parts[k] === '..') names.pop();
    else if (parts[k] && parts[k] !== '.') names.push(parts[k]);
  }
  return names;
}

/** Finds what names lead to. @throws ENOENT, ENOTDIR on the way; ENAMETOOLONG */
export function find(names: string[]): Found {
  const found: Found = { _id: -1, _dir: v._root, _name: NOTHING };
  for (let k = 0; k < names.length; k++) {
    if (k) {
      if (found._id < 0) fail(ENOENT);
      if (!isDirectory(found._id)) fail(ENOTDIR);
      found._dir = pairOf(found._id);
    }
    found._name = encodeText(names[k]);
    if (found._name.length > v._nameMax) fail(ENAMETOOLONG);
    found._id = look(found._dir, found._name);
  }
  return found;
}

/** The names in a directory. A medium gives none that is a path. @throws ENOENT, ENOTDIR */
export function list(names: string[]): string[] {
  const found = find(names);
  const entries: string[] = [];
  let dir = v._root;
  if (names.length) {
    if (found._id < 0) fail(ENOENT);
    if (!isDirectory(found._id)) fail(ENOTDIR);
    dir = pairOf(found._id);
  }
  fetch(dir);
  do {
    for (let id = 0; id < v._count; id++) {
      const row = v._rows[id * 2];
      const name = row >> 28 < 3 && id !== v._hidden ? decodeText(dataOf(row, [])) : '';
      if ('..'.indexOf(name) && name.indexOf('/') < 0 && name.indexOf('\0') < 0) entries.push(name);
    }
  } while (v._split && fetchNext());
  return entries;
}

/** Before a change: what a power cut has interrupted is ended, and blocks are there. @throws EROFS */
export function begin(): void {
  if (v._readonly) fail(EROFS);
  if (v._stale) readState();
  // A change that failed may have wanted another.
  v._state = v._disk.slice();
  if (v._state[0] & MOVING) endMove();
  if (v._state[0] & ORPHANS) dropOrphans();
  makeRoom();
}

/** Reads the global state, which all pairs have a share of, and finds the root. Whether there is a superblock entry. */
export function readState(): boolean {
  let found = false;
  v._a = NULL;
  v._state = [0, 0, 0];
  fetch([0, 1]);
  do {
    for (let k = 0; k < 3; k++) v._state[k] ^= v._delta[k];
    if (v._count && v._rows[0] >> 28 === 3) {
      v._root = [v._a, v._b];
      found = true;
    }
  } while (fetchNext());
  v._disk = v._state.slice();
  v._stale = false;
  v._a = NULL;
  return found;
}

/** Removes the entry that has arrived elsewhere. */
function endMove(): void {
  const state = v._state;
  const id = (state[0] >> 10) & NONE;
  fetch([state[1], state[2]]);
  v._state = [state[0] & ORPHANS, 0, 0];
  v._hidden = -1;
  takeAway(id);
}

/** Changes the pair at hand; whether there may be orphans is in the same commit. */
function commitOrphans(there: boolean, ops: Ops): void {
  v._state[0] = there ? v._state[0] | ORPHANS : v._state[0] & ~ORPHANS;
  commit(ops);
}

function tailOps(split: number, tail: number[]): Ops {
  return [tag(TAIL + split, NONE, 8), wordBytes(tail)];
}

/** Makes the pair before a directory, in the order of all pairs, the one at hand. */
function fetchBefore(dir: number[]): void {
  fetch([0, 1]);
  while (!(v._tail[0] === dir[0] && v._tail[1] === dir[1]) && !(v._tail[0] === dir[1] && v._tail[1] === dir[0]))
    if (!fetchNext()) fail(ECORRUPT, 'damaged: a directory that is in no order');
}

/** The shares of the global state that a pair has are to go with it. */
function giveUpShare(): void {
  v._stale = true;
  for (let k = 0; k < 3; k++) v._disk[k] ^= v._delta[k];
}

/** Removes an entry of the pair at hand; with its last one a pair that continues a directory goes as a whole. */
function takeAway(id: number): void {
  const pair = [v._a, v._b];
  const ops = tailOps(v._split, v._tail);
  if (v._count === 1) {
    fetchBefore(pair);
    const follows = v._split;
    const before = [v._a, v._b];
    fetch(pair);
    if (follows) {
      giveUpShare();
      fetch(before);
      commit(ops);
      return;
    }
  }
  commit([tag(DELETE, id, 0), NOTHING]);
}

/** Takes a directory without entries, all its pairs, from the order of pairs. `others`: there may be more that no entry leads to. */
function drop(dir: number[], others: boolean): void {
  fetch(dir);
  for (;;) {
    giveUpShare();
    if (!v._split) break;
    fetchNext();
  }
  const next = v._tail;
  fetchBefore(dir);
  commitOrphans(others, tailOps(0, next));
}

/** What a name leads to of the pair's blocks, in all directories: the pair that its entry has, or nothing. */
function parentOf(one: number, other: number): number[] | undefined {
  fetch([0, 1]);
  do {
    for (let id = 0; id < v._count; id++) {
      if (v._rows[id * 2 + 1] >> 28 !== 1) continue;
      const pair = pairOf(id);
      if (pair[0] === one || pair[1] === one || pair[0] === other || pair[1] === other) return pair;
    }
  } while (fetchNext());
  return undefined;
}

/** Drops directories that no entry leads to, and lets the order of pairs name those that were moved by what they are. */
function dropOrphans(): void {
  let dir = [0, 1];
  for (let steps = 0; ; steps++) {
    fetch(dir);
    const split = v._split;
    const next = v._tail;
    if (next[0] === NULL) break;
    if (steps > v._blocks) fail(ECORRUPT);
    if (!split) {
      // Next to the superblock's pair lies the root, if that is not the same.
      const parent = isRoot(next) ? next : parentOf(next[0], next[1]);
      if (!parent) {
        drop(next, true);
        continue;
      }
      if (parent[0] + parent[1] !== next[0] + next[1]) {
        fetch(dir);
        commitOrphans(true, tailOps(0, parent));
        continue;
      }
    }
    dir = next;
  }
  fetch([0, 1]);
  commitOrphans(false, []);
}

function isRoot(pair: number[]): boolean {
  return pair[0] + pair[1] === v._root[0] + v._root[1] && (pair[0] === v._root[0] || pair[1] === v._root[0]);
}

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
  writeLog(made[1], word(made[0], 0) + 1, 0, 0, [0, 0, 0], []);
  const id = place(found._dir, found._name);
  const ops: Ops = [tag(CREATE, id, 0), NOTHING, tag(DIR, id, found._name.length), found._name, tag(0x200, id, 8), wordBytes(made)];
  if (isHere(before[0], before[1])) commit(ops.concat(tailOps(0, made)));
  else {
    fetch(before);
    commitOrphans(true, tailOps(0, made));
    place(found._dir, found._name);
    commitOrphans(false, ops);
  }
}

/** @throws EBUSY for a file that is open */
function refuseOpen(found: Found): void {
  for (let k = 0; k < v._files.length; k++) {
    const f = v._files[k];
    if (equal(f._name, found._name) && f._dir[0] === found._dir[0] && f._dir[1] === found._dir[1]) fail(EBUSY);
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
    refuseOpen(found);
    takeAway(found._id);
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
  takeAway(id);
  drop(dir, false);
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
  refuseOpen(found);
  const row = v._rows[source * 2];
  const content = v._rows[source * 2 + 1];
  // All that the entry has, for its new place: of it only the name is another.
  const kept: Ops = [];
  if (content) kept.push(0x1ff + (content >> 28), dataOf(content, []));
  for (let k = 0; k < v._attrs.length; k += 2)
    if ((v._attrs[k] & NONE) === source) kept.push(0x300 + (v._attrs[k] >> 10), dataOf(v._attrs[k + 1], []));
  const ops: Ops = [];
  if (target._id >= 0) {
    look(target._dir, target._name);
    if (isDirectory(target._id) !== directory) fail(directory ? ENOTDIR : EISDIR);
    if (directory) {
      removeDirectory(target);
      target = find(to);
    } else {
      refuseOpen(target);
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
    endMove();
  }
}
