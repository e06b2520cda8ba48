import { type CheckOptions, checkOptions, type Finding } from '../../contract/check';
import type { VfsError } from '../../contract/errno';
import type { BlockDevice } from '../../contract/filesystem';
import { le32 } from '../../engine';
import { afterRepair, resultOf } from '../../littlefs/check';
import * as sizes from '../configure.lazy';
import { load } from '../disk';
import { littlefs2, VfsLfs2 } from '../index';
import { fetch, movingId } from '../mdir';
import { begin, commit } from '../operation';
import * as logs from '../scan.lazy';
import { KIND_CTZ, KIND_INLINE, kindOf, newMdir, ROW } from '../table';
import * as tables from '../tabulate.lazy';
import { NULL } from '../tags';
import { fs, limitSteps, type Mdir, use } from '../volume';
import { checkCtz } from './ctz';
import { auditLog, isRagged, judgePair, openPair } from './pair';
import { type Check, type FsckOptions, type FsckResult, newCheck, pairText, report, tryBytes } from './state';
import { eachOrphan, followMoved, walkThread, walkTree } from './walk';

export type { FindingCode, FsckOptions, FsckResult, Lfs2Finding } from './state';

/**
 * Checks a littlefs 2 volume that is not mounted: superblock, thread, tree, lists. Reads every block in use, holds two
 * bits for each block of the volume and one directory entry for each level of the tree.
 * @throws like the constructor of `VfsLfs2`; not for damage, nor for blocks that cannot be read
 */
export function fsckLfs2(bdev: BlockDevice, options?: FsckOptions): FsckResult {
  const o = checkOptions(options);
  let c = check(bdev, o);
  let findings = c._findings;
  let repaired = false;
  // Once is enough, unless the thread had lost its way: what it leads to afterwards may tell of more.
  for (let tries = 0; o.repair && tries < 3 && c._warnings && !c._errors && !c._held && repair(c, bdev, o); tries++) {
    repaired = true;
    c = check(bdev, o);
    findings = afterRepair(findings, c._findings);
  }
  return resultOf(c, c._volume._mounted ? '2.' + c._volume._minor : '', repaired, findings);
}

function check(bdev: BlockDevice, o: FsckOptions): Check {
  const c = newCheck(new VfsLfs2(bdev, o), o.onFinding, checkEntry);
  if (openVolume(c)) {
    walkThread(c);
    checkState(c);
    if (c._flagged) followMoved(c);
    walkTree(c, 0, 1, '', '');
    if (movingId() >= 0 && !c._moveSeen)
      report(
        c,
        'error',
        'state',
        '',
        [fs._gstate[1], fs._gstate[2]],
        'the pending move of entry ' + movingId() + ' in ' + pairText(fs._gstate[1], fs._gstate[2]) + ' names nothing',
      );
    checkOrphans(c);
  }
  return c;
}

/** Lets the volume have the blocks that its superblock tells, if one is whole with them. */
function fit(c: Check): void {
  const v = c._volume;
  const dev = v._dev;
  const size = v._blockSize;
  const count = v._blockCount;
  const cache = v._cacheSize;
  const own = v._own;
  let whole = false;
  try {
    if (!sizes.fitBlocks(v)) return;
    for (let block = 0; block < 2 && !whole; block++) {
      const m = newMdir(block, 1 - block);
      whole = !load(block, 0, 4, 4) && logs.scan(m, v._blockSize);
      if (whole) tables.tabulate(m);
      whole = m._super > 0;
    }
  } catch (_unreadable) {
    // The check itself will tell.
  }
  if (whole) {
    c._map = new Uint8Array((v._blockCount + 3) >> 2);
    return;
  }
  v._dev = dev;
  v._blockSize = size;
  v._blockCount = count;
  v._cacheSize = cache;
  v._own = own;
  v._wBlock = NULL;
}

/** Makes ready to walk the volume on a device; whether it has a superblock to begin with. Its `_mounted` says so. */
export function openVolume(c: Check): boolean {
  const v = c._volume;
  use(v);
  v._operation = 'fsck';
  v._path = '';
  v._moves = [];
  v._root = { _a: 0, _b: 1 };
  v._wBlock = NULL;
  v._gstate = new Int32Array(3);
  v._minor = 1;
  v._nameMax = 255;
  v._fileMax = 0x7fffffff;
  v._attrMax = 1022;
  fit(c);
  let a = 0;
  let b = 1;
  let plain = false;
  let behind: Mdir | undefined;
  for (let steps = 0; steps < v._blockCount; steps++) {
    const m = openPair(c, a, b);
    if (!m) {
      if (!steps) {
        judgePair(c, a, b, '');
        report(c, 'error', 'superblock', '', [0, 1], 'no superblock: pair {0, 1} cannot be used');
      }
      break;
    }
    if (m._super) {
      if (plain) report(c, 'error', 'superblock', '', [m._a], 'a superblock entry in the midst of the root');
      if (behind && behind._count > 1)
        report(c, 'error', 'superblock', '', [behind._a], 'entries in a superblock pair that has been expanded');
      readSuperblock(c, m, !steps);
      v._root = behind = m;
    } else plain = true;
    if (!m._split) break;
    a = m._tail0;
    b = m._tail1;
  }
  if (!v._mounted && !c._errors) report(c, 'error', 'superblock', '', [0, 1], 'no superblock entry in pair {0, 1}');
  return v._mounted;
}

