/**
 * Reading the log of a metadata pair (SPEC.md, "Metadata pairs"): what of it is valid; what its entries are tells `tabulate.lazy.ts`. What
 * has been read is kept, so devices load this when something else is wanted.
 */
import { ECORRUPT } from '../contract/errno';
import { be32, crc32, le32 } from '../engine';
import { espruinoE } from '../engine/native';
import { leave, stay } from '../engine/stay';
import { crcBytes, load, shrinkWindow } from './disk';
import { NO_DELTA, newMdir } from './table';
import { CCRC, DELETED, FCRC, MOVESTATE, NULL } from './tags';
import { fail, fs, type Mdir } from './volume';

/** A log is read in windows, each twice as large as the one before it, up to so many bytes: logs may end soon, and calls are dear. */
const WINDOW = 1024;

/** The upper five bits of tags: those of a commit's end, and of the CRC of what follows. */
const END = CCRC >> 7;
const SEAL = FCRC >> 7;

/** Where the delta of the global state is in what tags say of the pair: the tail, whether it is a hard one, the delta. */
const SPLIT = 2;
const DELTA = 3;

/** Runs `task`, which calls this part often: meanwhile all of it is loaded. */
export function during(task: () => void): void {
  stay();
  try {
    task();
  } catch (problem) {
    leave();
    throw problem;
  }
  leave();
}

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
