/** Recognising and mounting a volume, and reading its state anew: what walks over all pairs. */
import { closeDevice, type Device, openDevice, readPiece } from '../blockdev';
import * as foreign from '../blockdev/foreign.lazy';
import * as wide from '../blockdev/wide.lazy';
import { flag, optionsOf, whole } from '../contract/arguments';
import { EBUSY, ECORRUPT, EINVAL, type VfsError, vfsError } from '../contract/errno';
import type { Alone, BlockDevice, FileSystemType } from '../contract/filesystem';
import { decodeText, le32 } from '../engine';
import { ctzIndex } from './content';
import { peekAt } from './disk';
import * as format from './format.lazy';
import { fetch, glance, isMoving } from './mdir';
import * as logs from './scan.lazy';
import { KIND_CTZ, ROW } from './table';
import { NULL } from './tags';
import { fail, fs, type Lfs2Options, limitSteps, type Mdir, use, type Volume } from './volume';

/** Sizes of a block. */
const LEAST = 128;
const MOST = 0x80000;
/** Where in the first block its name and block size lie, as every driver writes them (SPEC.md, "Superblock"). */
const MARK = 8;
const SIZE = 24;

/** Whether a device carries littlefs 2. */
export function probeLfs2(bdev: BlockDevice): boolean {
  const dev = openDevice(bdev, 'mount');
  const head = new Uint8Array(8);
  let failed = 0;
  let torn = false;
  // On media that write blocks as a whole the first one is always there.
  for (let block = 0; block < (dev._extended ? 2 : 1) && dev._blockSize >= LEAST; block++) {
    const status = readPiece(dev, block, 8, head);
    if (status) failed = status;
    else if (decodeText(head) === 'littlefs') return true;
    // Erased, or not yet programmed as a whole: the second block is another's second where blocks are larger.
    if (!block && !status) torn = head[0] === 0xff || head[0] === 0x6c;
  }
  if (torn && wide.sizeOn(dev, MARK, SIZE)) return true;
  if (failed) throw vfsError(failed, 'mount');
  return false;
}

/** Lets the volume have blocks of `size` bytes on a device: its own, or each made of several. */
function setBlocks(v: Volume, dev: Device, size: number): void {
  const read = v._readSize;
  const most = Math.max(read, v._progSize);
  const cache = Math.min(size, v._cacheWanted);
  v._dev = dev._extended && size === dev._blockSize ? dev : wide.widen(dev, size);
  v._blockSize = size;
  v._blockCount = v._dev._blockCount;
  v._cacheSize = size % cache ? (most % read || most % v._progSize ? size : most) : cache;
  v._own = new Uint8Array(Math.min(size, Math.max(v._cacheSize, 2 * read, 64)));
  v._wBlock = NULL;
}

/** Lets a volume have blocks as the superblock on its device says, in place of those that it was made for. Whether they are others. */
export function fitBlocks(v: Volume): boolean {
  const dev = wide.innermost(v._dev);
  const size = wide.sizeOn(dev, MARK, SIZE);
  const fits = size >= LEAST && size <= MOST && !(size % dev._blockSize || size % v._readSize || size % v._progSize);
  if (!fits || size === v._blockSize) return false;
  setBlocks(v, dev, size);
  return true;
}

/** Opens the device of a volume, which is to be mounted or made, and takes the options. @throws TypeError, EINVAL if they are none or do not fit */
export function configure(v: Volume, bdev: BlockDevice, options: Lfs2Options | undefined, alone: FileSystemType['alone']): void {
  const o = optionsOf(options);
  v._operation = 'VfsLfs2';
  v._path = '';
  const dev = openDevice(bdev, 'VfsLfs2');
  const own = dev._blockSize;
  const number = function (name: keyof Lfs2Options, otherwise: number, least: number, most: number): number {
    return o[name] === undefined ? otherwise : whole(o[name], name, [least, most], v);
  };
  const size = number('blocksize', own, 1, MOST);
  const least = dev._extended ? Math.min(32, size) : own;
  const read = number('readsize', least, 1, size);
  const prog = number('progsize', Math.max(least, bdev.progsize || 0), 1, size);
  const cache = number('cachesize', Math.min(size, 4 * Math.max(read, prog)), 1, size);
  // What the device says; commits are in whole program sizes of the volume, so these in whole units.
  const unit = !dev._extended ? own : bdev.progsize === undefined ? prog : whole(bdev.progsize, "the device's progsize", [1, size], v);
  if (
    size < LEAST ||
    size > MOST ||
    size % own ||
    (!dev._extended && read % own) ||
    size % read ||
    size % prog ||
    cache % read ||
    cache % prog ||
    size % cache ||
    prog % unit
  )
    throw vfsError(EINVAL, 'VfsLfs2', '', 'sizes do not fit: block, read, prog, device, cache ' + [size, read, prog, unit, cache]);
  v._readSize = read;
  v._progSize = prog;
  v._unit = unit;
  v._cacheWanted = o.cachesize === undefined ? 4 * Math.max(read, prog) : cache;
  setBlocks(v, dev, size);
  v._tableBytes = number('tables', 4096, 0, 0x7fffffff);
  v._cycles = number('blockCycles', 100, 0, 0x7fffffff);
  // Odd, so that it is not always the same one of two blocks that is left. Of many somewhat fewer, as a block has also other
  // uses; of few as many as asked for: else the round of a small volume ends sooner, and a block has a second pair's wear.
  if (v._cycles > 0) v._cycles = (v._cycles - ((v._cycles >> 5) << 2) + 1) | 1;
  v._mtime = flag(o.mtime, 'mtime') !== false;
  v._lookahead = number('lookahead', 32, 1, 0x7fffffff);
  v._mdirs = [];
  v._marks = new Int32Array(0);
  v._markCount = 0;
  v._files = [];
  v._stale = false;
  v._orphans = v._changes = v._calls = 0;
  if (alone) alone(v as Volume & Alone);
}

/** Mounts a volume, with `mkfs` a new one. @throws what `VfsLfs2.mount` does */
export function mountVolume(v: Volume, readonly: boolean, mkfs: boolean): void {
  use(v);
  v._readonly = readonly;
  v._operation = 'mount';
  v._path = '';
  // An earlier `umount` has shut it down.
  const bdev = wide.innermost(v._dev)._bdev;
  if (v._mounted === false) setBlocks(v, openDevice(bdev, 'mount'), v._blockSize);
  if (mkfs) {
    const held = foreign.tellHeld(bdev);
    // Some devices were just shown in their other way.
    openDevice(bdev, 'mount');
    if (!held) format.format(0x20001);
  }
  try {
    readVolume();
  } catch (error) {
    if (!error || !(error as VfsError).errno || !fitBlocks(v)) throw error;
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
