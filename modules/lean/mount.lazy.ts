/** Mounting and making a volume. */
import { EBUSY, ECORRUPT, EINVAL, ENODEV, EROFS, expect } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { decodeText, encodeText, le32 } from '../engine';
import * as compacting from './compact.lazy';
import { bytesAt, check, isErased } from './disk';
import { dataOf, fetch, fetchNext, PENDING, wordBytes } from './table';
import { fail, NOTHING, NULL, v } from './volume';

const MAGIC = 'littlefs';

/** Takes a device for the volume. @throws EINVAL for a geometry that is none here; what the device says */
function open(bdev: BlockDevice): void {
  expect(bdev && typeof bdev.readblocks === 'function' && bdev.ioctl, 'bdev');
  if (v._bdev) fail(EBUSY, 'one volume at a time');
  check((bdev as Required<BlockDevice>).ioctl(1, 1));
  v._size = ((bdev as Required<BlockDevice>).ioctl(5, 0) as number) || 512;
  v._blocks = (bdev as Required<BlockDevice>).ioctl(4, 0) as number;
  v._unit = bdev.progsize || 32;
  if (!(v._size >= 128 && v._size <= 65536 && v._size % 32 === 0 && 32 % v._unit === 0 && v._blocks >= 2))
    fail(EINVAL, v._blocks + ' blocks of ' + v._size + ' bytes, ' + v._unit + ' at once');
  v._bdev = bdev;
  v._w = NOTHING;
  v._a = NULL;
  v._map = undefined;
  v._free = 0;
}

export function close(): void {
  const bdev = v._bdev as Required<BlockDevice>;
  v._bdev = undefined;
  if (bdev) bdev.ioctl(2, 0);
}

/** Whether the device has a volume, however damaged: the name in block 0 or 1 (SPEC.md, "Superblock"). */
function hasVolume(): boolean {
  return decodeText(bytesAt(0, 8, 8)) === MAGIC || decodeText(bytesAt(1, 8, 8)) === MAGIC;
}

function isBlank(): boolean {
  let block = v._blocks;
  while (block && isErased(block - 1, 0, v._size)) block--;
  return !block;
}

/** Writes an empty volume into blocks 0 and 1. */
function format(): void {
  const words = wordBytes([0x20001, v._size, v._blocks, 255, 0x7fffffff, 1022]);
  v._minor = 1;
  v._rows = new Int32Array([(3 << 28) | (8 << 16) | PENDING, (2 << 28) | (24 << 16) | PENDING | 1]);
  v._attrs = [];
  v._tail = [NULL, NULL];
  v._delta = [0, 0, 0];
  // Both, so that no older volume shows through if one is lost.
  for (let block = 1; block >= 0; block--) compacting.writeLog(block, 2 - block, [0, 1], [encodeText(MAGIC), words]);
}

/** Reads the global state, which all pairs have a share of, and finds the root. Whether there is a superblock entry. */
export function readState(): boolean {
  let found = false;
  v._a = NULL;
  v._state = [0, 0, 0];
  fetch([0, 1]);
  do {
    for (let k = 0; k < 3; k++) v._state[k] ^= v._delta[k];
    if (v._count && v._rows[0] >> 28 === 3) {
      v._root = [Math.min(v._a, v._b), Math.max(v._a, v._b)];
      found = true;
    }
  } while (fetchNext());
  v._disk = v._state.slice();
  v._stale = false;
  v._a = NULL;
  return found;
}

function read(): void {
  if (!readState()) fail(ECORRUPT, 'damaged: no superblock');
  fetch(v._root);
  const words = dataOf(v._rows[1], []);
  const version = le32(words, 0);
  const blocks = le32(words, 8);
  if (decodeText(dataOf(v._rows[0], [])) !== MAGIC || words.length < 24) fail(ECORRUPT, 'damaged: superblock');
  if (version >> 1 !== 0x10000) fail(EINVAL, 'littlefs version ' + (version >>> 16) + '.' + (version & 0xffff));
  if (le32(words, 4) !== v._size || blocks < 2 || blocks > v._blocks)
    fail(EINVAL, 'volume of ' + blocks + ' blocks of ' + le32(words, 4) + ' bytes on ' + v._blocks + ' of ' + v._size);
  v._minor = version & 1;
  v._blocks = blocks;
  v._nameMax = le32(words, 12);
  v._fileMax = le32(words, 16);
  if (v._nameMax < 1 || v._nameMax > 1022 || v._fileMax < 1) fail(EINVAL, 'limits of the volume');
  // Where free blocks are looked for first: elsewhere after each change.
  v._next = (v._tag >>> 0) % blocks;
}

/** Mounts the volume of a device; with `mkfs` one that is blank to its last byte gets one. Whether it was made. */
export function mountVolume(bdev: BlockDevice, readonly: boolean, mkfs: boolean): boolean {
  open(bdev);
  try {
    const made = !hasVolume();
    if (made) {
      const blank = isBlank();
      if (!mkfs || readonly || !blank) fail(ENODEV, blank ? 'nothing on it, it is blank' : 'no littlefs 2 on it');
      if (!bdev.writeblocks) fail(EROFS);
      format();
    }
    v._readonly = readonly || !bdev.writeblocks;
    read();
    return made;
  } catch (error) {
    v._bdev = undefined;
    throw error;
  }
}

/** Makes an empty volume, whatever is there. */
export function makeVolume(bdev: BlockDevice): void {
  open(bdev);
  try {
    if (!bdev.writeblocks) fail(EROFS);
    format();
  } finally {
    close();
  }
}
