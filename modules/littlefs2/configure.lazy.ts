/** What a volume is made with: its device, blocks and options. */
import { type Device, openDevice } from '../blockdev';
import * as wide from '../blockdev/wide.lazy';
import { flag, optionsOf, whole } from '../contract/arguments';
import { EINVAL, vfsError } from '../contract/errno';
import type { Alone, BlockDevice, FileSystemType } from '../contract/filesystem';
import { LEAST_BLOCK, MARK_AT, NULL, SIZE_AT } from './tags';
import type { Lfs2Options, Volume } from './volume';

/** The largest block. */
const MOST = 0x80000;

/** Lets the volume have blocks of `size` bytes on a device: its own, or each made of several. */
export function setBlocks(v: Volume, dev: Device, size: number): void {
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
  const size = wide.sizeOn(dev, MARK_AT, SIZE_AT);
  const fits = size >= LEAST_BLOCK && size <= MOST && !(size % dev._blockSize || size % v._readSize || size % v._progSize);
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
    size < LEAST_BLOCK ||
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
