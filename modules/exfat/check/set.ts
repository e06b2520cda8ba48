/** One entry set under examination: its structure, name, checksum and clusters. */
import { fill, le32, putLe32 } from '../../engine';
import { END, makeChain, putFat } from '../chain';
import { eraseSlots, putHead, putSet, readSlots, stamp } from '../dir';
import { hashOf, setText, UNITS } from '../name';
import { ATTR_DIRECTORY, MOST_SECONDARY, NAME_ENTRY, STREAM_ENTRY } from '../scan';
import { le16, le64, putLe64 } from '../sector';
import * as upcase from '../upcase.lazy';
import { type Chain, fs } from '../volume';
import { keyOf } from './owners';
import { type Check, claim, damage, reasonText, trace } from './state';

/** The units of a name in capitals. */
export function capitalsOf(set: Uint8Array): Uint16Array {
  const n = set[35];
  const units = new Uint16Array(n);
  for (let k = 0; k < n; k++) units[k] = le16(set, 66 + k * 2 + Math.floor(k / UNITS) * 2);
  upcase.capitals(units, n);
  return units;
}

/** The entry set that begins at a slot; undefined where it is none. */
export function soundSet(dir: Chain, slot: number): Uint8Array | undefined {
  const head = new Uint8Array(64);
  if (!readSlots(dir, slot, head)) return undefined;
  const count = head[1];
  const names = Math.ceil(head[35] / UNITS);
  if (head[32] !== STREAM_ENTRY || !names || count > MOST_SECONDARY || count <= names) return undefined;
  const set = new Uint8Array(count * 32 + 32);
  if (!readSlots(dir, slot, set)) return undefined;
  for (let i = 2; i <= count; i++) {
    const type = set[i * 32];
    // Behind the name only what others may ignore.
    if (i < names + 2 ? type !== NAME_ENTRY : type < 0xe0) return undefined;
  }
  return set;
}

/** Whether a name holds what it must not, or would be a path. */
function isBadName(set: Uint8Array): boolean {
  for (let k = 0; k < set[35]; k++) {
    const c = le16(set, 66 + k * 2 + Math.floor(k / UNITS) * 2);
    if (c < 32 || '"*/:<>?\\|'.indexOf(String.fromCharCode(c)) >= 0) return true;
  }
  return !setText(set);
}

/** Gives a set the name `FSCK` and a number, in place: it takes no more entries than any. Gives the set. */
export function giveName(c: Check, dir: Chain, slot: number, set: Uint8Array): Uint8Array {
  const text = 'FSCK' + ('' + (10000000 + ++c._renamed)).substring(1) + '.REC';
  const fresh = set.subarray(0, 96);
  const entries = set.length / 32;
  set[1] = 2;
  set[35] = text.length;
  fill(set.subarray(65, 96), 0);
  for (let i = 0; i < text.length; i++) set[66 + i * 2] = text.charCodeAt(i);
  const hash = hashOf(capitalsOf(set), text.length);
  set[36] = hash;
  set[37] = hash >> 8;
  putSet(dir, slot, fresh);
  eraseSlots(dir, slot + 3, entries - 3);
  return fresh;
}

/** The offset behind the name in its last entry, or behind that entry. */
function nameEnd(set: Uint8Array, entry: boolean): number {
  const names = Math.ceil(set[35] / UNITS);
  return names * 32 + (entry ? 64 : 34 + (set[35] - (names - 1) * UNITS) * 2);
}

/** What came of an entry set. */
export interface Checked {
  /** Its entries; undefined where it has gone. */
  _set: Uint8Array | undefined;
  /** The clusters of a directory that it names. */
  _dir: Chain | undefined;
}

/** Checks the name, its hash and the checksum. Gives whether the set has to be written. One that gets another name is no longer than that needs. */
function checkName(c: Check, level: { _dir: Chain; _path: string }, slot: number, result: Checked): boolean {
  const set = result._set as Uint8Array;
  const name = level._path + '/' + setText(set);
  const sum = le16(set, 2);
  stamp(set);
  let write = le16(set, 2) !== sum && trace(c, 'checksum', name, 'the checksum of its entries is wrong');
  if (isBadName(set)) {
    if (damage(c, 'name', name, 'its name holds what it must not')) result._set = giveName(c, level._dir, slot, set);
  } else {
    let more = false;
    for (let at = nameEnd(set, false); at < nameEnd(set, true); at++) if (set[at]) more = true;
    if (more && damage(c, 'name', name, 'there is something behind the end of its name')) {
      fill(set.subarray(nameEnd(set, false), nameEnd(set, true)), 0);
      putSet(level._dir, slot, set);
    }
    const hash = hashOf(capitalsOf(set), set[35]);
    if (hash !== le16(set, 36) && damage(c, 'name', name, 'the hash of its name is wrong')) {
      set[36] = hash;
      set[37] = hash >> 8;
      write = true;
    }
  }
  return write;
}

/**
 * Claims what a set names, and makes its cluster and sizes agree with it. A directory without any cluster of its own, and what
 * begins with a cluster of another, as a rename that was cut leaves it, is removed.
 */
export function checkSet(c: Check, level: { _dir: Chain; _path: string }, slot: number, given: Uint8Array): Checked {
  const result: Checked = { _set: given, _dir: undefined };
  let write = checkName(c, level, slot, result);
  const set = result._set as Uint8Array;
  const path = level._path + '/' + setText(set);
  const directory = !!(set[4] & ATTR_DIRECTORY);
  const clusterSize = fs._clusterSize;
  const size = le64(set, 56);
  const first = le32(set, 52) >>> 0;
  const contiguous = !!(set[33] & 2);
  const wanted = Math.ceil(size / clusterSize);
  const stranger = c._strangers[keyOf(level._dir._first, slot)];
  const found = claim(c, first, contiguous, stranger ? 0 : wanted);
  const count = found._count;
  if (stranger || (!count && wanted && (directory || found._why === 'shared'))) {
    const what = stranger || found._why === 'shared' ? 'its first cluster belongs to another' : 'a directory without a cluster';
    if (damage(c, stranger || found._why === 'shared' ? 'shared' : 'chain', path, what, [first])) {
      eraseSlots(level._dir, slot, given.length / 32);
      result._set = undefined;
    }
    return result;
  }
  if (found._why === 'long') {
    if (trace(c, 'size', path, 'its chain ' + reasonText(found), [found._last])) putFat(found._last, END);
  } else if (found._why) {
    const code = found._why === 'range' || found._why === 'short' ? 'chain' : found._why;
    if (damage(c, code, path, 'its chain ' + reasonText(found), [found._next])) {
      if (!contiguous && count) putFat(found._last, END);
      write = true;
    }
  }
  if (!wanted && (first || contiguous) && trace(c, 'size', path, 'is empty, and says that it has clusters')) write = true;
  let length = Math.min(size, count * clusterSize);
  if (directory) length = count * clusterSize;
  if (directory && length !== size && !found._why && damage(c, 'size', path, 'the size of a directory is no multiple of its clusters'))
    write = true;
  let valid = le64(set, 40);
  if (directory ? valid !== length : valid > length) {
    if (found._why || damage(c, 'size', path, 'what is valid of it is ' + (directory ? 'not all' : 'more than there is')))
      write = c._repair;
    valid = length;
  }
  if (write) {
    if (!count) set[33] &= ~2;
    putLe64(set, 40, valid);
    putLe32(set, 52, count && first);
    putLe64(set, 56, length);
    putHead(level._dir, slot, set);
  }
  if (directory) {
    result._dir = makeChain(count && first, contiguous, count);
  }
  return result;
}
