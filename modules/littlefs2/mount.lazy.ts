/** Recognising a volume, what comes before it is read at a mount, and counting what is free. */
import { closeDevice, openDevice, readPiece } from '../blockdev';
import * as foreign from '../blockdev/foreign.lazy';
import * as wide from '../blockdev/wide.lazy';
import { EBUSY, vfsError } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { decodeText } from '../engine';
import * as sizes from './configure.lazy';
import { ctzIndex } from './content';
import * as format from './format.lazy';
import { fetch, isMoving } from './mdir';
import { KIND_CTZ, ROW } from './table';
import { LEAST_BLOCK, MARK_AT, NULL, SIZE_AT } from './tags';
import { fs, limitSteps, type Mdir, use, type Volume } from './volume';

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

/** What comes before a volume is read: with `mkfs` it is made. @throws what `VfsLfs2.mount` does */
export function prepare(v: Volume, readonly: boolean, mkfs: boolean): void {
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
