import { whole } from '../contract/arguments';
import { ENODATA, ENOENT, ENOSPC, expect, isWhole } from '../contract/errno';
import { peekAt } from './disk';
import { fetch } from './mdir';
import { begin, commit } from './operation';
import { timeOps } from './ops';
import { ROW } from './table';
import { MTIME, USERATTR } from './tags';
import { look } from './tree';
import { fail, fs, type Mdir, type Volume } from './volume';

/** The pair that holds a path's entry, whose id goes to `fs._id`; the root's attributes are those of the superblock entry. */
function entry(path: string): Mdir {
  const v = fs;
  if (!look(path)) fail(ENOENT);
  if (v._id >= 0) return v._m;
  v._id = 0;
  return fetch(v._root._a, v._root._b);
}

/** Where an attribute lies: offset << 10 | length; 0 if there is none. */
function placeOf(m: Mdir, type: number): number {
  const v = fs;
  if (type === MTIME) return m._rows[v._id * ROW + 3];
  for (let k = 0; k < m._attrs.length; k += 3) if (m._attrs[k] === v._id && m._attrs[k + 1] === type) return m._attrs[k + 2];
  return 0;
}

/** @throws TypeError, EINVAL */
function tagOf(type: number): number {
  return USERATTR + (isWhole(type, 0, 255) ? type : whole(type, 'type', [0, 255], fs));
}

export function getAttr(v: Volume, path: string, type: number): Uint8Array | undefined {
  begin(v, 'getattr', path, false);
  const m = entry(path);
  const place = placeOf(m, tagOf(type));
  return place ? new Uint8Array(peekAt(m._a, place >>> 10, place & 0x3ff)) : undefined;
}

export function setAttr(v: Volume, path: string, type: number, value: Uint8Array): void {
  expect(value instanceof Uint8Array, 'value');
  begin(v, 'setattr', path, true);
  change(path, type, value);
}

export function removeAttr(v: Volume, path: string, type: number): void {
  begin(v, 'removeattr', path, true);
  change(path, type, undefined);
}

/** Sets an attribute, or removes it where `value` is missing. */
function change(path: string, type: number, value: Uint8Array | undefined): void {
  const v = fs;
  const m = entry(path);
  const tag = tagOf(type);
  if (!value && !placeOf(m, tag)) fail(ENODATA);
  if (value && value.length > v._attrMax) fail(ENOSPC);
  commit(m, [tag, v._id, value]);
}

export function listAttrs(v: Volume, path: string): number[] {
  begin(v, 'listattr', path, false);
  const m = entry(path);
  const types: number[] = [];
  for (let type = 0; type < 256; type++) if (placeOf(m, USERATTR + type)) types.push(type);
  return types;
}

/** Sets the time of modification, in seconds. */
export function setTime(v: Volume, path: string, seconds: number): void {
  begin(v, 'utime', path, true);
  const m = entry(path);
  commit(m, timeOps(m, v._id, seconds * 1000));
}
