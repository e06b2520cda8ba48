/** What a change of one pair takes when it cannot just be appended to its log: compaction, and the ways of media and settings that are rare. */
import { ECORRUPT } from '../contract/errno';
import { isTired, stage, writeBlock } from './compaction';
import { settled, wantedDelta } from './gstate';
import { beginLog, endLog, logOps } from './log';
import { sizeOf, sizeOfOps } from './ops';
import * as logs from './scan.lazy';
import { flushDevice } from './stream';
import * as tables from './tabulate.lazy';
import { ALL_STATE, CREATE, MOVESTATE, NO_ID, RESERVE } from './tags';
import { fail, fs, type Mdir, type Ops } from './volume';

/** Whether a new entry is better made elsewhere: an id has 10 bits; and a log that is nearly full would be split when it is full. */
export function isCrowded(m: Mdir, ops: Ops): boolean {
  const block = fs._blockSize;
  const size = ops[0] === CREATE ? sizeOfOps(ops) : 0;
  return size > 0 && (m._count > 254 || (m._end + size > block - (block >> 2) && sizeOf(m, 0, m._count) + size > block >> 1));
}

/** Whether the entries of a pair would leave less than `room` for more. */
export function isFull(m: Mdir, room: number): boolean {
  return sizeOf(m, 0, m._count) > room - RESERVE;
}

/** What the commit under way has to say of the global state, if anything. */
export function stateOps(m: Mdir): Ops | undefined {
  const delta = wantedDelta(m._delta, ALL_STATE, true);
  return delta && [MOVESTATE, NO_ID, delta];
}

/** Compacts the pair with the changes; false, with the table as it was, if it is to be split or moved, or may have to be. */
export function compact(m: Mdir, ops: Ops): boolean {
  const v = fs;
  if (isTired(m) || sizeOf(m, 0, m._count) + sizeOfOps(ops) > v._blockSize >> 1) return false;
  stage(m, ops);
  if (writeBlock(m, m._b, ALL_STATE)) return settled(m, undefined);
  if (!logs.scan(m, v._blockSize)) fail(ECORRUPT);
  tables.know(m);
  m._erased = false;
  return false;
}

/** Appends a commit whose program unit is larger than what a tag can fill. */
export function streamCommit(m: Mdir, ops: Ops): boolean {
  beginLog(m._a, m._end, m._tag);
  logOps(m, ops);
  return endLog(m);
}

/** A commit could not be programmed behind `end`: whether it is there all the same, as only its padding failed. Nothing is to follow it. */
export function salvage(m: Mdir, end: number): boolean {
  if (!logs.scan(m, fs._blockSize)) fail(ECORRUPT);
  tables.know(m);
  m._erased = false;
  if (m._end === end) return false;
  flushDevice();
  return settled(m, undefined);
}
