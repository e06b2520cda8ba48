/** Writing a log: tags with their data, and the end of a commit (SPEC.md, "Metadata tags", "CRC tags"). */
import type { BlockDevice } from '../contract/filesystem';
import { crc32 } from '../engine';
import { CCRC, FCRC } from '../littlefs/tags';
import { check, flush, newStream, ones, put } from './disk';
import { NONE, tag, wordBytes } from './table';
import { NOTHING, type Stream, v } from './volume';

/** Commits end at multiples of this many bytes, so that drivers that program as much at once go on behind them. */
export const ALIGN = 32;

/** A log that is written: the running tag, and the CRC of the commit so far. */
export interface Log extends Stream {
  _tag: number;
  _crc: number;
}

export function beginLog(block: number, off: number, running: number): Log {
  const log = newStream(block, off) as Log;
  log._tag = running;
  log._crc = -1;
  return log;
}

export function logBytes(log: Log, data: Uint8Array): void {
  log._crc = crc32(log._crc, data);
  put(log, data);
}

/** A tag, XORed with the one before (SPEC.md, "Metadata tags"), and its data. */
export function logTag(log: Log, t: number, data: Uint8Array): void {
  const mixed = t ^ log._tag;
  log._tag = t;
  logBytes(log, new Uint8Array([mixed >> 24, mixed >> 16, mixed >> 8, mixed]));
  logBytes(log, data);
}

/** Ends the commit (SPEC.md, "CRC tags", "FCRC"). What follows is erased: the FCRC tells others so. */
export function endLog(log: Log): void {
  const at = log._at + log._fill;
  let to = Math.min(at + 20, v._size) + ALIGN - 1;
  to -= to % ALIGN;
  if (v._minor && to <= v._size - ALIGN) logTag(log, tag(FCRC, NONE, 8), wordBytes([ALIGN, crc32(-1, ones(ALIGN))]));
  const length = to - log._at - log._fill - 4;
  logTag(log, tag(CCRC, NONE, length), NOTHING);
  put(log, wordBytes([log._crc]));
  put(log, ones(length - 4));
  flush(log);
  check((v._bdev as Required<BlockDevice>).ioctl(3, 0));
}

/** Brings the wanted global state to the pair at hand: its share becomes what makes the sum of all shares that. Whether it is another then. */
export function share(): boolean {
  let changed = false;
  for (let k = 0; k < 3; k++) {
    const flip = v._state[k] ^ v._disk[k];
    v._delta[k] ^= flip;
    v._disk[k] = v._state[k];
    if (flip) changed = true;
  }
  return changed;
}
