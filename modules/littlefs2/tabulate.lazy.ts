/** Reading what the entries of a metadata pair are, whose log was scanned. */
import { ECORRUPT } from '../contract/errno';
import { ctzIndex } from './content';
import { load, shrinkWindow } from './disk';
import { apply, KIND_CTZ, KIND_INLINE, ROW } from './table';
import { CCRC, DELETED, NULL } from './tags';
import { fail, fs, type Mdir } from './volume';

/** A log is read in windows of so many bytes. */
const WINDOW = 1024;

/** The upper five bits of the tags of a commit's end. */
const END = CCRC >> 7;

/** Makes the table of a pair that was scanned, whatever it says. */
export function tabulate(m: Mdir): void {
  const v = fs;
  const block = m._a;
  const end = m._end;
  let w = v._w;
  let from = 0;
  let last = 0;
  let i = 4;
  let tag = -1;
  let n = 0;
  m._count = m._super = 0;
  m._attrs = [];
  m._rows = new Int32Array(ROW);
  while (from + i < end) {
    if (i >= last) {
      // As far as the words of a list.
      i += from;
      if (load(block, i, Math.min(16, end - i), Math.min(WINDOW, end - i))) fail(ECORRUPT);
      w = v._w;
      from = v._wOff;
      i -= from;
      last = from + v._wLen < end ? v._wLen - 15 : end - from;
    }
    do {
      tag ^= (w[i++] << 24) | (w[i++] << 16) | (w[i++] << 8) | w[i++];
      n = tag & 0x3ff;
      if (tag < 0x50000000) apply[tag >> 28](m, tag, from + i, w, i);
      else if (tag >> 27 === END) tag ^= (tag << 11) & -0x80000000;
      if (n < DELETED) i += n;
    } while (i < last);
  }
  shrinkWindow();
}

/** The table of a pair that was scanned, of which every row has to make sense. @throws ECORRUPT */
export function know(m: Mdir): void {
  tabulate(m);
  const rows = m._rows;
  for (let row = m._count * ROW - ROW; row >= 0; row -= ROW) {
    const kind = rows[row] >>> 30;
    const size = rows[row + 2];
    if (
      !kind ||
      (rows[row] & 0x3ff) === DELETED ||
      (kind === KIND_INLINE && size === DELETED) ||
      (kind === KIND_CTZ && (size < 1 || ctzIndex(size - 1) >= fs._blockCount))
    ) {
      m._count = NULL;
      fail(ECORRUPT);
    }
  }
}
