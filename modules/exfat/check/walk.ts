/** Every directory from the root down: what its slots hold, and where it ends. */
import { fill } from '../../engine';
import { eraseSlots, slotAt } from '../dir';
import { setText } from '../name';
import { FILE_ENTRY } from '../scan';
import { le16 } from '../sector';
import { type Chain, fs } from '../volume';
import { capitalsOf, checkSet, giveName, soundSet } from './set';
import { type Check, damage, trace } from './state';
import { BITMAP_ENTRY, TABLE_ENTRY } from './system';

const LABEL_ENTRY = 0x83;

/** A directory on the way from the root to where the walk is. */
interface Level {
  _dir: Chain;
  _path: string;
  /** The directories in it that are still to be walked, with the slots of their sets. */
  _todo: { _dir: Chain; _slot: number }[];
}

/** Walks the tree from the root: first every entry of a directory, then the directories in it. */
export function walkTree(c: Check): void {
  const levels: Level[] = [{ _dir: c._top, _path: '', _todo: [] }];
  checkDirectory(c, levels[0]);
  while (levels.length) {
    const level = levels[levels.length - 1];
    const next = level._todo.pop();
    if (!next) {
      levels.pop();
      continue;
    }
    // It may have a new name.
    const set = soundSet(level._dir, next._slot);
    const child: Level = { _dir: next._dir, _path: level._path + '/' + (set ? setText(set) : ''), _todo: [] };
    levels.push(child);
    checkDirectory(c, child);
  }
}

/** Checks all entries of a directory, and claims what they name. */
function checkDirectory(c: Check, level: Level): void {
  const dir = level._dir;
  const path = level._path || '/';
  const again: number[] = [];
  let slot = 0;
  let labels = 0;
  fill(c._hashes, 0);
  for (;;) {
    const at = slotAt(dir, slot);
    const b = fs._meta._buf;
    const type = at < 0 ? 0 : b[at];
    if (!type) break;
    if (type === FILE_ENTRY) {
      const set = soundSet(dir, slot);
      if (!set) {
        if (damage(c, 'entry', path, 'a File entry without what belongs to it in slot ' + slot)) eraseSlots(dir, slot, 1);
        slot++;
        continue;
      }
      const checked = checkSet(c, level, slot, set);
      if (checked._set) {
        const hash = le16(set, 36);
        const bit = 1 << (hash & 7);
        if (c._hashes[hash >> 3] & bit && again.indexOf(hash) < 0) again.push(hash);
        c._hashes[hash >> 3] |= bit;
        c._renamed = Math.max(c._renamed, numberOf(setText(set)));
        if (checked._dir) level._todo.push({ _dir: checked._dir, _slot: slot });
      }
      slot += set.length / 32;
    } else if (type < 128) slot++;
    else if (dir === c._top && type === LABEL_ENTRY) {
      if ((labels++ || b[at + 1] > 11) && damage(c, 'label', path, 'a label that is ' + (labels > 1 ? 'the second one' : 'too long')))
        eraseSlots(dir, slot, 1);
      slot++;
    } else if ((dir === c._top && (type === BITMAP_ENTRY || type === TABLE_ENTRY)) || (type & 0x60) === 0x20) slot++;
    else slot = dropStray(c, level, slot);
  }
  if (again.length) checkDuplicates(c, level, again);
  checkEnd(c, level, slot);
}

/** Removes entries that belong to nothing: a cut within the making of a set that lies in two sectors leaves them. Gives the slot behind. */
function dropStray(c: Check, level: Level, from: number): number {
  let slot = from;
  for (;;) {
    const at = slotAt(level._dir, slot);
    const type = at < 0 ? 0 : fs._meta._buf[at];
    if (type < 128 || type === FILE_ENTRY || (type & 0x60) === 0x20 || (level._dir === c._top && type < 0x84 && slot > from)) break;
    slot++;
  }
  const where = slot - from > 1 ? 'slots ' + from + ' to ' + (slot - 1) : 'slot ' + from;
  if (trace(c, 'entry', level._path || '/', 'entries that belong to nothing in ' + where)) eraseSlots(level._dir, from, slot - from);
  return slot;
}

/** The number of a name that `giveName` gives, 0 for another. */
function numberOf(name: string): number {
  const digits = name.substring(0, 4) === 'FSCK' && name.length === 15 ? +name.substring(4, 11) : 0;
  // Far from where they end.
  return digits > 0 && digits < 5000000 ? digits : 0;
}

/** Of sets that are found by one name, those behind the first get another. */
function checkDuplicates(c: Check, level: Level, hashes: number[]): void {
  const names: Record<string, boolean> = {};
  for (let slot = 0; ; ) {
    const at = slotAt(level._dir, slot);
    const type = at < 0 ? 0 : fs._meta._buf[at];
    if (!type) return;
    const set = type === FILE_ENTRY ? soundSet(level._dir, slot) : undefined;
    if (set && hashes.indexOf(le16(set, 36)) >= 0) {
      const units = capitalsOf(set);
      let key = '=';
      for (let i = 0; i < units.length; i++) key += units[i] + ',';
      if (names[key] && damage(c, 'duplicate', level._path + '/' + setText(set), 'has a name of another in its directory'))
        giveName(c, level._dir, slot, set);
      names[key] = true;
    }
    slot += set ? set.length / 32 : 1;
  }
}

/** Behind the end of a directory there is nothing. */
function checkEnd(c: Check, level: Level, end: number): void {
  let mend: boolean | undefined;
  for (let slot = end + 1; ; slot++) {
    const at = slotAt(level._dir, slot);
    if (at < 0) return;
    if (!fs._meta._buf[at]) continue;
    if (mend === undefined) mend = trace(c, 'end', level._path || '/', 'old entries behind its end');
    if (!mend) return;
    slotAt(level._dir, slot);
    fill(fs._meta._buf.subarray(at, at + 32), 0);
    fs._meta._dirty = true;
  }
}
