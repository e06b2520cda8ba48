/** Names and directories. */
import { ECORRUPT, ENAMETOOLONG, ENOENT, ENOTDIR } from '../contract/errno';
import { encodeText, equal, le32 } from '../engine';
import { DIR } from '../littlefs/tags';
import { dataOf, fetch, fetchNext, NONE } from './table';
import { fail, NOTHING, v } from './volume';

/** What `find` found: its pair is at hand. */
export interface Found {
  /** The entry, -1 where there is none. */
  _id: number;
  /** The directory it is in, and its name there. */
  _dir: number[];
  _name: Uint8Array;
}

export function isDirectory(id: number): boolean {
  return v._rows[id * 2] >> 28 === DIR;
}

/** The size of a list as its entry has it. @throws ECORRUPT */
export function listSize(data: Uint8Array): number {
  const size = le32(data, 4);
  if (size < 0 || size > v._blocks * v._size) fail(ECORRUPT, 'damaged: a file of ' + size + ' bytes');
  return size;
}

/** The size of a file in bytes. */
export function sizeOfEntry(id: number): number {
  const content = v._rows[id * 2 + 1];
  return content >> 28 === 3 ? listSize(dataOf(content, [])) : content >> 28 === 2 ? (content >> 16) & NONE : 0;
}

/** The pair of a directory's entry. */
export function pairOf(id: number): number[] {
  const data = dataOf(v._rows[id * 2 + 1], []);
  return [le32(data, 0), le32(data, 4)];
}

/** Looks for a name in a directory: its entry, whose pair is at hand, or -1. */
export function look(dir: number[], name: Uint8Array): number {
  fetch(dir);
  do {
    for (let id = 0; id < v._count; id++) {
      const row = v._rows[id * 2];
      if (((row >> 16) & NONE) === name.length && row >> 28 < 3 && id !== v._hidden && equal(dataOf(row, []), name)) return id;
    }
  } while (v._split && fetchNext());
  return -1;
}

/** Finds what names lead to. @throws ENOENT, ENOTDIR on the way; ENAMETOOLONG */
export function find(names: string[]): Found {
  const found: Found = { _id: -1, _dir: v._root, _name: NOTHING };
  for (let k = 0; k < names.length; k++) {
    if (k) {
      if (found._id < 0) fail(ENOENT);
      if (!isDirectory(found._id)) fail(ENOTDIR);
      found._dir = pairOf(found._id);
    }
    found._name = encodeText(names[k]);
    if (found._name.length > v._nameMax) fail(ENAMETOOLONG);
    found._id = look(found._dir, found._name);
  }
  return found;
}
