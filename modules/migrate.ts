/**
 * Making a littlefs 1 volume one of littlefs 2: the one place that knows both, so no file system has to know another. On a
 * device a module of its own, needed once.
 */
import { optionsOf } from './contract/arguments';
import { ECORRUPT, EIO, ENAMETOOLONG, type VfsError } from './contract/errno';
import type { BlockDevice } from './contract/filesystem';
import { crc32, encodeText, fill, putLe32 } from './engine';
import { VfsLfs1 } from './littlefs1';
import { takeBlock } from './littlefs1/alloc';
import { begin } from './littlefs1/begin';
import { revisionOver } from './littlefs1/commit';
import { erase, flushDevice, program } from './littlefs1/disk';
import { after, fetch, HEADER, kindAt, nameAt, readPair, wordAt } from './littlefs1/mdir';
import { DIR, FILE, fail, fs, use } from './littlefs1/volume';
import { findPair, walkTree } from './littlefs1/walk';
import { type Lfs2Options, VfsLfs2 } from './littlefs2';
import { compare } from './littlefs2/names';
import * as tags from './littlefs2/tags';

/** A split in a directory: a tail that its next pair is behind. */
const HARD_TAIL = tags.TAIL + 1;
/** What the log of a pair has besides entries: revision, tail and CRC. */
const FRAME = 24;
/** Entries in a pair at most. */
const MOST = 254;

/** An entry as it is to be: its name, type, and what it names. */
interface Entry {
  _name: Uint8Array;
  _kind: number;
  _x: number;
  _y: number;
}

/**
 * Makes a littlefs 1 volume that is not mounted one of littlefs 2, in place. Files stay where they are, as both formats lay
 * them out alike; directories are written anew into free blocks, two at least for each. Then the superblock is replaced: until
 * that is written the volume is one of littlefs 1, untouched, from then on one of littlefs 2. After a power cut it may be called
 * again. Attributes of other drivers are not taken along, nor entries whose names no path can reach.
 *
 * @param bdev an extended block device; its blocks have 128 bytes at least
 * @param options those of `VfsLfs2`
 * @throws ENOSPC without room for the directories, ECORRUPT for a damaged volume, EROFS, EIO; then it is still what it was.
 *   EINVAL, TypeError as `new VfsLfs2`
 * Source: microvfs's own, after the C library's `lfs_migrate`.
 */
export function migrateLfs1(bdev: BlockDevice, options?: Lfs2Options): void {
  const o = optionsOf(options);
  const size = sizeOfLfs2(bdev, o);
  if (size) {
    // All but the last step may have been done.
    use(new VfsLfs1(bdev, { blocksize: size, readsize: o.readsize, progsize: o.progsize }));
    const left = readPair(0, 1);
    if (left) dropOld(left._a);
    return;
  }
  const old = new VfsLfs1(bdev, { readsize: o.readsize, progsize: o.progsize });
  old.mount(false, false);
  begin(old, 'migrate', '', true);
  const superblock = fetch(0, 1);
  writeVolume(superblock._b);
  dropOld(superblock._a);
  old.umount();
}

/** The block size of a valid littlefs 2 on the device, 0 where there is none. @throws as `new VfsLfs2` */
function sizeOfLfs2(bdev: BlockDevice, o: Lfs2Options): number {
  const volume = new VfsLfs2(bdev, o);
  try {
    volume.mount(true, false);
  } catch (error) {
    if (!error || !(error as VfsError).errno) throw error;
    return 0;
  }
  volume.umount();
  return volume._blockSize;
}

/** Erases the block of the old superblock: the other one is the new volume's. */
function dropOld(block: number): void {
  if (!erase(block)) fail(EIO);
  flushDevice();
}

/** Writes all directories and then the superblock into this block. */
function writeVolume(block: number): void {
  const heads = walkTree(function (): void {});
  const made: number[] = heads.slice();
  let next: number[] = [tags.NULL, tags.NULL];
  let split = false;
  // From the last to the first on the thread, so that each names what is there; children come behind their parents.
  for (let k = heads.length - 2; k >= 0; k -= 2) {
    const entries = readEntries(heads, made, k);
    let end = entries.length;
    split = false;
    while (end || (k && !split)) {
      let from = end;
      let bytes = FRAME;
      while (from && end - from < MOST) {
        bytes += entries[from - 1]._name.length + 16;
        if (bytes > fs._blockSize >> 1 && from < end) break;
        from--;
      }
      next = writePair(logOf(entries.slice(from, end), undefined, split, next));
      end = from;
      split = true;
    }
    made[k] = next[0];
    made[k + 1] = next[1];
  }
  flushDevice();
  writeSuperblock(block, logOf([], superblockEntry(), split, next));
}

