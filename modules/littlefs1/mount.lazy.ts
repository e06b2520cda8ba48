/** Recognising, mounting and letting go: a part that a device loads for as long as that takes. */
import { closeDevice, type Device, openDevice, readPiece } from '../blockdev';
import * as foreign from '../blockdev/foreign.lazy';
import * as wide from '../blockdev/wide.lazy';
import { flag, optionsOf, whole } from '../contract/arguments';
import { EBUSY, EINVAL, type VfsError, vfsError } from '../contract/errno';
import type { Alone, BlockDevice, FileSystemType } from '../contract/filesystem';
import { decodeText } from '../engine';
import { ENTRY } from './dir';
import { FRAME } from './mdir';
import * as mkfs from './mkfs.lazy';
import * as superblock from './superblock.lazy';
import { type Lfs1Options, NULL, use, type Volume } from './volume';

/** The least block size: in smaller ones the pointers of a large file find no room (SPEC.md, "Directory entries"). */
const LEAST = 104;
/** Pairs are not filled further in larger blocks, as each change writes all of one. */
const PAIR_MOST = 4096;
/** The largest block. */
const MOST = 0x80000;
/** Where in the first block the superblock's name and block size lie, as every driver writes them (SPEC.md, "Superblock"). */
const MARK = 40;
const SIZE = 28;

/** Whether a device carries littlefs 1. */
export function probeLfs1(bdev: BlockDevice): boolean {
  const dev = openDevice(bdev, 'mount');
  const head = new Uint8Array(8);
  let failed = 0;
  let torn = false;
  for (let block = 0; block < (dev._extended ? 2 : 1) && dev._blockSize >= LEAST; block++) {
    const status = readPiece(dev, block, MARK, head);
    if (status) failed = status;
    else if (decodeText(head) === 'littlefs') return true;
    if (!block && !status) torn = head[0] === 0xff || head[0] === 0x6c;
  }
  if (torn && wide.sizeOn(dev, MARK, SIZE)) return true;
  if (failed) throw vfsError(failed, 'mount');
  return false;
}

/** Lets the volume have blocks of `size` bytes on a device: its own, or each made of several. */
function setBlocks(v: Volume, dev: Device, size: number): void {
  v._dev = dev._extended && size === dev._blockSize ? dev : wide.widen(dev, size);
  v._blockSize = size;
  v._blockCount = v._dev._blockCount;
  v._cacheSize = Math.min(size, 4 * Math.max(v._readSize, v._programs));
  v._pairMax = Math.min(size, PAIR_MOST);
  v._nameMax = Math.min(255, v._pairMax - FRAME - ENTRY);
  // A pair's header has to fit.
  v._own = new Uint8Array(Math.min(size, Math.max(v._cacheSize, v._readSize * Math.ceil(64 / v._readSize))));
  v._wBlock = NULL;
}

/** Lets a volume have blocks as the superblock on its device says, in place of those that it was made for. Whether they are others. */
export function fitBlocks(v: Volume): boolean {
  const dev = wide.innermost(v._dev);
  const size = wide.sizeOn(dev, MARK, SIZE);
  if (size === v._blockSize || size < LEAST || size > MOST || size % dev._blockSize || size % v._readSize || size % v._programs)
    return false;
  setBlocks(v, dev, size);
  return true;
}

/** Opens the device of a volume, which is to be mounted or made, and takes the options. @throws TypeError, EINVAL if they are none or do not fit */
export function configure(v: Volume, bdev: BlockDevice, options: Lfs1Options | undefined, alone: FileSystemType['alone']): void {
  const o = optionsOf(options);
  v._operation = 'VfsLfs1';
  v._path = '';
  const dev = openDevice(bdev, 'VfsLfs1');
  const own = dev._blockSize;
  const number = function (name: keyof Lfs1Options, otherwise: number, most: number): number {
    return o[name] === undefined ? otherwise : whole(o[name], name, [1, most], v);
  };
  const size = number('blocksize', own, MOST);
  const least = dev._extended ? Math.min(32, size) : own;
  const read = number('readsize', least, size);
  const prog = number('progsize', Math.max(least, bdev.progsize || 0), size);
  // What the device says; else programs are in whole program sizes of the volume.
  const unit = !dev._extended ? own : bdev.progsize === undefined ? prog : whole(bdev.progsize, "the device's progsize", [1, size], v);
  flag(o.mtime, 'mtime');
  if (
    size < LEAST ||
    size > MOST ||
    size % own ||
    (!dev._extended && read % own) ||
    size % read ||
    size % prog ||
    (read % prog && prog % read) ||
    prog % unit
  )
    throw vfsError(EINVAL, 'VfsLfs1', '', 'sizes do not fit: block, read, prog, device ' + [size, read, prog, unit]);
  v._readSize = read;
  v._unit = unit;
  v._programs = prog;
  v._lookahead = number('lookahead', 32, 0x7fffffff);
  setBlocks(v, dev, size);
  v._mdirs = [];
  v._moves = [];
  v._files = [];
  v._stale = v._mended = false;
  if (alone) alone(v as Volume & Alone);
}

/** Mounts a volume, with `mkfs` a new one. @throws what `VfsLfs1.mount` does */
export function mountVolume(v: Volume, readonly: boolean, mkfsWanted: boolean): void {
  use(v);
  v._readonly = readonly;
  v._operation = 'mount';
  v._path = '';
  // An earlier `umount` has shut it down.
  const bdev = wide.innermost(v._dev)._bdev;
  if (v._mounted === false) setBlocks(v, openDevice(bdev, 'mount'), v._blockSize);
  if (mkfsWanted) {
    const held = foreign.tellHeld(bdev);
    // Some devices were just shown in their other way.
    openDevice(bdev, 'mount');
    if (!held) mkfs.format();
  }
  try {
    superblock.readVolume();
  } catch (error) {
    if (!error || !(error as VfsError).errno || !fitBlocks(v)) throw error;
    superblock.readVolume();
  }
  v._mounted = true;
}

export function unmountVolume(v: Volume): void {
  use(v);
  if (v._files.length) throw vfsError(EBUSY, 'umount');
  v._mounted = false;
  v._mdirs = [];
  closeDevice(v._dev);
}
