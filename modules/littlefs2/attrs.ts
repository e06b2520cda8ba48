import { EINVAL, ENODATA, ENOENT, ENOSPC } from '../errno';
import { commit } from './commit';
import { NOTHING } from './gstate';
import { fetch, type Mdir, ROW } from './mdir';
import { begin } from './mount';
import { DELETED, MTIME, mkTag, USERATTR } from './tags';
import { bytesOf, look } from './tree';
import { fail, type Volume } from './volume';

/** The pair that holds a path's entry, whose id goes to `fs._id`; the root's attributes are those of the superblock entry. */
function entry(fs: Volume, operation: string, path: string, type: number, change: boolean): Mdir {
  begin(fs, operation, path, change);
  if (!(type >= 0 && type <= 255) || type % 1) fail(fs, EINVAL, 'attribute types are 0 to 255');
  if (!look(fs, path)) fail(fs, ENOENT);
  if (fs._id >= 0) return fs._m;
  fs._id = 0;
  return fetch(fs, fs._root0, fs._root1);
}

/** Where an attribute lies: offset << 10 | length; 0 if there is none. */
function placeOf(m: Mdir, id: number, type: number): number {
  if (type === MTIME) return m._rows[id * ROW + 3];
  for (let k = 0; k < m._attrs.length; k += 3) if (m._attrs[k] === id && m._attrs[k + 1] === type) return m._attrs[k + 2];
  return 0;
}

export function getAttr(fs: Volume, path: string, type: number): Uint8Array | undefined {
  const m = entry(fs, 'getattr', path, type, false);
  const place = placeOf(m, fs._id, type);
  return place ? bytesOf(fs, m, place >>> 10, place & 0x3ff) : undefined;
}

export function setAttr(fs: Volume, path: string, type: number, value: Uint8Array): void {
  const m = entry(fs, 'setattr', path, type, true);
  if (value.length > fs._attrMax) fail(fs, ENOSPC, 'attributes hold at most ' + fs._attrMax + ' bytes');
  commit(fs, m, [mkTag(USERATTR + type, fs._id, value.length), value]);
}

export function removeAttr(fs: Volume, path: string, type: number): void {
  const m = entry(fs, 'removeattr', path, type, true);
  if (!placeOf(m, fs._id, type)) fail(fs, ENODATA);
  commit(fs, m, [mkTag(USERATTR + type, fs._id, DELETED), NOTHING]);
}

export function listAttrs(fs: Volume, path: string): number[] {
  const m = entry(fs, 'listattr', path, 0, false);
  const types: number[] = [];
  for (let type = 0; type < 256; type++) if (placeOf(m, fs._id, type)) types.push(type);
  return types;
}