/** Checks a superblock entry and takes what it says (SPEC.md, "Superblock"). */
function readSuperblock(c: Check, m: Mdir, first: boolean): void {
  const v = c._volume;
  const rows = m._rows;
  const wrong = function (message: string): void {
    report(c, 'error', 'superblock', '', [m._a], message);
  };
  const place = rows[0] & 0x3fffffff;
  const magic = tryBytes(c, m._a, place >> 10, 8);
  const entry = kindOf(m, 0) === KIND_INLINE && rows[2] === 24 ? tryBytes(c, m._a, rows[1], 24) : undefined;
  if (!magic || (place & 0x3ff) !== 8 || le32(magic, 0) !== 0x7474696c || le32(magic, 4) !== 0x7366656c)
    wrong('superblock entry with a wrong magic');
  else if (first && place >> 10 !== 8) wrong('the magic of the superblock is at ' + (place >> 10) + ', not at 8');
  if (!entry) {
    wrong('superblock entry without its 24 bytes');
    return;
  }
  const word = function (k: number): number {
    return le32(entry, k * 4) >>> 0;
  };
  if (word(0) >>> 1 !== 0x10000) {
    wrong('version ' + (word(0) >>> 16) + '.' + (word(0) & 0xffff) + ' is not known');
    return;
  }
  if (word(1) !== v._blockSize) {
    wrong('block size ' + word(1) + ' in the superblock, ' + v._blockSize + ' of the device');
    return;
  }
  v._minor = word(0) & 1;
  v._mounted = true;
  const device = v._dev._blockCount;
  if (word(2) < 2 || word(2) > device) wrong(word(2) + ' blocks in the superblock, the device has ' + device);
  else v._blockCount = word(2);
  if (word(3) < 1 || word(3) > 1022 || word(4) < 1 || word(4) > 0x7fffffff || word(5) > 1022)
    wrong('impossible limits in the superblock: name ' + word(3) + ', file ' + word(4) + ', attribute ' + word(5));
  else {
    v._nameMax = word(3);
    v._fileMax = word(4);
    v._attrMax = word(5);
  }
}

/** Checks the global state (SPEC.md, "Move state"), once the thread has told it. */
function checkState(c: Check): void {
  const g = fs._gstate;
  const type = (g[0] >>> 20) & 0x7ff;
  let wrong = '';
  if (g[0] & 0x3ff) wrong = 'has bits where none belong';
  else if (type && type !== 0x4ff) wrong = 'names a move of unknown type 0x' + type.toString(16);
  else if (!type && (g[1] || g[2] || g[0] & 0xffc00)) wrong = 'has a pair, but no move';
  if (!wrong) return;
  report(c, 'error', 'state', '', [], 'the global state ' + wrong);
  if (type !== 0x4ff) fs._gstate = new Int32Array(3);
}

function checkEntry(c: Check, path: string, m: Mdir, id: number): string {
  const kind = kindOf(m, id);
  const head = m._rows[id * ROW + 1];
  const size = m._rows[id * ROW + 2];
  const most = Math.min(1022, fs._blockSize >> 3);
  if (kind === KIND_CTZ) checkCtz(c, path, head, size);
  else if (kind === KIND_INLINE && size > most)
    report(c, 'error', 'size', path, [m._a], 'inline file of ' + size + ' bytes, ' + most + ' are allowed');
  return '';
}

/** Checks what is on the thread and in no directory. */
function checkOrphans(c: Check): void {
  const claimed = c._claimed;
  let orphans = 0;
  let halves = 0;
  eachOrphan(c, function (m: Mdir, half: boolean): void {
    if (half) {
      halves++;
      auditLog(c, m, '');
      return;
    }
    orphans++;
    c._held += m._count;
    const what = 'pair ' + pairText(m._a, m._b) + ' is on the thread, but no directory names it; entries: ' + m._count;
    report(c, c._flagged ? 'warning' : 'error', 'orphan', '', [m._a, m._b], what);
    walkTree(c, m._a, m._b, 'orphan ' + pairText(m._a, m._b), '');
  });
  if (c._whole && (halves > c._halves || (!halves && c._pairing))) {
    // No power cut leaves this, and following such a thread would lose directories.
    c._held++;
    report(c, c._flagged ? 'warning' : 'error', 'half-orphan', '', [], 'thread and directories disagree which blocks make a pair');
  }
  const held = c._claimed - claimed;
  if (orphans) report(c, 'info', 'lost', '', [], 'blocks that only orphans hold: ' + held);
  else if (c._flagged && !c._halves) report(c, 'warning', 'orphan', '', [], 'orphans are flagged, but there are none');
}

/** Finishes what was left half-done by the module's own means. Whether it could. */
function repair(c: Check, bdev: BlockDevice, o: FsckOptions): boolean {
  const volume = new VfsLfs2(bdev, o);
  const quiet = newCheck(volume, undefined, checkEntry);
  try {
    volume.mount(false, false);
    begin(volume, 'fsck', '', true);
    let a = 0;
    let b = 1;
    for (let steps = 0; a !== NULL; steps++) {
      limitSteps(steps);
      let m = fetch(a, b);
      if (isRagged(quiet, m)) {
        // With nothing appended to it, the pair is written anew.
        m._erased = false;
        commit(m, []);
        m = fetch(m._a, m._b);
      }
      a = m._tail0;
      b = m._tail1;
    }
    // What the repair changed in the global state may not be on the disk yet.
    commit(fetch(0, 1), []);
    return true;
  } catch (problem) {
    use(c._volume);
    report(c, 'error', 'repair', '', [], (problem as VfsError).message);
    return false;
  }
}

VfsLfs2.fsck = fsckLfs2;
littlefs2.check = function (bdev: BlockDevice, options?: CheckOptions): Finding[] {
  return fsckLfs2(bdev, options).findings;
};
