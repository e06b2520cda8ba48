/** The volume label: a part of its own, which a device need not have. */
import { EINVAL, expect } from '../contract/errno';
import { copy, le32 } from '../engine';
import { finish, touch } from './clean';
import { reserve, slotAt } from './dir';
import { labelEntry } from './label';
import { unitText } from './name';
import { loadMeta } from './sector';
import { begin } from './vfsexfat';
import { fail, fs, type Volume } from './volume';

/** Has the root's slot of the label in the window; without one, the first slot that is free, and whether it was never used is `_end`. Gives the offset, -1 behind all. */
function findLabel(): number {
  fs._dir = fs._top;
  fs._hole = -1;
  for (let slot = 0; ; slot++) {
    const at = slotAt(fs._top, slot);
    const type = at < 0 ? 0 : fs._meta._buf[at];
    if (type < 128 && fs._hole < 0) fs._hole = slot;
    fs._end = slot;
    if ((type & 127) === 3) {
      fs._hole = slot;
      return at;
    }
    if (!type) return -1;
  }
}

export function getLabel(volume: Volume): string {
  begin(volume, 'label', '', false);
  const at = findLabel();
  const b = volume._meta._buf;
  return at < 0 || b[at] < 128 ? '' : unitText(b, at + 2, Math.min(b[at + 1], 11));
}

/** @throws EINVAL for what is no label */
export function setLabel(volume: Volume, text: string): void {
  expect(typeof text === 'string', 'text');
  begin(volume, 'setLabel', '', true);
  const entry = labelEntry(text) || fail(EINVAL);
  touch();
  findLabel();
  reserve(1);
  copy(fs._meta._buf, slotAt(fs._top, fs._hole), entry);
  volume._meta._dirty = true;
  finish();
}

export function getVolumeId(volume: Volume): number {
  begin(volume, 'volumeId', '', false);
  return le32(loadMeta(0), 100) >>> 0;
}
