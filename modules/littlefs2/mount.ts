import { fill, le32 } from '../engine';
import { EBADF, ECORRUPT, EINVAL, ENODEV, EROFS } from '../errno';
import { checkpoint } from './alloc';
import { peek, readBytes } from './disk';
import { loadStruct } from './file';
import { fetch, KIND_INLINE, kindOf } from './mdir';
import { NULL } from './tags';
import { makeConsistent } from './thread';
import { look } from './tree';
import { fail, type Volume } from './volume';

/** Begins an operation: the state in RAM is made that of the disk again after a failure, and before a change nothing is left half-done. */
export function begin(fs: Volume, operation: string, path: string, change: boolean): void {
  fs._op = operation;
  fs._path = path;
  if (!fs._mounted) fail(fs, ENODEV, 'volume is not mounted');
  if (change && (fs._readonly || !fs._dev._bdev.writeblocks)) fail(fs, EROFS);
  if (fs._stale) reload(fs, path);
  if (change) {
    checkpoint(fs);
    makeConsistent(fs, true);
    checkpoint(fs);
  }
}

/** After an operation failed half-way: everything is read anew; open files are where their paths lead, as last synced. */
function reload(fs: Volume, path: string): void {
  readVolume(fs);
  for (let i = 0; i < fs._files.length; i++) {
    const f = fs._files[i];
    f._wIndex = -1;
    f._dirty = false;
    if (!look(fs, f._path)) fail(fs, EBADF, 'file was lost when an operation failed');
    f._a = fs._m._a;
    f._b = fs._m._b;
    f._id = fs._id;
    loadStruct(f);
  }
  fs._path = path;
}

/**
 * Reads superblock and global state (SPEC.md, "Superblock", "Move state"): walks all pairs.
 * @throws ECORRUPT without a superblock or with a damaged pair, EINVAL for a version, geometry or limits not supported
 */
export function readVolume(fs: Volume): void {
  fs._mdirs = [];
  fs._wBlock = NULL;
  fs._stale = fs._repair = false;
  fs._root0 = 0;
  fs._root1 = 1;
  fs._blockCount = fs._dev._blockCount;
  fs._minor = 1;
  let found = false;
  const g = new Int32Array(3);
  let seed = 0;
  let a = 0;
  let b = 1;
  for (let steps = 0; a !== NULL; steps++) {
    if (steps > fs._blockCount) fail(fs, ECORRUPT, 'metadata pairs form a loop');
    const m = fetch(fs, a, b);
    if (m._super) {
      // The last superblock entry on the chain counts, and the directory behind it is the root.
      readSuperblock(fs, m._a, m._rows[1], kindOf(m, 0) === KIND_INLINE ? m._rows[2] : 0, m._rows[0]);
      found = true;
      fs._root0 = m._a;
      fs._root1 = m._b;
    }
    if (!found) break;
    for (let k = 0; k < 3; k++) g[k] ^= m._delta[k];
    seed ^= m._tag ^ m._rev;
    a = m._tail0;
    b = m._tail1;
  }
  if (!found) fail(fs, ECORRUPT, 'no littlefs superblock');
  fs._orphans = g[0] < 0 ? 1 : 0;
  fs._gstate.set(g);
  fs._gdisk.set(g);
  const bytes = (fs._blockCount + 7) >> 3;
  fs._map = new Uint8Array(Math.min(bytes, Math.max(fs._lookahead, 1024)));
  fill(fs._map, 0);
  // The first allocation fills the bitmap; it begins somewhere else after each mount, to spread wear.
  fs._mapStart = (seed >>> 0) % fs._blockCount;
  fs._mapNext = fs._map.length * 8;
  fs._free = NULL;
}

function readSuperblock(fs: Volume, block: number, off: number, length: number, name: number): void {
  if (length < 24 || (name & 0x3ff) !== 8) fail(fs, ECORRUPT, 'superblock has the wrong size');
  const magic = peek(fs, block, (name & 0x3fffffff) >> 10, 8, 32);
  if (le32(fs._w, magic) !== 0x7474696c || le32(fs._w, magic + 4) !== 0x7366656c) fail(fs, ECORRUPT, 'superblock has no magic');
  const bytes = new Uint8Array(24);
  readBytes(fs, block, off, bytes, 0);
  const version = le32(bytes, 0);
  if (version >> 16 !== 2 || (version & 0xffff) > 1)
    fail(fs, EINVAL, 'littlefs version ' + (version >>> 16) + '.' + (version & 0xffff) + ' is not supported');
  if (le32(bytes, 4) !== fs._blockSize)
    fail(fs, EINVAL, 'volume has blocks of ' + (le32(bytes, 4) >>> 0) + ' bytes, device of ' + fs._blockSize);
  const count = le32(bytes, 8);
  if (count < 2 || count > fs._dev._blockCount) fail(fs, EINVAL, 'volume has ' + (count >>> 0) + ' blocks, device ' + fs._dev._blockCount);
  fs._blockCount = count;
  fs._minor = version & 0xffff;
  fs._nameMax = le32(bytes, 12);
  fs._fileMax = le32(bytes, 16);
  fs._attrMax = le32(bytes, 20);
  if (fs._nameMax < 1 || fs._nameMax > 1022 || fs._fileMax < 1 || fs._attrMax < 0 || fs._attrMax > 1022)
    fail(fs, EINVAL, 'volume has limits that are not supported');
  setInlineMax(fs);
}

/** Inline files reach to what MicroPython and the C library read with the same settings. */
export function setInlineMax(fs: Volume): void {
  fs._inlineMax = Math.min(fs._cacheSize, fs._blockSize >> 3, fs._attrMax);
}
