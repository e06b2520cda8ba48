import { type CheckOptions, checkOptions, type Finding } from '../../contract/check';
import type { VfsError } from '../../contract/errno';
import type { BlockDevice } from '../../contract/filesystem';
import { decodeText } from '../../engine';

import { afterRepair, resultOf } from '../../littlefs/check';
import { littlefs1, VfsLfs1 } from '../index';
import { fetch, HEADER, isSame, nameAt, shares, wordAt } from '../mdir';
import * as mount from '../mount.lazy';

import { type Mdir, NULL, use } from '../volume';
import {
  type Check,
  IN_TREE,
  inside,
  type Lfs1FsckOptions,
  type Lfs1FsckResult,
  newCheck,
  ON_THREAD,
  pairText,
  report,
  tryPair,
} from './findings';
import { visit, walkFrom } from './walk';

export type { Lfs1Finding, Lfs1FindingCode, Lfs1FsckOptions, Lfs1FsckResult } from './findings';

/**
 * Checks a littlefs 1 volume that is not mounted: superblock, tree, lists, thread. Reads the metadata and the pointers of every
 * file, holds a byte for each block of the volume, and the paths of its directories.
 * @throws like the constructor of `VfsLfs1`; not for damage, nor for blocks that cannot be read
 */
export function fsckLfs1(bdev: BlockDevice, options?: Lfs1FsckOptions): Lfs1FsckResult {
  const o = checkOptions(options);
  let c = check(bdev, o);
  let findings = c._findings;
  let repaired = false;
  if (o.repair && c._warnings && !c._errors && repair(c, bdev, o)) {
    repaired = true;
    c = check(bdev, o);
    findings = afterRepair(findings, c._findings);
  }
  const minor = c._volume._minor;
  return resultOf(c, minor === undefined ? '' : '1.' + minor, repaired, findings);
}

function check(bdev: BlockDevice, o: Lfs1FsckOptions): Check {
  let v = new VfsLfs1(bdev, o);
  use(v);
  v._operation = 'fsck';
  try {
    if (mount.fitBlocks(v)) fetch(0, 1);
  } catch (_none) {
    // No superblock is whole with such blocks, or the check itself will tell what cannot be read.
    v = new VfsLfs1(bdev, o);
    use(v);
    v._operation = 'fsck';
  }
  const c = newCheck(v, o.onFinding);
  const m = tryPair(c, 0, 1, '');
  if (m && readSuperblock(c, m)) {
    c._map[0] = c._map[1] = ON_THREAD | IN_TREE;
    c._used = 2;
    walkFrom(c, v._root0, v._root1, '');
    followMoving(c);
    walkThread(c, m);
  }
  return c;
}

/** Checks the superblock entry and takes what it says (SPEC.md, "Superblock"). */
function readSuperblock(c: Check, m: Mdir): boolean {
  const v = c._volume;
  const device = v._blockCount;
  const wrong = function (message: string): boolean {
    report(c, 'error', 'superblock', '', [m._a], message);
    return false;
  };
  if (
    m._bytes.length < HEADER + 32 ||
    m._bytes[HEADER] !== 0x2e ||
    m._bytes[HEADER + 1] < 20 ||
    decodeText(nameAt(m, HEADER)) !== 'littlefs'
  )
    return wrong('no superblock entry in pair {0, 1}');
  const version = wordAt(m, HEADER, 4);
  const size = wordAt(m, HEADER, 2);
  const count = wordAt(m, HEADER, 3) >>> 0;
  if (m._split) return wrong('the superblock goes on like a directory');
  if (version >> 1 !== 0x8000) return wrong('version ' + (version >>> 16) + '.' + (version & 0xffff) + ' is not known');
  if (size !== v._blockSize) return wrong('block size ' + (size >>> 0) + ' in the superblock, ' + v._blockSize + ' of the device');
  if (count < 4 || count > device) return wrong(count + ' blocks in the superblock, the device has ' + device);
  v._minor = version & 1;
  v._blockCount = count;
  v._root0 = wordAt(m, HEADER, 0);
  v._root1 = wordAt(m, HEADER, 1);
  return true;
}

/** Finds out which of the entries that are being moved are elsewhere already; the others are still what they were. */
function followMoving(c: Check): void {
  // Directories below one that was being moved may hold further ones.
  for (let done = 0; done < c._moving.length; ) {
    const again = newCheck(c._volume, undefined);
    again._mute = true;
    again._moving = c._moving;
    walkFrom(again, c._volume._root0, c._volume._root1, '');
    for (; done < c._moving.length; done++) {
      const one = c._moving[done];
      const what = one._gone ? 'its source, which the next change removes' : 'not done: the entry stays';
      report(c, 'warning', 'move', one._path, one._blocks, 'a rename was cut: this is ' + what);
      if (!one._gone && visit(c, one._path, one._kind, one._x, one._y)) walkFrom(c, one._x, one._y, one._path);
    }
  }
}

/** Follows the thread of all pairs, which must lead to each directory of the tree, and to nothing else. */
function walkThread(c: Check, superblock: Mdir): void {
  const heads = c._heads;
  let m: Mdir | undefined = superblock;
  let halves = 0;
  while (m && m._tail0 !== NULL && m._tail1 !== NULL) {
    const a: number = m._tail0;
    const b: number = m._tail1;
    if (!inside(a) || !inside(b) || a === b || c._map[a] & c._map[b] & ON_THREAD) {
      report(c, 'error', 'thread', '', [a, b], 'the thread of all pairs leads to ' + pairText(a, b) + ', where it cannot go on');
      return;
    }
    if (!m._split) {
      let k = 0;
      while (k < heads.length && !shares(heads[k], heads[k + 1], a, b)) k += 2;
      if (k >= heads.length) {
        const damaged = (c._map[a] | c._map[b]) & IN_TREE;
        report(
          c,
          damaged ? 'error' : 'warning',
          'orphan',
          '',
          [a, b],
          pairText(a, b) + ' is on the thread, but no directory begins with it',
        );
      } else if (!isSame(heads[k], heads[k + 1], a, b)) {
        halves++;
        report(c, 'warning', 'half-orphan', c._paths[k >> 1], [a, b], pairText(a, b) + ' was moved, and the thread has the old one');
      }
    }
    c._map[a] |= ON_THREAD;
    c._map[b] |= ON_THREAD;
    m = tryPair(c, a, b, '');
  }
  for (let k = 0; m && k < heads.length; k += 2)
    if (inside(heads[k]) && inside(heads[k + 1]) && !((c._map[heads[k]] | c._map[heads[k + 1]]) & ON_THREAD))
      report(
        c,
        halves ? 'warning' : 'error',
        'unthreaded',
        c._paths[k >> 1],
        [heads[k], heads[k + 1]],
        pairText(heads[k], heads[k + 1]) + ' is not on the thread of all pairs',
      );
}

/** Finishes what was left half-done by the module's own means. Whether it could. */
function repair(c: Check, bdev: BlockDevice, o: Lfs1FsckOptions): boolean {
  const volume = new VfsLfs1(bdev, o);
  try {
    volume.mount(false, false);
    volume.repair();
    return true;
  } catch (problem) {
    use(c._volume);
    report(c, 'error', 'repair', '', [], (problem as VfsError).message);
    return false;
  }
}

VfsLfs1.fsck = fsckLfs1;
littlefs1.check = function (bdev: BlockDevice, options?: CheckOptions): Finding[] {
  return fsckLfs1(bdev, options).findings;
};
