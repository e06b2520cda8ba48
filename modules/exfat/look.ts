import { ECORRUPT, EINVAL, ENOENT, ENOTDIR } from '../contract/errno';
import { chainOf } from './chain';
import { cutName, setName } from './name';
import { DIR, scan } from './scan';
import { type Chain, fail, fs } from './volume';

/** The directory just looked up. */
export function directoryOf(): Chain {
  if (fs._slot < 0) return fs._top;
  const dir = chainOf(fs._set);
  dir._up = fs._dir;
  dir._slot = fs._slot;
  return dir;
}

/**
 * Looks a path up: `_set` and its place become the entry set's (`_slot` -1: the root), or the name is ready to be made in
 * `_dir`. Gives the kind, 0 if only the last name is missing.
 * @throws ENOENT, ENOTDIR, EINVAL; ECORRUPT for a directory that lies in itself
 */
export function look(path: string): number {
  const names = path.split('/');
  const above: number[] = [];
  let kind = DIR;
  fs._slot = -1;
  for (let i = 1; i < names.length && names[i]; i++) {
    if (kind !== DIR) fail(kind ? ENOTDIR : ENOENT);
    const dir = directoryOf();
    if (dir._first && dir._first === fs._forbid) fail(EINVAL);
    if (dir._first && above.indexOf(dir._first) >= 0) fail(ECORRUPT);
    above.push(dir._first);
    const refused = setName(names[i]);
    kind = fs._length ? scan(dir, 0, true) : 0;
    if (kind) continue;
    if (refused) fail(refused);
    if (fs._bare === fs._length) continue;
    cutName(fs._bare);
    kind = scan(dir, 0, true);
  }
  if (kind === DIR && fs._slot >= 0 && above.indexOf(chainOf(fs._set)._first) > 0) fail(ECORRUPT);
  return kind;
}
