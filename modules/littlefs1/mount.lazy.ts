/** Recognising, mounting and letting go: a part that a device loads for as long as that takes. */
import { closeDevice, openDevice, readAt } from '../blockdev';
import * as foreign from '../blockdev/foreign.lazy';
import { flag, optionsOf, whole } from '../contract/arguments';
import { EBUSY, EINVAL, vfsError } from '../contract/errno';
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

/** Whether a device carries littlefs 1. */
export function probeLfs1(bdev: BlockDevice): boolean {
  const dev = openDevice(bdev, 'mount');
  const head = new Uint8Array(8);
  let failed = 0;
  for (let block = 0; block < 2 && dev._extended; block++) {
    const status = readAt(dev, block, 40, head);
    if (status) failed = status;
    else if (decodeText(head) === 'littlefs') return true;
  }
  if (failed) throw vfsError(failed, 'mount');
  return false;
}

/** Opens the device of a volume, which is to be mounted or made, and takes the options. @throws TypeError, EINVAL if they are none or do not fit */
export function configure(v: Volume, bdev: BlockDevice, options: Lfs1Options | undefined, alone: FileSystemType['alone']): void {
  const o = optionsOf(options);
  v._operation = 'VfsLfs1';
  v._path = '';
  const dev = openDevice(bdev, 'VfsLfs1');
  const size = dev._blockSize;
  const number = function (name: keyof Lfs1Options, otherwise: number, most: number): number {
    return o[name] === undefined ? otherwise : whole(o[name], name, [1, most], v);
  };
  const read = number('readsize', Math.min(32, size), size);
  const prog = number('progsize', Math.max(Math.min(32, size), bdev.progsize || 0), size);
  // What the device says; else programs are in whole program sizes of the volume.
  const unit = bdev.progsize === undefined ? prog : whole(bdev.progsize, "the device's progsize", [1, size], v);
  flag(o.mtime, 'mtime');
  if (!dev._extended || size < LEAST || size > 0x80000 || size % read || size % prog || (read % prog && prog % read) || prog % unit)
    throw vfsError(
      EINVAL,
      'VfsLfs1',
      '',
      dev._extended ? 'sizes do not fit: block, read, prog, device ' + [size, read, prog, unit] : 'device takes no offsets',
    );
  v._dev = dev;
  v._blockSize = size;
  v._blockCount = dev._blockCount;
  v._readSize = read;
  v._unit = unit;
  v._cacheSize = Math.min(size, 4 * Math.max(read, prog));
  v._lookahead = number('lookahead', 32, 0x7fffffff);
  v._pairMax = Math.min(size, PAIR_MOST);
  v._nameMax = Math.min(255, v._pairMax - FRAME - ENTRY);
  // A pair's header has to fit.
  v._own = new Uint8Array(Math.min(size, Math.max(v._cacheSize, read * Math.ceil(64 / read))));
  v._wBlock = NULL;
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
  if (v._mounted === false) v._dev = openDevice(v._dev._bdev, 'mount');
  if (mkfsWanted) {
    const held = foreign.tellHeld(v._dev._bdev);
    // Some devices were just shown in their other way.
    openDevice(v._dev._bdev, 'mount');
    if (!held) mkfs.format();
  }
  superblock.readVolume();
  v._mounted = true;
}

export function unmountVolume(v: Volume): void {
  use(v);
  if (v._files.length) throw vfsError(EBUSY, 'umount');
  v._mounted = false;
  v._mdirs = [];
  closeDevice(v._dev);
}
