import { whole } from '../arguments';
import { encodeText, putLe32 } from '../engine';
import { ENOSPC, EROFS } from '../errno';
import { begin } from './begin';
import { commit, writeTwin } from './commit';
import { NO_STATE } from './gstate';
import { fetch, KIND_INLINE, newMdir } from './mdir';
import { readVolume } from './mount';
import { INLINESTRUCT } from './tags';
import { fail, fs, type Lfs2Options, use, type Volume } from './volume';

/** The six words of the superblock entry (SPEC.md, "Superblock"). */
function superblockBytes(blockCount: number): Uint8Array {
  const bytes = new Uint8Array(24);
  const words = [0x20000 | fs._minor, fs._blockSize, blockCount, fs._nameMax, fs._fileMax, fs._attrMax];
  for (let k = 0; k < 6; k++) putLe32(bytes, k * 4, words[k]);
  return bytes;
}

/** Lets the volume use `wanted` blocks, by default all of the device. */
export function grow(v: Volume, wanted: number | undefined): void {
  begin(v, 'grow', '/', true);
  const available = fs._dev._blockCount;
  const count =
    wanted === undefined ? available : whole(wanted, 'blockCount', [fs._blockCount, available], { _operation: 'grow', _path: '/' });
  commit(fetch(fs._root._a, fs._root._b), [INLINESTRUCT, 0, superblockBytes(count)]);
  readVolume();
}

/** Makes an empty volume of one that is not mounted. */
export function makeVolume(v: Volume, options: Lfs2Options | undefined): void {
  const given = options && options.diskVersion;
  const version = given === undefined ? 0x20001 : whole(given, 'diskVersion', [0x20000, 0x20001], { _operation: 'mkfs', _path: '' });
  use(v);
  v._op = 'mkfs';
  v._path = '';
  format(version);
}

/** Writes an empty volume over blocks 0 and 1; the other blocks are left as they are. */
export function format(version: number): void {
  const m = newMdir(0, 1);
  const entry = new Uint8Array(32);
  if (!fs._dev._bdev.writeblocks) fail(EROFS);
  if (fs._blockCount < 2) fail(ENOSPC);
  fs._minor = version & 1;
  fs._nameMax = 255;
  fs._fileMax = 0x7fffffff;
  fs._attrMax = 1022;
  entry.set(encodeText('littlefs'));
  entry.set(superblockBytes(fs._blockCount), 8);
  // Both blocks are written, so that no older volume shows through if one is lost.
  m._count = m._super = 1;
  m._rows[0] = (KIND_INLINE << 30) | (fs._blockSize << 10) | 8;
  m._rows[1] = fs._blockSize + 8;
  m._rows[2] = 24;
  fs._pending = entry;
  writeTwin(m, NO_STATE);
  fs._source = m._a;
  writeTwin(m, NO_STATE);
}
