import { crc32, fill, putLe32 } from '../engine';
import { crcBytes, load } from './disk';
import { applyTag, type Mdir } from './mdir';
import { beginStream, emit, flushStream } from './stream';
import { CCRC, DELETED, FCRC, mkTag, NO_ID } from './tags';
import type { Volume } from './volume';

/** Begins writing a log at `off` of `block`, where the running tag is `tag`. */
export function beginLog(fs: Volume, block: number, off: number, tag: number): void {
  beginStream(fs._log, block, off);
  fs._logTag = tag;
  fs._logCrc = -1;
}

export function logBytes(fs: Volume, data: Uint8Array): void {
  fs._logCrc = crc32(fs._logCrc, data);
  emit(fs, fs._log, data);
}

/** Writes the tag itself: big-endian, XORed with the one before. */
function logWord(fs: Volume, tag: number): void {
  const word = new Uint8Array(4);
  const mixed = tag ^ fs._logTag;
  word[0] = mixed >> 24;
  word[1] = mixed >> 16;
  word[2] = mixed >> 8;
  word[3] = mixed;
  logBytes(fs, word);
  fs._logTag = tag;
}

/** Writes one tag with its data, and brings the table up to date. */
export function logTag(fs: Volume, m: Mdir, tag: number, data: Uint8Array): void {
  logWord(fs, tag);
  applyTag(m, tag, fs._log._at, data, 0);
  if ((tag & 0x3ff) !== DELETED && data.length) logBytes(fs, data);
}

/**
 * Ends the commit (SPEC.md, "CRC tags"): the CRC, its padding to the program size, and before it, on 2.1 volumes, the
 * CRC of the program unit that follows as it is now erased. Whether the whole commit was programmed and reads back.
 */
export function endLog(fs: Volume, m: Mdir): boolean {
  const s = fs._log;
  const prog = fs._progSize;
  let end = Math.min(s._at + 20, fs._blockSize) + prog - 1;
  end -= end % prog;
  const word = new Uint8Array(4);
  m._erased = end <= fs._blockSize - prog;
  while (s._ok && s._at < end) {
    // Padding longer than a tag can say takes several CRC tags, each a commit of its own.
    let next = Math.min(end, s._at + 4 + 0x3fe);
    if (next < end) next = Math.min(next, end - 20);
    let lead = 0xff;
    if (next === end && m._erased) {
      // The valid bit of a next tag is chosen so that what is erased now never reads as a commit.
      if (load(fs, s._block, end, 1, prog)) return false;
      lead = fs._w[end - fs._wOff];
      if (fs._minor) {
        const sum = crcBytes(fs, -1, s._block, end, prog);
        if (sum === undefined) return false;
        const fcrc = new Uint8Array(8);
        putLe32(fcrc, 0, prog);
        putLe32(fcrc, 4, sum);
        logTag(fs, m, mkTag(FCRC, NO_ID, 8), fcrc);
      }
    }
    const tag = mkTag(lead > 127 ? CCRC : CCRC + 1, NO_ID, next - s._at - 4);
    logWord(fs, tag);
    putLe32(word, 0, fs._logCrc);
    emit(fs, s, word);
    if (lead < 128) fs._logTag ^= -0x80000000;
    fs._logCrc = -1;
    if (next % prog) {
      const gap = new Uint8Array(next - s._at);
      fill(gap, 0xff);
      emit(fs, s, gap);
    } else {
      flushStream(fs, s);
      s._at = next;
    }
  }
  m._end = end;
  m._tag = fs._logTag;
  return s._ok;
}
