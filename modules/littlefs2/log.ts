/** Writing a log: tags with their data into an erased block, and the commit's end (SPEC.md, "Metadata pairs"). */
import { crc32, fill, putLe32 } from '../engine';
import { crcBytes, load } from './disk';
import { mkTag, tagAt } from './ops';
import { emit, flushDevice, flushStream, newStream } from './stream';
import { apply } from './table';
import { CCRC, FCRC, NO_ID, NOTHING } from './tags';
import { fs, type Log, type Mdir, type Ops } from './volume';

/** Begins writing a log at `off` of `block`, where the running tag is `tag`. */
export function beginLog(block: number, off: number, tag: number): void {
  const v = fs;
  const log = newStream(v._log, block, off) as Log;
  log._tag = tag;
  log._crc = -1;
  v._log = log;
}

export function logBytes(data: Uint8Array): void {
  const v = fs;
  v._log._crc = crc32(v._log._crc, data);
  emit(v._log, data);
}

/** Writes the tag itself: big-endian, XORed with the one before. */
function logWord(tag: number): void {
  const v = fs;
  const mixed = tag ^ v._log._tag;
  logBytes(new Uint8Array([mixed >> 24, mixed >> 16, mixed >> 8, mixed]));
  v._log._tag = tag;
}

/** Writes tags with their data, and brings the table up to date. */
export function logOps(m: Mdir, ops: Ops): void {
  for (let k = 0; k < ops.length; k += 3) {
    const tag = tagAt(ops, k);
    const data = (ops[k + 2] as Uint8Array | undefined) || NOTHING;
    logWord(tag);
    apply[tag >> 28](m, tag, fs._log._at, data, 0);
    logBytes(data);
  }
}

/**
 * Ends the commit (SPEC.md, "CRC tags"): the CRC, its padding to the program size, and before it, on 2.1 volumes, the
 * CRC of the program unit that follows as it is now erased. Whether the whole commit was programmed and reads back.
 */
export function endLog(m: Mdir): boolean {
  const v = fs;
  const s = v._log;
  const prog = v._progSize;
  const fcrc = new Uint8Array(8);
  let end = Math.min(s._at + 20, v._blockSize) + prog - 1;
  end -= end % prog;
  m._erased = end <= v._blockSize - prog;
  while (s._ok && s._at < end) {
    // Padding longer than a tag can say takes several CRC tags, each a commit of its own.
    let next = Math.min(end, s._at + 4 + 0x3fe);
    if (next < end) next = Math.min(next, end - 20);
    let lead = 0xff;
    if (next === end && m._erased) {
      // The valid bit of a next tag is chosen so that what is erased now never reads as a commit.
      if (load(s._block, end, 1, prog)) return false;
      lead = v._w[end - v._wOff];
      if (v._minor) {
        const erased = crcBytes(-1, s._block, end, prog);
        if (erased === undefined) return false;
        putLe32(fcrc, 0, prog);
        putLe32(fcrc, 4, erased);
        logOps(m, [FCRC, NO_ID, fcrc]);
      }
    }
    logWord(mkTag(lead > 127 ? CCRC : CCRC + 1, NO_ID, next - s._at - 4));
    putLe32(fcrc, 0, s._crc);
    emit(s, fcrc.subarray(0, 4));
    if (lead < 128) s._tag ^= -0x80000000;
    s._crc = -1;
    if (next % prog) {
      const gap = new Uint8Array(next - s._at);
      fill(gap, 0xff);
      emit(s, gap);
    } else {
      flushStream(s);
      s._at = next;
    }
  }
  m._end = end;
  m._tag = s._tag;
  if (s._ok) flushDevice();
  return s._ok;
}
