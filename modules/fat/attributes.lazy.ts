/** Attributes and times of entries, each change one write of a sector: seldom wanted, a part that a device loads for it. */
import { attributed, attributesOf, changeBits } from '../contract/attributes';
import { fatTime } from '../contract/dosclock';
import { EBUSY, EINVAL, expect } from '../contract/errno';
import type { Attributes, DirIterator } from '../contract/filesystem';
import { putLe32 } from '../engine';
import { loadMeta } from './sector';
import { begin, need } from './tree';
import { fail, fs, type Volume } from './volume';
import * as write from './write.lazy';

/** Looks up what the operation that has begun names, which is from the root of the volume. */
function find(): void {
  if (fs._path[0] !== '/') fail(EINVAL, 'the path is not from the root of the volume');
  need(fs._path, undefined);
}

/** Changes the 8.3 entry of what `fs._path` names, of which the root has none. */
function change(put: (b: Uint8Array, at: number) => void): void {
  write.during(function (): void {
    find();
    if (fs._slot < 0) fail(EBUSY);
    write.mark(false);
    put(loadMeta(fs._sector), fs._at);
    fs._meta._dirty = true;
    write.finish(0);
  }, false);
}

/** Sets the day of the last access and the time of modification, in seconds. */
export function setTimes(v: Volume, path: string, times: number[]): void {
  begin(v, 'utime', path, true);
  const access = fatTime(times[0] * 1000);
  change(function (b, at) {
    b[at + 18] = access >>> 16;
    b[at + 19] = access >>> 24;
    putLe32(b, at + 22, fatTime(times[1] * 1000));
  });
}

export function getAttributes(v: Volume, path: string): Attributes {
  expect(typeof path === 'string', 'path');
  begin(v, 'attributes', path, false);
  find();
  return attributesOf(v._slot < 0 ? 0 : v._entry[11]);
}

export function setAttributes(v: Volume, path: string, changes: Partial<Attributes>): void {
  expect(typeof path === 'string', 'path');
  expect(changes && typeof changes === 'object', 'changes');
  changeBits(0, changes, path);
  begin(v, 'setAttributes', path, true);
  change(function (b, at) {
    b[at + 11] = changeBits(b[at + 11], changes, path);
  });
}

/** A listing whose entries have their attributes besides. */
export function withAttributes(v: Volume, listing: DirIterator): DirIterator {
  return attributed(listing, function () {
    return v._entry[11];
  });
}
