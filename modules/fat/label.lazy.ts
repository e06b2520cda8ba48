/** The label, an entry of the root directory, and the number of the volume: a part that a device loads for as long as that takes. */

import { EINVAL, expect } from '../contract/errno';
import { encodeText, fill, le32 } from '../engine';
import { ATTR_LABEL, DELETED, scan, slotAt } from './dir';
import { entryName } from './name';
import { le16, loadMeta } from './sector';
import { begin } from './tree';
import { fail, fs, type Volume } from './volume';
import * as write from './write.lazy';

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
  const v = fs;
  for (let slot = 0; ; slot++) {
    const at = slotAt(v._root, slot);
    const b = v._meta._buf;
    if (at < 0 || !b[at]) return -1;
    if (b[at] !== DELETED && (b[at + 11] & 0x1f) === ATTR_LABEL) {
      v._entry.set(b.subarray(at, at + 32));
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
  }, false);
}

function putLabel(volume: Volume, text: string, label: Uint8Array): void {
  const slot = findLabel();
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
  write.finish(0);
}

export function getVolumeId(volume: Volume): number {
  begin(volume, 'volumeId', '', false);
  return le32(loadMeta(0), volume._type > 16 ? 67 : 39) >>> 0;
}
