/** What changes the tree, and the label, an entry of the root directory: a part that a device loads for as long as that takes. */

import { EEXIST, EINVAL, EISDIR, ENOSPC, ENOTDIR, ENOTEMPTY, expect } from '../contract/errno';
import { copy, encodeText, fill, le32, putLe32 } from '../engine';
import { ATTR_DIRECTORY, ATTR_LABEL, ATTR_READONLY, DELETED, DIR, dirCluster, entryCluster, scan, slotAt } from './dir';
import { entryName } from './name';
import { le16, loadMeta, sectorOf, syncVolume } from './sector';
import { fatTime } from './time';
import { begin, checkUnused, look, need } from './tree';
import { fail, fs, type Volume } from './volume';
import * as write from './write.lazy';

/** Makes, removes or renames what `fs._path` names, as the operation that has begun says. @param to the new name */
export function change(to: string): void {
  const operation = fs._operation;
  write.during(function (): void {
    if (operation === 'mkdir') makeDir();
    else if (operation === 'rename') renameEntry(to);
    else removeEntry(operation === 'rmdir');
  });
}

/** Makes a directory: its cluster, then the FAT, then the entry. */
function makeDir(): void {
  if (look(fs._path)) fail(EEXIST);
  write.touch();
  write.reserve();
  const cluster = write.takeCluster(0) || fail(ENOSPC);
  const dots = new Uint8Array(64);
  write.newEntry(ATTR_DIRECTORY, cluster);
  for (let k = 0; k < 64; k += 32) {
    copy(fs._entry, 0, encodeText(k ? '..         ' : '.          '));
    copy(dots, k, fs._entry);
  }
  setParent(dots);
  write.clearCluster(cluster, dots);
  syncVolume();
  write.putEntry(fs._hole);
  write.finish();
}

/** Lets the second entry of a directory lead to `_dir`; the root is 0 there. */
function setParent(b: Uint8Array): void {
  write.setCluster(b, 32, fs._dir === fs._root ? 0 : fs._dir);
}

/**
 * Renames or moves. The new entry is written before the old one goes; where both lie in one sector, and the new one does
 * not lie behind, in one write, so that neither a cut between writes nor one within a sector loses the name. What has
 * the new name already hands its entry over, and its clusters are freed last.
 */
function renameEntry(to: string): void {
  const v = fs;
  const directory = need(v._path, undefined) === DIR;
  const oldDir = v._dir;
  const from = v._from;
  const slot = v._slot;
  const sector = v._sector;
  const at = v._at;
  const moved = new Uint8Array(32);
  let freed = 0;
  let erase = slot;
  checkUnused(false, 0);
  copy(moved, 0, v._entry);
  // Of two names of one chain the one that is 10 ms younger is the new one: see `mend`.
  moved[13] = (moved[13] + 1) % 200;
  const first = entryCluster();
  const cluster = directory ? dirCluster() : 0;
  if (directory) v._forbid = cluster;
  const target = look(to);
  const same = target && v._sector === sector && v._at === at;
  v._forbid = -1;
  if (v._path === to) return;
  if (target && !same) {
    if ((target === DIR) !== directory) fail(directory ? ENOTDIR : EISDIR);
    checkUnused(false, ATTR_READONLY);
    // Its name, the attributes and the rest of what moves.
    copy(moved, 0, v._entry.subarray(0, 11));
    moved[12] = v._entry[12];
    const place = v._at;
    const there = v._sector;
    freed = leaving(directory);
    // Two names of one chain become one.
    if (freed === first) {
      freed = 0;
      v._shared = v._shared.filter(function (cluster) {
        return cluster !== first;
      });
    }
    write.touch();
    copy(loadMeta(there), place, moved);
    v._meta._dirty = true;
    v._sector = there;
    v._at = place;
  } else {
    write.touch();
    if (same) v._ignore = slot;
    v._slot = slot - v._parts;
    // In place, if there is room: the end stays where it is.
    if (v._dir === oldDir && v._slot >= from && (slot * 32) % v._sectorSize >= v._parts * 32) {
      erase = v._slot - 1;
      if (v._tail) write.makeAlias();
      v._hole = erase + 1;
    } else {
      if (same) scan(oldDir, 0, true);
      write.reserve();
    }
    copy(v._entry, 0, moved);
    write.putEntry(v._hole);
  }
  if (erase === slot && (v._sector !== sector || v._at > at)) syncVolume();
  write.eraseSlots(oldDir, from, erase);
  if (directory) {
    v._epoch++;
    if (v._dir !== oldDir) {
      setParent(loadMeta(sectorOf(cluster)));
      v._meta._dirty = true;
    }
  }
  write.freeChain(freed);
  write.finish();
}

