import { putLe32 } from '../engine';
import { EINVAL, ENOSPC, EROFS } from '../errno';
import { writeTwin } from './commit';
import { NOTHING } from './gstate';
import { applyTag, newMdir } from './mdir';
import { INLINESTRUCT, mkTag, SUPERBLOCK } from './tags';
import { fail, type Volume } from './volume';

/** The magic and six words of the superblock entry (SPEC.md, "Superblock"). */
export function superblockBytes(fs: Volume): Uint8Array {
  const bytes = new Uint8Array(24);
  const words = [0x20000 | fs._minor, fs._blockSize, fs._blockCount, fs._nameMax, fs._fileMax, fs._attrMax];
  for (let k = 0; k < 6; k++) putLe32(bytes, k * 4, words[k]);
  return bytes;
}

/** Writes an empty volume over blocks 0 and 1; the other blocks are left as they are. */
export function format(fs: Volume, version: number): void {
  if (!fs._dev._bdev.writeblocks) fail(fs, EROFS);
  if (version !== 0x20000 && version !== 0x20001) fail(fs, EINVAL, 'disk versions are 0x00020000 and 0x00020001');
  if (fs._blockCount < 2) fail(fs, ENOSPC, 'a volume has 2 blocks at least');
  fs._minor = version & 0xffff;
  fs._nameMax = 255;
  fs._fileMax = 0x7fffffff;
  fs._attrMax = 1022;
  const m = newMdir(0, 1);
  const entry = new Uint8Array(32);
  for (let i = 0; i < 8; i++) entry[i] = 'littlefs'.charCodeAt(i);
  entry.set(superblockBytes(fs), 8);
  // Both blocks are written, so that no older volume shows through if one is lost.
  applyTag(m, mkTag(SUPERBLOCK, 0, 8), fs._blockSize, entry, 0);
  applyTag(m, mkTag(INLINESTRUCT, 0, 24), fs._blockSize + 8, entry, 8);
  writeTwin(fs, m, 0, entry, false);
  writeTwin(fs, m, m._a, NOTHING, false);
}
