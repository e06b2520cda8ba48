import { ECORRUPT, EINVAL, ENOENT, ENOTDIR } from '../contract/errno';
import { DIR, dirCluster, entryCluster, scan } from './dir';
import { findListed } from './match';
import { setName } from './name';
import { fail, fs } from './volume';

/**
 * Looks a path up: `_entry` and its place become the entry's (`_slot` -1: the root), or the name is ready to be made in
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
    fs._dir = dirCluster();
    if (fs._dir === fs._forbid) fail(EINVAL);
    above.push(fs._dir);
    const refused = setName(names[i]);
    kind = fs._odd ? findListed(fs._dir, fs._full) : 0;
    if (!kind) {
      if (refused) fail(EINVAL);
      fs._odd = false;
      kind = scan(fs._dir, 0, true) || (fs._odd ? findListed(fs._dir, fs._length) : 0);
    }
    if (kind === DIR && above.indexOf(entryCluster()) >= 0) fail(ECORRUPT);
  }
  return kind;
}
