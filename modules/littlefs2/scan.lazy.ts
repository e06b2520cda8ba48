/**
 * Reading the log of a metadata pair (SPEC.md, "Metadata pairs"), and at a mount those of all: what of them is valid; what their entries
 * are tells `tabulate.lazy.ts`. What has been read is kept, so devices load this when something else is wanted.
 */
import { ECORRUPT, EINVAL, type VfsError } from '../contract/errno';
import { be32, crc32, le32 } from '../engine';
import { espruinoE } from '../engine/native';
import * as sizes from './configure.lazy';
import { crcBytes, load, peekAt, shrinkWindow } from './disk';
import { keep } from './kept';
import { NO_DELTA, newMdir } from './table';
import * as tables from './tabulate.lazy';
import { CCRC, DELETED, FCRC, MOVESTATE, NULL } from './tags';
import { fail, fs, limitSteps, type Mdir, type Volume } from './volume';

/** A log is read in windows, each twice as large as the one before it, up to so many bytes: logs may end soon, and calls are dear. */
const WINDOW = 1024;

/** The upper five bits of tags: those of a commit's end, and of the CRC of what follows. */
const END = CCRC >> 7;
const SEAL = FCRC >> 7;

/** Where the delta of the global state is in what tags say of the pair: the tail, whether it is a hard one, the delta. */
const SPLIT = 2;
const DELTA = 3;

/** Like `load`; whether the bytes are in the block at all. */
function reach(block: number, off: number, need: number, want: number): boolean {
  const status = load(block, off, need, want);
  if (status && status !== -ECORRUPT) fail(status);
  return !status;
}

/** Puts down what a tag says that is about the pair. */
function note(said: Int32Array, tag: number, data: Uint8Array, i: number): void {
  const type = tag >> 20;
  const length = tag & 0x3ff;
  const words = type >> 8 === 6 ? 2 : type === MOVESTATE ? 3 : 0;
  if (!words || length === DELETED || length < words * 4) return;
  for (let k = 0; k < words; k++) said[words === 3 ? DELTA + k : k] = le32(data, i + k * 4);
  if (words < 3) said[SPLIT] = type & 1;
}

/**
 * Whether what follows the log is erased, by what its last commit says in the tag before its end, which is `tag`, at `off`
 * (SPEC.md, "FCRC tags").
 */
function isSealed(m: Mdir, tag: number, off: number): boolean {
  const v = fs;
  const block = m._a;
  if (!reach(block, off, 4, 4)) return false;
  tag ^= be32(v._w, off - v._wOff);
  off -= tag & 0x3ff;
  if (tag >> 20 !== FCRC || (tag & 0x3ff) < 8 || (tag & 0x3ff) === DELETED || !reach(block, off, 8, 8)) return false;
  const size = le32(v._w, off - v._wOff);
  const crc = le32(v._w, off - v._wOff + 4);
  return size > 0 && m._end + size <= v._blockSize && crcBytes(-1, block, m._end, size) === crc;
}

/**
 * Finds the last valid commit of the log in block `m._a` up to `limit`, and what the commits say of the pair; whether there is one.
 * Of the entries nothing is known then.
 */
export function scan(m: Mdir, limit: number): boolean {
  const v = fs;
  const block = m._a;
  let w = v._w;
  // The window: where in the block it begins, the next tag in it, and behind which no tag is in it.
  let from = 0;
  let i = 4;
  let last = 0;
  let need = 4;
  let ahead = v._lean ? v._own.length : WINDOW;
  if (v._wLen < ahead) v._wBlock = NULL;
  let tag = -1;
  let kind = 0;
  let n = 0;
  let crc: number | undefined = -1;
  let summed = 0;
  let good = 0;
  let endAt = 0;
  let end = 0;
  // As of the commit that is being read, and of the last valid one.
  const said = new Int32Array([NULL, NULL, 0, 0, 0, 0]);
  const valid = new Int32Array(said);
  for (;;) {
    if (i >= last) {
      // Bytes are summed before the window moves past them, so that each is read once.
      i += from;
      if (i + 4 > limit) break;
      n = last ? from + v._wLen : 0;
      if (n < i) {
        // Behind a commit's end lies padding, which nobody sums.
        crc = crcBytes(crc, block, summed, n - summed);
        summed = Math.max(summed, n);
        if (crc === undefined || !reach(block, summed, 1, Math.min(ahead, limit - summed))) break;
      }
      crc = crcBytes(crc, block, summed, i - summed);
      if (crc === undefined || !reach(block, i, need, Math.min(ahead, limit - i))) break;
      summed = i;
      need = 4;
      ahead = Math.min(ahead * 2, WINDOW);
      w = v._w;
      from = v._wOff;
      last = Math.min(v._wLen, limit - from) - 3;
      i -= from;
    }
    // Nearly all tags are about entries: nothing but those in this loop.
    do {
      tag ^= (w[i++] << 24) | (w[i++] << 16) | (w[i++] << 8) | w[i++];
      n = tag & 0x3ff;
      if (n < DELETED) i += n;
      kind = tag >>> 27;
    } while ((kind < END || kind === SEAL) && i < last);
    if (kind < END || kind === SEAL) continue;
    if (n === DELETED) n = 0;
    if (kind > 15 || from + i > limit || (kind === END && n < 4)) break;
    i -= n;
    if (i + Math.min(n, 12) > v._wLen) {
      // Again, with its data in the window.
      need = 4 + Math.min(n, 12);
      i -= 4;
      tag ^= be32(w, i);
      last = 0;
      kind = 0;
    } else if (kind === END) {
      const bytes = w.subarray(summed - from, i);
      // Nearly always there is nothing before it.
      crc = espruinoE && crc === -1 ? ~espruinoE.CRC32(bytes) : crc32(crc as number, bytes);
      if (crc !== le32(w, i)) break;
      endAt = from + i - 4;
      end = tag;
      tag ^= (tag << 11) & -0x80000000;
      m._tag = tag;
      i += n;
      good = summed = from + i;
      valid.set(said);
      crc = -1;
    } else {
      note(said, tag, w, i);
      i += n;
    }
  }
  m._count = NULL;
  m._super = 0;
  if (good) {
    m._end = good;
    m._erased = kind > 15 && from + i - n - 4 === good && good % v._progSize === 0 && (!v._minor || isSealed(m, end, endAt));
    m._tail0 = valid[0];
    m._tail1 = valid[1];
    // Either block missing ends the thread.
    if (m._tail1 === NULL) m._tail0 = NULL;
    m._split = valid[SPLIT];
    m._delta = valid[DELTA] | valid[DELTA + 1] | valid[DELTA + 2] ? valid.subarray(DELTA, DELTA + 3) : NO_DELTA;
  }
  shrinkWindow();
  return good > 0;
}

