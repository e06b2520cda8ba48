/** Recognising and mounting a volume, and reading its state anew: what walks over all pairs. */
import { closeDevice, openDevice, readPiece } from '../blockdev';
import * as foreign from '../blockdev/foreign.lazy';
import * as wide from '../blockdev/wide.lazy';
import { EBUSY, ECORRUPT, EINVAL, type VfsError, vfsError } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { decodeText, le32 } from '../engine';
import * as sizes from './configure.lazy';
import { ctzIndex } from './content';
import { peekAt } from './disk';
import * as format from './format.lazy';
import { fetch, glance, isMoving } from './mdir';
import * as logs from './scan.lazy';
import { KIND_CTZ, ROW } from './table';
import { LEAST_BLOCK, MARK_AT, NULL, SIZE_AT } from './tags';
import { fail, fs, limitSteps, type Mdir, use, type Volume } from './volume';

/** Whether a device carries littlefs 2. */
export function probeLfs2(bdev: BlockDevice): boolean {
  const dev = openDevice(bdev, 'mount');
  const head = new Uint8Array(8);
  let failed = 0;
  let torn = false;
  // On media that write blocks as a whole the first one is always there.
  for (let block = 0; block < (dev._extended ? 2 : 1) && dev._blockSize >= LEAST_BLOCK; block++) {
    const status = readPiece(dev, block, 8, head);
    if (status) failed = status;
    else if (decodeText(head) === 'littlefs') return true;
    // Erased, or not yet programmed as a whole: the second block is another's second where blocks are larger.
    if (!block && !status) torn = head[0] === 0xff || head[0] === 0x6c;
  }
  if (torn && wide.sizeOn(dev, MARK_AT, SIZE_AT)) return true;
  if (failed) throw vfsError(failed, 'mount');
  return false;
}

/** Mounts a volume, with `mkfs` a new one. @throws what `VfsLfs2.mount` does */
export function mountVolume(v: Volume, readonly: boolean, mkfs: boolean): void {
  use(v);
  v._readonly = readonly;
  v._operation = 'mount';
  v._path = '';
  // An earlier `umount` has shut it down.
  const bdev = wide.innermost(v._dev)._bdev;
  if (v._mounted === false) sizes.setBlocks(v, openDevice(bdev, 'mount'), v._blockSize);
  if (mkfs) {
    const held = foreign.tellHeld(bdev);
    // Some devices were just shown in their other way.
    openDevice(bdev, 'mount');
    if (!held) format.format(0x20001);
  }
  try {
    readVolume();
  } catch (error) {
    if (!error || !(error as VfsError).errno || !sizes.fitBlocks(v)) throw error;
    readVolume();
  }
  v._mounted = true;
}

/** @throws EBUSY while files are open */
export function unmountVolume(v: Volume): void {
  use(v);
  if (v._files.length) throw vfsError(EBUSY, 'umount');
  v._mounted = false;
  v._changes++;
  v._mdirs = [];
  closeDevice(v._dev);
}

/**
 * Reads superblock and global state (SPEC.md, "Superblock", "Move state"): walks all pairs.
 * @throws ECORRUPT without a superblock or with a damaged pair, EINVAL for a version, geometry or limits not supported
 */
export function readVolume(): void {
  // Nothing is known, and most of it is not wanted.
  fs._lean = true;
  logs.during(walk);
  fs._lean = false;
}

function walk(): void {
  const v = fs;
  v._changes++;
  const g = new Int32Array(3);
  let a = 0;
  let b = 1;
  let seed = 0;
  let count = 0;
  let top = 0;
  // All superblock entries are in the first pairs.
  let found = true;
  v._mdirs = [];
  v._moves = [];
  v._leaving = undefined;
  v._marks = new Int32Array(0);
  v._markCount = 0;
  v._stride = 1;
  v._wBlock = NULL;
  v._repair = false;
  v._root = v._dir = { _a: NULL, _b: NULL };
  v._gstate = new Int32Array(3);
  // Counted when somebody asks.
  v._free = NULL;
  v._blockCount = v._dev._blockCount;
  v._minor = 1;
  for (let steps = 0; a !== NULL; steps++) {
    limitSteps(steps);
    const m: Mdir = found ? fetch(a, b) : glance(a, b);
    top = Math.max(top, a, b);
    // The last superblock entry on the chain counts, and the directory behind it is the root.
    found = m._super > 0;
    if (found) count = readSuperblock(m);
    if (v._root._a === NULL) fail(ECORRUPT);
    for (let k = 0; k < 3; k++) g[k] ^= m._delta[k];
    seed += m._rev + m._end;
    a = m._tail0;
    b = m._tail1;
  }
  if (top >= count) fail(ECORRUPT);
  v._blockCount = count;
  v._orphans = v._torn = g[0] < 0 ? 1 : 0;
  v._gstate = g;
  v._gdisk = new Int32Array(g);
  v._gdropped = new Int32Array(3);
  // The first allocation fills the bitmap. It begins somewhere else after each mount: the sum grows with each change, and the
  // golden section makes of that places that lie evenly.
  v._map = new Uint8Array(Math.min((v._blockCount + 7) >> 3, Math.max(v._lookahead, 1024)));
  v._mapStart = Math.floor((((seed >>> 0) * 0.6180339887) % 1) * v._blockCount);
  v._mapNext = v._mapSize = v._mapBehind = 0;
  v._place = NULL;
  v._taken = [];
  v._gone = [];
  v._released = [];
}

/** Checks the superblock entry (SPEC.md, "Superblock") and takes what it says; gives the number of blocks. */
function readSuperblock(m: Mdir): number {
  const v = fs;
  const rows = m._rows;
  const place = rows[0] & 0x3fffffff;
  let bytes = peekAt(m._a, place >> 10, 8);
  if ((place & 0x3ff) !== 8 || rows[2] < 24 || le32(bytes, 0) !== 0x7474696c || le32(bytes, 4) !== 0x7366656c) fail(ECORRUPT);
  bytes = peekAt(m._a, rows[1], 24);
  const word = (k: number): number => le32(bytes, k * 4);
  const version = word(0);
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

/** How many blocks are free. */
export function countFree(): number {
  const v = fs;
  let a = 0;
  let b = 1;
  if (v._free < 0) {
    v._free = v._blockCount;
    for (let steps = 0; a !== NULL; steps++) {
      limitSteps(steps);
      const m = fetch(a, b);
      countUsed(m);
      a = m._tail0;
      b = m._tail1;
    }
    for (let i = 0; i < v._files.length; i++) {
      const f = v._files[i];
      if (f._changed && !f._inline && f.size()) v._free -= ctzIndex(f.size() - 1) + 1;
    }
    if (v._free < 0) v._free = 0;
  }
  return v._free;
}

/** Takes the blocks of a pair and of what it names off the free ones. */
function countUsed(m: Mdir): void {
  const v = fs;
  v._free -= 2;
  for (let id = 0; id < m._count; id++)
    if (m._rows[id * ROW] >>> 30 === KIND_CTZ && !isMoving(m, id)) v._free -= ctzIndex(m._rows[id * ROW + 2] - 1) + 1;
}
