/** The volume label: a part of its own, which a device need not have. */
import { EINVAL, expect } from '../contract/errno';
import { copy, le32 } from '../engine';
import { begin } from './begin';
import { finish, touch } from './clean';
import { reserve, slotAt } from './dir';
import { labelEntry } from './label';
import { unitText } from './name';
import { loadMeta } from './sector';
import { fail, fs, type Volume } from './volume';

/** Has the root's slot of the label in the window, at `_at`; without one, `_at` is -1, and `_hole` the first slot that is free. */
function findLabel(): void {
  fs._dir = fs._top;
  fs._hole = -1;
  for (let slot = 0; ; slot++) {
    const at = slotAt(fs._top, slot);
    const type = at < 0 ? 0 : fs._meta._buf[at];
    if (type < 128 && fs._hole < 0) fs._hole = slot;
    fs._end = slot;
    fs._at = at;
    if ((type & 127) === 3) {
      fs._hole = slot;
      return;
    }
    if (!type) break;
  }
  fs._at = -1;
}

export function getLabel(volume: Volume): string {
  begin(volume, 'label', '', false);
  findLabel();
  return fs._at < 0 || fs._meta._buf[fs._at] < 128 ? '' : unitText(fs._meta._buf, fs._at + 2, Math.min(fs._meta._buf[fs._at + 1], 11));
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
