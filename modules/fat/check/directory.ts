import { copy, encodeText, fill, le32, putLe32 } from '../../engine';
import { ATTR_DIRECTORY, ATTR_LABEL, DELETED, MAX_SLOTS, scan } from '../dir';
import * as match from '../match.lazy';
import { checksum, entryName, longEntry, TAKE } from '../name';
import { le16 } from '../sector';
import { fs } from '../volume';
import * as write from '../write.lazy';
import { type Check, type Claim, claim, cutChain, hasName, readSlot, reasonText, report, writeSlot } from './state';

export const HASH_BYTES = 4096;
const LONG = 15;

/** A directory on the way from the root to where the walk is. */
interface Level {
  _dir: number;
  /** Its slots, as far as its chain is sound. */
  _slots: number;
  _path: string;
  /** The directories in it that are still to be walked: first slot, slot of the 8.3 entry, number of slots, of each. */
  _todo: number[];
}

/** The first cluster that an entry names. */
function clusterOf(e: Uint8Array): number {
  return le16(e, 26) + (fs._type > 16 ? le16(e, 20) * 65536 : 0);
}

/**
 * Whether byte `i` of an 8.3 name, or of a label, is what it must not be. Some systems write lower case, and `+,;=[]`, into
 * names: these are read, and are no damage.
 */
function isBadByte(e: Uint8Array, i: number): boolean {
  const c = e[i];
  return c < 33 ? (i ? c < 32 : c !== 5) : c === 127 || '"*./:<>?\\|'.indexOf(String.fromCharCode(c)) >= 0;
}

function isBadName(e: Uint8Array, label: boolean): boolean {
  let bad = false;
  for (let i = 0; i < 11; i++) bad = bad || isBadByte(e, i) || (label && '+,;=[]'.indexOf(String.fromCharCode(e[i])) >= 0);
  return bad;
}

/** Whether the long name just collected is passed over: empty, too long, or a path. */
function isBadLongName(): boolean {
  const n = fs._length;
  return n < 1 || n > 255 || (n < 3 && fs._name[0] === 46 && fs._name[n - 1] === 46);
}

/** Walks the tree from the root: first every entry of a directory, then the directories in it. */
export function walkTree(c: Check): void {
  const levels = [{ _dir: fs._root, _slots: claimRoot(c), _path: '', _todo: [] } as Level];
  const e = new Uint8Array(32);
  checkDirectory(c, levels[0], 0);
  while (levels.length) {
    const level = levels[levels.length - 1];
    const todo = level._todo;
    if (!todo.length) {
      levels.pop();
      continue;
    }
    const slots = todo.pop() as number;
    const slot = todo.pop() as number;
    const from = todo.pop() as number;
    // Looks at nothing but this one, for its name.
    const seen = scan(level._dir, from, false) && fs._slot === slot;
    readSlot(level._dir, slot, e);
    if (!seen) fs._long = false;
    const child = { _dir: clusterOf(e), _slots: slots, _path: pathOf(level, e), _todo: [] };
    if (isDirectory(child)) {
      levels.push(child);
      checkDirectory(c, child, level._dir);
    } else if (report(c, 'error', 'dots', child._path, 'what it names is no directory')) write.eraseSlots(level._dir, from, slot);
  }
}

/** What has neither of the first two entries, but entries that cannot be, is something else. */
function isDirectory(level: Level): boolean {
  const e = new Uint8Array(32);
  readSlot(level._dir, 0, e);
  if (hasName(e, 0, '.')) return true;
  readSlot(level._dir, 1, e);
  if (hasName(e, 0, '..')) return true;
  for (let slot = 2; slot < level._slots && readSlot(level._dir, slot, e) && e[0]; slot++)
    if (e[0] !== DELETED && (e[11] > 63 || (e[11] !== LONG && (isBadName(e, false) || clusterOf(e) > fs._last)))) return false;
  return true;
}

/** The slots of the root directory. */
function claimRoot(c: Check): number {
  if (!fs._root) return (fs._rootSectors * fs._sectorSize) / 32;
  const found = claim(c, fs._root, (MAX_SLOTS * 32) / fs._clusterSize);
  if (!found._count) {
    // By the FAT its first cluster is free, or bad.
    found._count = 1;
    found._last = fs._root;
    c._map[fs._root >> 3] |= 1 << (fs._root & 7);
  }
  if (found._why) cutHere(c, found, '/');
  return (found._count * fs._clusterSize) / 32;
}

