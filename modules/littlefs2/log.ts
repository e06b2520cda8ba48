import { crc32, fill, putLe32 } from '../engine';
import { crcBytes, flushDevice, load } from './disk';
import { NOTHING } from './gstate';
import { applyTag, type Mdir } from './mdir';
import { emit, flushStream, newStream } from './stream';
import { CCRC, DELETED, FCRC, mkTag, NO_ID } from './tags';
import { fs } from './volume';

/** What a change consists of: type, id and data of each tag in turn; an attribute goes where there is no data. */
export type Ops = (number | Uint8Array | undefined)[];

export function tagAt(ops: Ops, k: number): number {
  const data = ops[k + 2] as Uint8Array | undefined;
  return mkTag(ops[k] as number, ops[k + 1] as number, data ? data.length : DELETED);
}

/** Begins writing a log at `off` of `block`, where the running tag is `tag`. */
export function beginLog(block: number, off: number, tag: number): void {
  fs._log = newStream(fs._log, block, off);
  fs._logTag = tag;
  fs._logCrc = -1;
}

export function logBytes(data: Uint8Array): void {
  fs._logCrc = crc32(fs._logCrc, data);
  emit(fs._log, data);
}

/** Writes the tag itself: big-endian, XORed with the one before. */
function logWord(tag: number): void {
  const mixed = tag ^ fs._logTag;
  logBytes(new Uint8Array([mixed >> 24, mixed >> 16, mixed >> 8, mixed]));
  fs._logTag = tag;
}

/** Writes tags with their data, and brings the table up to date. */
export function logOps(m: Mdir, ops: Ops): void {
  for (let k = 0; k < ops.length; k += 3) {
    const tag = tagAt(ops, k);
    const data = (ops[k + 2] as Uint8Array | undefined) || NOTHING;
    logWord(tag);
    applyTag(m, tag, fs._log._at, data, 0);
    logBytes(data);
  }
}

/**
 * Ends the commit (SPEC.md, "CRC tags"): the CRC, its padding to the program size, and before it, on 2.1 volumes, the
 * CRC of the program unit that follows as it is now erased. Whether the whole commit was programmed and reads back.
 */
export function endLog(m: Mdir): boolean {
  const s = fs._log;
  const prog = fs._progSize;
  const fcrc = new Uint8Array(8);
  let end = Math.min(s._at + 20, fs._blockSize) + prog - 1;
  end -= end % prog;
  m._erased = end <= fs._blockSize - prog;
  while (s._ok && s._at < end) {
    // Padding longer than a tag can say takes several CRC tags, each a commit of its own.
    let next = Math.min(end, s._at + 4 + 0x3fe);
    if (next < end) next = Math.min(next, end - 20);
    let lead = 0xff;
    if (next === end && m._erased) {
      // The valid bit of a next tag is chosen so that what is erased now never reads as a commit.
      if (load(s._block, end, 1, prog)) return false;
      lead = fs._w[end - fs._wOff];
      if (fs._minor) {
        const erased = crcBytes(-1, s._block, end, prog);
        if (erased === undefined) return false;
        putLe32(fcrc, 0, prog);
        putLe32(fcrc, 4, erased);
        logOps(m, [FCRC, NO_ID, fcrc]);
      }
    }
    logWord(mkTag(lead > 127 ? CCRC : CCRC + 1, NO_ID, next - s._at - 4));
    putLe32(fcrc, 0, fs._logCrc);
    emit(s, fcrc.subarray(0, 4));
    if (lead < 128) fs._logTag ^= -0x80000000;
    fs._logCrc = -1;
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
  m._tag = fs._logTag;
  if (s._ok) flushDevice();
  return s._ok;
}