/** Removes the entry, then frees its clusters. */
function removeEntry(directory: boolean): void {
  need(fs._path, directory);
  checkUnused(false, ATTR_READONLY);
  const from = fs._from;
  const slot = fs._slot;
  const cluster = leaving(directory);
  write.touch();
  write.eraseSlots(fs._dir, from, slot);
  write.freeChain(cluster);
  write.finish();
}

/** Sets the time of modification of what `fs._path` names, in seconds since 1970. The root has none. */
export function setTime(time: number): void {
  const v = fs;
  need(v._path, undefined);
  if (v._slot < 0) return;
  const sector = v._sector;
  const at = v._at;
  write.during(function (): void {
    write.touch();
    putLe32(loadMeta(sector), at + 22, fatTime(time));
    v._meta._dirty = true;
    write.finish();
  });
}

/** First cluster of what was just looked up and is about to go. @throws ENOTEMPTY */
function leaving(directory: boolean): number {
  const cluster = directory ? dirCluster() : entryCluster();
  if (directory) {
    if (scan(cluster, 0, false)) fail(ENOTEMPTY);
    fs._epoch++;
  }
  return cluster;
}

/** The 11 bytes of a label, in upper case; undefined where it cannot be one. */
export function labelBytes(text: string): Uint8Array | undefined {
  const bytes = encodeText(text.toUpperCase());
  const label = new Uint8Array(11);
  fill(label, 32);
  if (bytes.length > 11) return undefined;
  label.set(bytes);
  for (let i = 0; i < 11; i++)
    if (label[i] < 32 || label[i] > 126 || '"*+,./:;<=>?[\\]|'.indexOf(String.fromCharCode(label[i])) >= 0) return undefined;
  return label;
}

/** Slot of the label's entry in the root directory, which becomes `_entry`; -1 for none. */
function findLabel(): number {
  for (let slot = 0; ; slot++) {
    const at = slotAt(fs._root, slot);
    const b = fs._meta._buf;
    if (at < 0 || !b[at]) return -1;
    if (b[at] !== DELETED && (b[at + 11] & 0x1f) === ATTR_LABEL) {
      fs._entry.set(b.subarray(at, at + 32));
      return slot;
    }
  }
}

export function getLabel(volume: Volume): string {
  begin(volume, 'label', '', false);
  let end = findLabel() < 0 ? 0 : 11;
  volume._name.set(volume._entry.subarray(0, 11));
  while (end && volume._name[end - 1] === 32) end--;
  volume._length = end;
  volume._long = true;
  return entryName();
}

/** Sets the label in the root directory, where all systems look, and in the boot sector; '' removes it. @throws EINVAL for what is no label */
export function setLabel(volume: Volume, text: string): void {
  expect(typeof text === 'string', 'text');
  begin(volume, 'setLabel', '', true);
  const label = labelBytes(text) || fail(EINVAL);
  write.during(function (): void {
    putLabel(volume, text, label);
  });
}

function putLabel(volume: Volume, text: string, label: Uint8Array): void {
  const slot = findLabel();
  write.touch();
  if (!text) write.eraseSlots(volume._root, slot, slot < 0 ? -2 : slot);
  else {
    volume._dir = volume._root;
    volume._length = volume._parts = volume._case = 0;
    volume._lossy = true;
    volume._tail = false;
    // No name is like this one, so that the look-up finds room.
    scan(volume._root, 0, true);
    if (slot < 0) write.reserve();
    write.newEntry(ATTR_LABEL, 0);
    volume._short.set(label);
    write.putEntry(slot < 0 ? volume._hole : slot);
  }
  // What has an extended boot record repeats it there, and FAT32 in the copy of that.
  const at = volume._type > 16 ? 64 : 36;
  let sector = 0;
  do {
    const b = loadMeta(sector);
    if (b[at + 2] === 0x29) {
      b.set(text ? label : encodeText('NO NAME    '), at + 7);
      volume._meta._dirty = true;
    }
    sector = !sector && at > 36 && le16(b, 50) < volume._firstFat ? le16(b, 50) : 0;
  } while (sector);
  write.finish();
}

export function getVolumeId(volume: Volume): number {
  begin(volume, 'volumeId', '', false);
  return le32(loadMeta(0), volume._type > 16 ? 67 : 39) >>> 0;
}