/** Reports the end of a chain that is none, and makes it one. */
function cutHere(c: Check, found: Claim, path: string): void {
  const why = found._why;
  const code = why === 'loop' || why === 'shared' ? why : why === 'long' ? 'size' : 'chain';
  if (
    report(
      c,
      why === 'long' ? 'warning' : 'error',
      code,
      path,
      'its chain ' + reasonText(found) + ' after ' + found._count + ' clusters',
      found._last,
    )
  )
    cutChain(found);
}

/** Checks all entries of a directory, and claims what they name. */
function checkDirectory(c: Check, level: Level, parent: number): void {
  const dir = level._dir;
  const e = new Uint8Array(32);
  const again: Record<string, number> = {};
  let doubtful = false;
  // Parts of a long name: the first slot of them (-1: none), how many are still to come, the checksum they have.
  let from = -1;
  let left = 0;
  let sum = 0;
  let slot = 0;
  fill(c._hashes, 0);
  if (dir !== fs._root) {
    checkDots(c, level, parent);
    slot = 2;
  }
  for (; slot < level._slots && readSlot(dir, slot, e) && e[0]; slot++) {
    const attr = e[11];
    const live = e[0] !== DELETED;
    if (live && attr > 63 && report(c, 'error', 'entry', level._path || '/', 'slot ' + slot + ' has attributes that do not exist')) {
      e[11] &= 63;
      writeSlot(dir, slot, e);
    }
    if (live && (attr & 63) === LONG) {
      const part = e[0] & 63;
      const first = e[0] & 64;
      if (from >= 0 && (first || part !== left || e[13] !== sum)) {
        dropParts(c, level, from, slot - 1);
        from = -1;
      }
      if (from < 0 && (!first || !part || part > 20)) {
        dropParts(c, level, slot, slot);
        continue;
      }
      if (first) {
        from = slot;
        sum = e[13];
      }
      left = part - 1;
      longEntry(e, 0, part, TAKE);
      if (
        (e[12] || le16(e, 26)) &&
        report(c, 'error', 'long-name', level._path || '/', 'a part in slot ' + slot + ' has a type or a cluster')
      ) {
        e[12] = e[26] = e[27] = 0;
        writeSlot(dir, slot, e);
      }
      continue;
    }
    if (from >= 0 && (left || !live || checksum(e, 0) !== sum || isBadLongName() || isLabel(e))) {
      dropParts(c, level, from, slot - 1);
      from = -1;
    }
    if (live) {
      fs._long = from >= 0;
      if (!fs._long) from = slot;
      if (isLabel(e)) checkLabel(c, level, slot, e);
      else {
        if (isBadName(e, false)) fixName(c, level, from, slot, e);
        // By some Linux kernels: there is no 8.3 name.
        if (e[12] & 32 && from === slot && report(c, 'error', 'entry', pathOf(level, e), 'has no name at all')) {
          e[12] &= ~32;
          writeSlot(dir, slot, e);
        }
        if (e[0] !== DELETED) {
          c._renamed = Math.max(c._renamed, numberOf(e));
          const keys = keysOf(e);
          for (let k = 0; k < keys.length; k++) {
            const hash = hashOf(keys[k]);
            const bit = 1 << (hash & 7);
            if (c._hashes[hash >> 3] & bit) {
              again[keys[k]] = 0;
              doubtful = true;
            }
            c._hashes[hash >> 3] |= bit;
          }
          checkEntry(c, level, from, slot, e);
        }
      }
    }
    from = -1;
  }
  if (from >= 0) dropParts(c, level, from, slot - 1);
  if (doubtful) checkDuplicates(c, level, again);
  checkEnd(c, level, slot);
}

function isLabel(e: Uint8Array): boolean {
  return !!(e[11] & ATTR_LABEL) && !le32(e, 28) && !clusterOf(e);
}

/** In upper case. Beyond ASCII that is asked of a part that is loaded for it. */
function fold(c: number): number {
  return c < 97 ? c : c < 123 ? c - 32 : c < 128 ? c : match.fold(c);
}