/** The entries of a directory, in the order of names; directories as they are written already. */
function readEntries(heads: number[], made: number[], k: number): Entry[] {
  const entries: Entry[] = [];
  for (let m = fetch(heads[k], heads[k + 1]); ; m = fetch(m._tail0, m._tail1)) {
    for (let at = HEADER; at < m._bytes.length; at = after(m._bytes, at)) {
      const kind = kindAt(m, at);
      const name = nameAt(m, at);
      if ((kind !== FILE && kind !== DIR) || !name.length) continue;
      let x = wordAt(m, at, 0);
      let y = wordAt(m, at, 1);
      if (kind === FILE && y < 0) fail(ECORRUPT);
      if (kind === DIR) {
        const child = findPair(heads, x, y);
        x = made[child];
        y = made[child + 1];
      }
      entries.push({ _name: new Uint8Array(name), _kind: kind, _x: x, _y: y });
    }
    if (!m._split) break;
  }
  return entries.sort(function (a, b) {
    return compare(a._name, b._name);
  });
}

/** The superblock entry (littlefs 2 SPEC.md, "Superblock"). */
function superblockEntry(): Uint8Array {
  const bytes = new Uint8Array(24);
  const words = [0x20001, fs._blockSize, fs._blockCount, 255, 0x7fffffff, 1022];
  for (let k = 0; k < 6; k++) putLe32(bytes, k * 4, words[k]);
  return bytes;
}

/**
 * The log of a pair, one commit (littlefs 2 SPEC.md, "Metadata tags", "CRC tags"), its first word left for the revision. Nothing
 * can be appended to it, as nothing tells that what follows is erased: the first change writes the pair anew.
 */
function logOf(entries: Entry[], superblock: Uint8Array | undefined, split: boolean, tail: number[]): Uint8Array {
  let length = FRAME + (superblock ? 40 : 0);
  for (let id = 0; id < entries.length; id++) length += entries[id]._name.length + 16;
  const log = new Uint8Array(length);
  let at = 4;
  let last = -1;
  const put = function (type: number, id: number, data: Uint8Array): void {
    const tag = (type << 20) | (id << 10) | data.length;
    const mixed = tag ^ last;
    log.set([mixed >> 24, mixed >> 16, mixed >> 8, mixed], at);
    log.set(data, at + 4);
    at += 4 + data.length;
    last = tag;
  };
  const pair = function (x: number, y: number): Uint8Array {
    const bytes = new Uint8Array(8);
    putLe32(bytes, 0, x);
    putLe32(bytes, 4, y);
    return bytes;
  };
  if (superblock) {
    put(tags.SUPERBLOCK, 0, encodeText('littlefs'));
    put(tags.INLINESTRUCT, 0, superblock);
  }
  for (let id = 0; id < entries.length; id++) {
    const entry = entries[id];
    const dir = entry._kind === DIR;
    put(dir ? tags.DIR : tags.REG, id, entry._name);
    if (dir || entry._y) put(dir ? tags.DIRSTRUCT : tags.CTZSTRUCT, id, pair(entry._x, entry._y));
    else put(tags.INLINESTRUCT, id, new Uint8Array(0));
  }
  put(split ? HARD_TAIL : tags.TAIL, tags.NO_ID, pair(tail[0], tail[1]));
  // The CRC itself comes when the revision is known.
  put(tags.CCRC, tags.NO_ID, new Uint8Array(4));
  return log.subarray(0, at);
}

/** What is to be programmed of a log with a revision: with its CRC, and filled up to whole program units. */
function finish(log: Uint8Array, revision: number): Uint8Array {
  const length = log.length;
  const padded = length + fs._unit - 1;
  const bytes = new Uint8Array(padded - (padded % fs._unit));
  fill(bytes.subarray(length), 0xff);
  if (length > fs._blockSize) fail(ENAMETOOLONG, 'a name finds no room in a pair of littlefs 2');
  bytes.set(log);
  putLe32(bytes, 0, revision);
  putLe32(bytes, length - 4, crc32(-1, bytes.subarray(0, length - 4)));
  return bytes;
}

/** Writes a pair into free blocks; gives them. The second is left as it is: whatever it holds is older. */
function writePair(log: Uint8Array): number[] {
  let a = takeBlock();
  const b = takeBlock();
  const bytes = finish(log, revisionOver(b));
  while (!erase(a) || !program(a, 0, bytes)) a = takeBlock();
  return [a, b];
}

/**
 * Writes the new superblock. What it is recognised by, the eight bytes from the eighth on, comes last, in as little as the medium
 * programs at once: before it is there the old superblock counts, in the other block.
 */
function writeSuperblock(block: number, log: Uint8Array): void {
  const unit = fs._unit;
  const bytes = finish(log, revisionOver(1 - block));
  const from = 8 - (8 % unit);
  const to = 15 + unit - ((15 + unit) % unit);
  let good =
    erase(block) && (to >= bytes.length || program(block, to, bytes.subarray(to))) && (!from || program(block, 0, bytes.subarray(0, from)));
  if (good) flushDevice();
  good = good && program(block, from, bytes.subarray(from, to));
  if (!good) {
    // Half of it must not be taken for a volume that is damaged.
    erase(block);
    fail(EIO);
  }
  flushDevice();
}

declare module './littlefs2' {
  namespace VfsLfs2 {
    /** `migrateLfs1`, there once `./migrate` has been imported: a bundle that does not name it goes without. */
    let migrate: typeof migrateLfs1;
  }
}

VfsLfs2.migrate = migrateLfs1;