/** The revision in a block; undefined where the medium says that it is damaged. */
function readRev(block: number, want: number): number | undefined {
  return reach(block, 0, 4, want) ? le32(fs._w, 0) : undefined;
}

/** Scans the pair {a, b}. */
export function openPair(a: number, b: number): Mdir {
  const v = fs;
  // Numbers from the medium: what is negative here is 2^31 and more.
  if (a === b || !(a >= 0 && a < v._blockCount && b >= 0 && b < v._blockCount)) fail(ECORRUPT);
  const m = newMdir(a, b);
  // The newer revision is tried first, compared as a signed difference (SPEC.md, "Metadata pairs"); a block that cannot be read last.
  const rb = readRev(b, 4);
  const ra = readRev(a, v._lean ? v._own.length : 4);
  const newer = ra === undefined || (((rb as number) - ra) | 0) > 0;
  for (let k = 0; k < 2; k++) {
    const second = newer === !k;
    m._a = second ? b : a;
    m._b = second ? a : b;
    m._rev = (second ? rb : ra) as number;
    if (scan(m, v._blockSize)) return m;
  }
  return fail(ECORRUPT, 'no valid commit in pair ' + a + ', ' + b);
}

/**
 * Reads superblock and global state (SPEC.md, "Superblock", "Move state"): walks all pairs.
 * @throws ECORRUPT without a superblock or with a damaged pair, EINVAL for a version, geometry or limits not supported
 */
export function readVolume(): void {
  // Nothing is known, and most of it is not wanted.
  fs._lean = true;
  walk();
  fs._lean = false;
}

/** Reads a volume that is to be mounted, whose blocks may be others than those that it was made for. @throws as `readVolume` */
export function enter(v: Volume): void {
  try {
    readVolume();
  } catch (error) {
    if (!error || !(error as VfsError).errno || !sizes.fitBlocks(v)) throw error;
    readVolume();
  }
  v._mounted = true;
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
    const m = openPair(a, b);
    if (found) tables.know(m);
    keep(m);
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
  // Not a function in here: it and its scope would know each other, which only the garbage collector takes apart.
  const word: number[] = [];
  for (let k = 0; k < 6; k++) word.push(le32(bytes, k * 4));
  const version = word[0];
  if (version >> 1 !== 0x10000) fail(EINVAL, 'littlefs version ' + (version >>> 16) + '.' + (version & 0xffff));
  if (word[1] !== v._blockSize || word[2] < 2 || word[2] > v._dev._blockCount)
    fail(EINVAL, 'volume of ' + word[2] + ' blocks of ' + word[1] + ' bytes on a device of ' + v._dev._blockCount + ' of ' + v._blockSize);
  v._minor = version & 1;
  v._nameMax = word[3];
  v._fileMax = word[4];
  v._attrMax = word[5];
  if (v._nameMax < 1 || v._nameMax > 1022 || v._fileMax < 1 || v._attrMax < 0 || v._attrMax > 1022) fail(EINVAL, 'limits of the volume');
  v._root = { _a: m._a, _b: m._b };
  // Inline files reach to what MicroPython and the C library read with the same settings.
  v._inlineMax = Math.min(v._cacheSize, v._blockSize >> 3, v._attrMax);
  return word[2];
}