/** The names by which an entry is found, in upper case: the 8.3 one, and the long one just collected if it has one. Units as two characters each. */
function keysOf(e: Uint8Array): string[] {
  const keys = ['='];
  for (let i = 0, spaces = ''; i < 11; i++) {
    if (i === 8) spaces = '\0.';
    if (e[i] === 32) {
      if (i !== 8) spaces += '\0 ';
    } else {
      keys[0] += spaces + '\0' + String.fromCharCode(fold(i || e[i] !== 5 ? e[i] : 0xe5));
      spaces = '';
    }
  }
  if (!fs._long) return keys;
  let text = '=';
  for (let k = 0; k < fs._length; k++) {
    const unit = fold(fs._name[k]);
    text += String.fromCharCode(unit >> 8) + String.fromCharCode(unit & 255);
  }
  if (text !== keys[0]) keys.push(text);
  return keys;
}

function hashOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (hash * 31 + key.charCodeAt(i)) % (HASH_BYTES * 8);
  return hash;
}

/** Removes parts of a long name that belong to nothing. */
function dropParts(c: Check, level: Level, from: number, to: number): void {
  const where = from === to ? 'slot ' + from : 'slots ' + from + ' to ' + to;
  if (report(c, 'error', 'long-name', level._path || '/', 'parts of a long name that is none in ' + where))
    write.eraseSlots(level._dir, from, to);
}

/** The path of the entry at work. */
function pathOf(level: Level, e: Uint8Array): string {
  copy(fs._entry, 0, e);
  return level._path + '/' + entryName();
}

/** Every directory but the root begins with itself and the one above. */
function checkDots(c: Check, level: Level, parent: number): void {
  const e = new Uint8Array(32);
  for (let slot = 0; slot < 2; slot++) {
    const name = slot ? '..' : '.';
    const cluster = slot ? (parent === fs._root ? 0 : parent) : level._dir;
    readSlot(level._dir, slot, e);
    const named = hasName(e, 0, name);
    if (named && !e[12] && (e[11] & 0xd8) === ATTR_DIRECTORY && clusterOf(e) === cluster) continue;
    if (!report(c, 'error', 'dots', level._path, "the entry '" + name + "' is wrong or missing")) continue;
    if (!named) {
      fill(e, 0);
      copy(e, 0, encodeText((name + '          ').substring(0, 11)));
    }
    e[11] = ATTR_DIRECTORY;
    e[12] = 0;
    putLe32(e, 28, 0);
    write.setCluster(e, 0, cluster);
    writeSlot(level._dir, slot, e);
  }
}

/** One label, and in the root directory. */
function checkLabel(c: Check, level: Level, slot: number, e: Uint8Array): void {
  const inRoot = level._dir === fs._root;
  if (e[11] & ATTR_DIRECTORY && report(c, 'error', 'entry', level._path || '/', 'a label that is a directory')) {
    e[11] &= ~ATTR_DIRECTORY;
    writeSlot(level._dir, slot, e);
  }
  if (inRoot && !c._label && !isBadName(e, true)) c._label = new Uint8Array(e.subarray(0, 11));
  else if (
    report(
      c,
      'error',
      'label',
      level._path || '/',
      'a label that ' + (inRoot ? (c._label ? 'is the second one' : 'is none') : 'is not in the root'),
    )
  )
    write.eraseSlots(level._dir, slot, slot);
}

/** Makes an 8.3 name a possible one, or removes a stray dot entry. */
function fixName(c: Check, level: Level, from: number, slot: number, e: Uint8Array): void {
  const path = pathOf(level, e);
  if (hasName(e, 0, '.') || hasName(e, 0, '..')) {
    e[0] = DELETED;
    if (report(c, 'error', 'dots', path, 'an entry of this name that is not one of the first two'))
      write.eraseSlots(level._dir, from, slot);
    return;
  }
  if (!report(c, 'error', 'name', path, 'its 8.3 name holds what it must not')) return;
  for (let i = 0; i < 11; i++) if (isBadByte(e, i)) e[i] = 95;
  writeSlot(level._dir, slot, e);
  // The long name stays.
  const part = new Uint8Array(32);
  for (let i = from; i < slot; i++) {
    readSlot(level._dir, i, part);
    part[13] = checksum(e, 0);
    writeSlot(level._dir, i, part);
  }
}

/** The number of a name that `rename` gives, 0 for another. */
function numberOf(e: Uint8Array): number {
  let number = 0;
  for (let i = 0; i < 11; i++) {
    if (i < 4 ? e[i] !== 'FSCK'.charCodeAt(i) : e[i] < 48 || e[i] > 57) return 0;
    if (i > 3) number = number * 10 + e[i] - 48;
  }
  // Far from where they end.
  return number < 5000000 ? number : 0;
}

