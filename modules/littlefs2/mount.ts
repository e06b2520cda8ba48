import { le32 } from '../engine';
import { ECORRUPT, EINVAL, ENODEV, EROFS } from '../errno';
import { checkpoint, countUsed } from './alloc';
import { bytesAt } from './disk';
import { loadStruct } from './file';
import { movingId } from './gstate';
import { fetch, KIND_INLINE, kindOf, type Mdir } from './mdir';
import { NULL } from './tags';
import { mend } from './thread';
import { look } from './tree';
import { fail, fs, limitSteps, use, type Volume } from './volume';

/** Begins an operation: the state in RAM is made that of the disk again after a failure, and before a change nothing is left half-done. */
export function begin(volume: Volume, operation: string, path: string, change: boolean): void {
  use(volume);
  volume._op = operation;
  volume._path = path;
  if (!volume._mounted) fail(ENODEV);
  if (change && (volume._readonly || !volume._dev._bdev.writeblocks)) fail(EROFS);
  if (volume._stale) {
    // Open files are where their paths lead; what was written to them and not synced stays.
    readVolume();
    for (let i = 0; i < volume._files.length; i++) {
      const f = volume._files[i];
      f._id = look(f._path) ? volume._id : -2;
      f._a = volume._m._a;
      f._b = volume._m._b;
      if (!f._changed && f._id >= 0) loadStruct(f);
    }
    volume._stale = false;
  }
  if (change) {
    checkpoint();
    if (volume._orphans || movingId() >= 0) mend();
  }
}

/**
 * Reads superblock and global state (SPEC.md, "Superblock", "Move state"): walks all pairs.
 * @throws ECORRUPT without a superblock or with a damaged pair, EINVAL for a version, geometry or limits not supported
 */
export function readVolume(): void {
  const v = fs;
  const g = new Int32Array(3);
  let a = 0;
  let b = 1;
  let seed = 0;
  let count = 0;
  let top = 0;
  v._mdirs = [];
  v._moves = [];
  v._landmarks = [];
  v._wBlock = NULL;
  v._repair = false;
  v._root = v._dir = { _a: NULL, _b: NULL };
  v._gstate = new Int32Array(3);
  v._free = 0;
  v._blockCount = v._dev._blockCount;
  v._minor = 1;
  for (let steps = 0; a !== NULL; steps++) {
    limitSteps(steps);
    const m = fetch(a, b);
    top = Math.max(top, a, b);
    // The last superblock entry on the chain counts, and the directory behind it is the root.
    if (m._super) count = readSuperblock(m);
    if (v._root._a === NULL) fail(ECORRUPT);
    for (let k = 0; k < 3; k++) g[k] ^= m._delta[k];
    seed ^= m._tag ^ m._rev;
    countUsed(m);
    a = m._tail0;
    b = m._tail1;
  }
  if (top >= count) fail(ECORRUPT);
  v._blockCount = count;
  v._orphans = g[0] < 0 ? 1 : 0;
  v._gstate = g;
  v._gdisk = new Int32Array(g);
  v._gdropped = new Int32Array(3);
  // The first allocation fills the bitmap; it begins somewhere else after each mount, to spread wear.
  v._map = new Uint8Array(Math.min((v._blockCount + 7) >> 3, Math.max(v._lookahead, 1024)));
  v._mapStart = (seed >>> 0) % v._blockCount;
  v._mapNext = v._mapSize = 0;
  v._free = movingId() < 0 ? v._free + v._blockCount : NULL;
}

/** Checks the superblock entry (SPEC.md, "Superblock") and takes what it says; gives the number of blocks. */
function readSuperblock(m: Mdir): number {
  const v = fs;
  const ahead = v._own.length;
  const bytes = bytesAt(m._a, m._rows[1], kindOf(m, 0) === KIND_INLINE ? Math.max(m._rows[2], 24) : 24, ahead);
  const word = (k: number): number => le32(bytes, k * 4);
  const version = word(0);
  const magic = bytesAt(m._a, (m._rows[0] & 0x3fffffff) >> 10, 8, ahead);
  if ((m._rows[0] & 0x3ff) !== 8 || m._rows[2] < 24 || le32(magic, 0) !== 0x7474696c || le32(magic, 4) !== 0x7366656c) fail(ECORRUPT);
  if (version >> 1 !== 0x10000) fail(EINVAL, 'littlefs version ' + (version >>> 16) + '.' + (version & 0xffff));
  if (word(1) !== v._blockSize || word(2) < 2 || word(2) > v._dev._blockCount)
    fail(EINVAL, 'volume of ' + word(2) + ' blocks of ' + word(1) + ' bytes on a device of ' + v._dev._blockCount + ' of ' + v._blockSize);
  v._minor = version & 1;
  v._nameMax = word(3);
  v._fileMax = word(4);
  v._attrMax = word(5);
  if (v._nameMax < 1 || v._nameMax > 1022 || v._fileMax < 1 || v._attrMax < 0 || v._attrMax > 1022) fail(EINVAL, 'limits of the volume');
  v._root = { _a: m._a, _b: m._b };
  // Inline files reach to what MicroPython and the C library read with the same settings.
  v._inlineMax = Math.min(v._cacheSize, v._blockSize >> 3, v._attrMax);
  return word(2);
}
