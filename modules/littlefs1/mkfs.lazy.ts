/** Formatting: a part that a device loads for that. */
import { EIO, ENOSPC, EROFS } from '../contract/errno';
import { encodeText, putLe32 } from '../engine';
import { newMdir, revisionOver, writeBlock } from './commit';
import { fail, fs, NULL, use, type Volume } from './volume';

/** How many blocks are tried for the root, where they turn out bad, before the device is taken for one that cannot be written. */
const TRIES = 8;

/** Makes an empty volume of one that is not mounted. */
export function makeVolume(v: Volume): void {
  use(v);
  v._operation = 'mkfs';
  v._path = '';
  format();
}

/** Writes an empty volume: superblock in the blocks 0 and 1, root behind them (SPEC.md, "Superblock"). The other blocks are left as they are. */
export function format(): void {
  const v = fs;
  const entry = new Uint8Array(32);
  const root = newMdir(new Uint8Array(0), false, NULL, NULL);
  let block = 2;
  if (!v._dev._bdev.writeblocks) fail(EROFS);
  v._blockCount = v._dev._blockCount;
  v._wBlock = NULL;
  if (v._blockCount < 4) fail(ENOSPC);
  while (!writeBlock(block, revisionOver(block + 1), root)) if (++block > TRIES || block + 1 >= v._blockCount) fail(EIO);
  entry[0] = 0x2e;
  entry[1] = 20;
  entry[3] = 8;
  const words = [block, block + 1, v._blockSize, v._blockCount, 0x10001];
  for (let k = 0; k < 5; k++) putLe32(entry, 4 + k * 4, words[k]);
  entry.set(encodeText('littlefs'), 24);
  const superblock = newMdir(entry, false, block, block + 1);
  const rev = revisionOver(0);
  // Both blocks, so that no older volume shows through if one is lost; one is enough.
  const first = writeBlock(1, rev, superblock);
  if (!writeBlock(0, (rev + 1) | 0, superblock) && !first) fail(EIO);
}