/** `FSCK` and a number that no name has, as fsck.fat does. */
function rename(c: Check, level: Level, from: number, slot: number, e: Uint8Array): void {
  c._renamed++;
  copy(e, 0, encodeText('FSCK' + ('' + (10000000 + c._renamed)).substring(1)));
  e[12] = 0;
  writeSlot(level._dir, slot, e);
  write.eraseSlots(level._dir, from, slot - 1);
  fs._long = false;
}

/** Claims what an entry names, and makes its cluster and size agree with it. */
function checkEntry(c: Check, level: Level, from: number, slot: number, e: Uint8Array): void {
  const size = le32(e, 28) >>> 0;
  const first = clusterOf(e);
  const directory = !!(e[11] & ATTR_DIRECTORY);
  let changed = false;
  // One that has content is a file or directory.
  if (e[11] & ATTR_LABEL && report(c, 'error', 'entry', pathOf(level, e), 'a label with content')) {
    e[11] &= ~ATTR_LABEL;
    changed = true;
  }
  const wanted = directory ? (MAX_SLOTS * 32) / fs._clusterSize : Math.ceil(size / fs._clusterSize);
  const stranger = c._strangers[level._dir + ':' + slot];
  const found = claim(c, first, stranger ? 0 : wanted);
  const count = found._count;
  if (stranger) found._why = 'shared';
  if (!count && (directory || found._why === 'shared')) {
    // A file that begins within another has nothing of its own; so it is after a rename that was cut.
    const what = found._why === 'shared' ? 'its first cluster belongs to another' : 'a directory without a cluster';
    if (report(c, 'error', found._why === 'shared' ? 'shared' : 'chain', pathOf(level, e), what, first))
      write.eraseSlots(level._dir, from, slot);
    return;
  }
  if (found._why && count) cutHere(c, found, pathOf(level, e));
  if (found._why && !count) {
    const long = found._why === 'long';
    const text = long ? 'is empty, and has clusters' : 'its chain ' + reasonText(found) + ' from the start';
    if (report(c, long ? 'warning' : 'error', long ? 'size' : 'chain', pathOf(level, e), text, first)) {
      write.setCluster(e, 0, 0);
      changed = true;
    }
  }
  if (directory) {
    if (size && report(c, 'error', 'size', pathOf(level, e), 'a directory with a size')) {
      putLe32(e, 28, 0);
      changed = true;
    }
    level._todo.push(from, slot, Math.min((count * fs._clusterSize) / 32, MAX_SLOTS));
  } else if (
    count < wanted &&
    report(c, 'error', 'size', pathOf(level, e), size + ' bytes are more than its clusters hold: ' + count * fs._clusterSize)
  ) {
    putLe32(e, 28, count * fs._clusterSize);
    changed = true;
  }
  if (changed) writeSlot(level._dir, slot, e);
}

/** Of entries that are found by one name, those behind the first get another. */
function checkDuplicates(c: Check, level: Level, names: Record<string, number>): void {
  const e = new Uint8Array(32);
  let todo = 0;
  for (let slot = 0; slot < level._slots && scan(level._dir, slot, false); slot = fs._slot + 1) {
    const from = fs._from;
    const at = fs._slot;
    copy(e, 0, fs._entry);
    const keys = keysOf(e);
    let taken = false;
    for (let k = 0; k < keys.length; k++) if (names[keys[k]] !== undefined && names[keys[k]]++) taken = true;
    if (taken && report(c, 'error', 'duplicate', pathOf(level, e), 'has a name of another in its directory')) {
      rename(c, level, from, at, e);
      // A directory that has lost its long name begins at its 8.3 entry.
      while (level._todo[todo + 1] < at) todo += 3;
      if (level._todo[todo + 1] === at) level._todo[todo] = at;
    }
    fs._slot = at;
  }
}

/** Behind the end of a directory there is nothing. */
function checkEnd(c: Check, level: Level, end: number): void {
  const e = new Uint8Array(32);
  let mend: boolean | undefined;
  for (let slot = end + 1; slot < level._slots && readSlot(level._dir, slot, e); slot++) {
    if (!e[0] || e[0] === DELETED) continue;
    if (mend === undefined) mend = report(c, 'warning', 'end', level._path || '/', 'old entries behind its end');
    if (!mend) return;
    fill(e, 0);
    writeSlot(level._dir, slot, e);
  }
}
