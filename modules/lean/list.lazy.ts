/** Listing. */
import { ENOENT, ENOTDIR } from '../contract/errno';
import { decodeText } from '../engine';
import { dataOf, fetch, fetchNext } from './table';
import { find, isDirectory, pairOf } from './tree';
import { fail, v } from './volume';

/** The names in a directory. A medium gives none that is a path. @throws ENOENT, ENOTDIR */
export function list(names: string[]): string[] {
  const found = find(names);
  const entries: string[] = [];
  let dir = v._root;
  if (names.length) {
    if (found._id < 0) fail(ENOENT);
    if (!isDirectory(found._id)) fail(ENOTDIR);
    dir = pairOf(found._id);
  }
  fetch(dir);
  do {
    for (let id = 0; id < v._count; id++) {
      const row = v._rows[id * 2];
      const name = row >> 28 < 3 && id !== v._hidden ? decodeText(dataOf(row, [])) : '';
      if ('..'.indexOf(name) && name.indexOf('/') < 0 && name.indexOf('\0') < 0) entries.push(name);
    }
  } while (v._split && fetchNext());
  return entries;
}
