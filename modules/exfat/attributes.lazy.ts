/** Attributes and times of entry sets, each change one write of a sector where the set begins in one: seldom wanted, a part that a device loads for it. */
import { attributed, attributesOf, changeBits } from '../contract/attributes';
import { EBUSY, EINVAL, expect } from '../contract/errno';
import type { Attributes, DirIterator } from '../contract/filesystem';
import { begin } from './begin';
import { finish, touch } from './clean';
import { putHead } from './dir';
import { ACCESSED, MODIFIED, putOne } from './time';
import { need } from './tree';
import { fail, fs, type Volume } from './volume';

/** Looks up what the operation that has begun names, which is from the root of the volume. */
function find(): void {
  if (fs._path[0] !== '/') fail(EINVAL, 'the path is not from the root of the volume');
  need(fs._path, undefined);
}

/** Changes the File entry of what `fs._path` names, of which the root has none. */
function change(put: (set: Uint8Array) => void): void {
  find();
  if (fs._slot < 0) fail(EBUSY);
  touch();
  const set = fs._set.subarray(0, fs._count * 32 + 32);
  put(set);
  putHead(fs._dir, fs._slot, set);
  finish();
}

/** Sets the times of the last access and of modification, in seconds, of what the operation that has begun names. */
export function setTimes(times: number[]): void {
  change(function (set) {
    putOne(set, ACCESSED, times[0] * 1000);
    putOne(set, MODIFIED, times[1] * 1000);
  });
}

export function getAttributes(v: Volume, path: string): Attributes {
  expect(typeof path === 'string', 'path');
  begin(v, 'attributes', path, false);
  find();
  return attributesOf(v._slot < 0 ? 0 : v._set[4]);
}

export function setAttributes(v: Volume, path: string, changes: Partial<Attributes>): void {
  expect(typeof path === 'string', 'path');
  expect(changes && typeof changes === 'object', 'changes');
  changeBits(0, changes, path);
  begin(v, 'setAttributes', path, true);
  change(function (set) {
    set[4] = changeBits(set[4], changes, path);
  });
}

/** A listing whose entries have their attributes besides. */
export function withAttributes(v: Volume, listing: DirIterator): DirIterator {
  return attributed(listing, function () {
    return v._set[4];
  });
}
