/**
 * The write path: the content of files, and changes of one pair where it lies, appended to its log or compacted. Devices load
 * it when a file is first opened for writing. What takes more, `relocate.lazy.ts` does by means of this.
 */
import { ECORRUPT } from '../contract/errno';
import { now, putLe32 } from '../engine';
import { leave, stay } from '../engine/stay';
import { allocate, freeBlock } from './alloc';
import { ctzIndex } from './content';
import { load, readBytes } from './disk';
import { appendCommit, beginLog, endLog, logBytes, logOps, tagAt } from './log';
import { fetch, keep, MARK, samePair } from './mdir';
import * as logs from './scan.lazy';
import { erase, flushDevice } from './stream';
import { apply, KIND_CTZ, KIND_DIR, KIND_INLINE, newMdir, ROW } from './table';
import {
  ALL_STATE,
  CREATE,
  CTZSTRUCT,
  CUT,
  DELETE,
  DIR,
  DIRSTRUCT,
  DROPPED_STATE,
  INLINESTRUCT,
  MOVESTATE,
  MTIME,
  NO_ID,
  NOTHING,
  NULL,
  REG,
  RESERVE,
  SECONDS,
  SUPERBLOCK,
  SYNC,
  TAIL,
  WRITE,
} from './tags';
import { secondsOf } from './tree';
import { fail, fs, type Mdir, type OpenFile, type Ops, SHARED_ALL } from './volume';
import { cut, endWriting, write } from './writer';

/** Runs `task`, which calls this part often: meanwhile it is loaded. */
export function during(task: () => void): void {
  task();
}

/** A file is opened for writing; */
export function hold(): void {
  stay();
}

/** and closed. */
export function letGo(): void {
  leave();
}

/**
 * Does `kind` of work with an open file. Gives what `relocate.carryOn` has to commit, if it takes more than this part; until that
 * is done the file counts as changed, so that its blocks are not free.
 */
export function work(f: OpenFile, kind: number, pos: number, data: Uint8Array): Ops | undefined {
  if (kind === WRITE) write(f, pos, data);
  else if (kind === CUT) /*@__NOINLINE__*/ cut(f, pos);
  else endWriting(f);
  return kind === SYNC ? sync(f) : undefined;
}

function sync(f: OpenFile): Ops | undefined {
  const v = fs;
  const id = f._id;
  const inline = f._inline;
  let ops: Ops = inline ? [INLINESTRUCT, id, inline.subarray(0, f._size)] : [CTZSTRUCT, id, pairBytes(f._head, f._size)];
  // Data has to be on the medium before the metadata that names it.
  if (!inline) flushDevice();
  v._taken = [];
  const m = fetch(f._a, f._b);
  const place = m._rows[id * ROW + 3];
  const second = Math.floor(now() / 1000);
  // Not within the second that it has already, which is all that is told of it.
  if (v._mtime && (f._second !== second || f._timeAt !== place) && secondsOf(m, id) !== second) ops = ops.concat(timeOps(m, id, now()));
  leaveList(m, id, f._shared);
  if (v._files.length > 1) /*@__NOINLINE__*/ leaveReaders(f);
  else f._clean = Math.max(f._clean, 0);
  f._shared = SHARED_ALL;
  if (!commit(m, ops)) return ops;
  f._second = second;
  f._timeAt = m._rows[f._id * ROW + 3];
  return undefined;
}

/** Others go on reading what a file was that is about to be something else. */
function leaveReaders(f: OpenFile): void {
  const v = fs;
  // Nothing names the blocks that it had any more.
  let clean = Math.max(f._clean, 0);
  for (let i = 0; i < v._files.length; i++) {
    const other = v._files[i];
    // A compaction swaps the blocks of a pair, and files that were opened before it have them the other way round.
    if (other !== f && other._id === f._id && (other._a === f._a || other._a === f._b)) {
      // It goes on reading what was there.
      other._changed = true;
      v._leaving = undefined;
      clean = f._clean;
    }
  }
  f._clean = clean;
}

/** The change that makes `data` the content of entry `id`, written to the medium by means of `f`, which has nothing yet; `m` has it, if it is there. */
export function contentOps(f: OpenFile, id: number, data: Uint8Array, m: Mdir | undefined): Ops {
  const v = fs;
  write(f, 0, data);
  endWriting(f);
  const inline = f._inline;
  const ops: Ops = inline ? [INLINESTRUCT, id, inline.subarray(0, f._size)] : [CTZSTRUCT, id, pairBytes(f._head, f._size)];
  const time: Ops = !v._mtime ? [] : m ? timeOps(m, id, now()) : [MTIME, id, mtimeBytes(now())];
  if (!inline) flushDevice();
  v._taken = [];
  return ops.concat(time);
}

/** The change that makes a file where one was looked up and not found. */
export function newFile(): Ops {
  const v = fs;
  const id = v._id;
  const ops: Ops = [CREATE, id, NOTHING, REG, id, v._name, INLINESTRUCT, id, NOTHING];
  if (v._mtime) ops.push(MTIME, id, mtimeBytes(now()));
  return ops;
}

/** A time in milliseconds as the entry keeps one: in seconds where another driver has made it, else or besides as MicroPython does. */
export function timeOps(m: Mdir, id: number, ms: number): Ops {
  const attrs = m._attrs;
  const ops: Ops = [];
  const seconds = Math.floor(ms / 1000);
  for (let k = 0; k < attrs.length; k += 3) {
    const length = attrs[k + 2] & 0x3ff;
    if (attrs[k] === id && attrs[k + 1] === SECONDS && (length === 4 || length === 8))
      ops.push(SECONDS, id, pairBytes(seconds % 4294967296, seconds / 4294967296).subarray(0, length));
  }
  if (!ops.length || m._rows[id * ROW + 3]) ops.push(MTIME, id, mtimeBytes(ms));
  return ops;
}

/**
 * The time of modification as MicroPython stores it: u64 nanoseconds since 1970. Half a microsecond more than the clock
 * says, so that what a double cannot hold does not make it a second less.
 */
function mtimeBytes(ms: number): Uint8Array {
  const time = ms * 1e6 + 512;
  return pairBytes(time % 4294967296, time / 4294967296);
}

/** Two words as they are stored: a pair of block numbers, for instance. */
export function pairBytes(a: number, b: number): Uint8Array {
  const bytes = new Uint8Array(8);
  putLe32(bytes, 0, a);
  putLe32(bytes, 4, b);
  return bytes;
}

/** The change that is to come lets the list of an entry come free, if it has one, from the block with index `end` on. */
export function leaveList(m: Mdir, id: number, end: number): void {
  const v = fs;
  const row = id * ROW;
  v._free = NULL;
  v._leaving = m._rows[id * ROW] >>> 30 === KIND_CTZ ? [m._rows[row + 1], ctzIndex(m._rows[row + 2] - 1), end] : undefined;
}

/**
 * Begins to change a metadata pair: positions of open files follow. If the change is one of this pair only, and where it lies,
 * it is made, atomically. Else, or if `relocate.carryOn` has begun already, that has to carry it on, and this gives false.
 * If this throws, `fs._stale` stays set, and the next operation reads the state anew from the disk.
 */
export function commit(m: Mdir, ops: Ops): boolean {
  const v = fs;
  const nested = v._stale;
  let count = m._count;
  v._stale = true;
  v._changes++;
  for (let k = 0; k < ops.length; k += 3) {
    const id = ops[k + 1] as number;
    const shift = ops[k] === CREATE ? 1 : ops[k] === DELETE ? -1 : 0;
    count += shift;
    for (let i = 0; shift && i < v._files.length; i++) {
      const f = v._files[i];
      if ((f._a === m._a || f._a === m._b) && f._id >= id) f._id += shift;
    }
  }
  if (nested || (m._count && !count) || isCrowded(m, ops) || !(append(m, ops) || compact(m, ops))) return false;
  conclude();
  return true;
}

/** A change is made, and what it no longer needs comes free. */
export function conclude(): void {
  const v = fs;
  const list = v._leaving;
  // A search meanwhile may have found one free, and somebody may have taken it.
  for (let k = 0; k < v._gone.length; k++) if (v._taken.indexOf(v._gone[k]) < 0) freeBlock(v._gone[k]);
  if (list && list[1] >= list[2]) {
    // The last block at once, those before it when a block is wanted next, if the pointers can be trusted; a search of the
    // whole volume finds the others.
    if (list[1] & 1 || list[1] === list[2]) freeBlock(list[0]);
    else if (v._released.length < 48) v._released.push(list[0], list[1], list[2]);
  }
  v._gone = [];
  v._leaving = undefined;
  v._stale = false;
}

/** How many bytes tags take with their data. */
function sizeOfOps(ops: Ops): number {
  let size = 0;
  for (let k = 2; k < ops.length; k += 3) size += 4 + ((ops[k] as Uint8Array | undefined) || NOTHING).length;
  return size;
}

/** Size of the rows `begin` to `end` in a compacted log. */
export function sizeOf(m: Mdir, begin: number, end: number): number {
  const rows = m._rows;
  let size = 0;
  for (let id = begin; id < end; id++) {
    const r = id * ROW;
    size += 8 + (rows[r] & 0x3ff) + (m._rows[id * ROW] >>> 30 === KIND_INLINE ? rows[r + 2] : 8);
    if (rows[r + 3]) size += 4 + (rows[r + 3] & 0x3ff);
  }
  for (let k = 0; k < m._attrs.length; k += 3) if (m._attrs[k] >= begin && m._attrs[k] < end) size += 4 + (m._attrs[k + 2] & 0x3ff);
  return size;
}

/** Whether a new entry is better made elsewhere: an id has 10 bits; and a log that is nearly full would be split when it is full. */
export function isCrowded(m: Mdir, ops: Ops): boolean {
  const block = fs._blockSize;
  const size = ops[0] === CREATE ? sizeOfOps(ops) : 0;
  return size > 0 && (m._count > 254 || (m._end + size > block - (block >> 2) && sizeOf(m, 0, m._count) + size > block >> 1));
}

/** Whether the pair is to move, for wear, when it is written anew. */
export function isTired(m: Mdir): boolean {
  const v = fs;
  return v._cycles > 0 && ((m._rev + 1) >>> 0) % v._cycles === 0;
}

/**
 * What a pair's delta has to become to bring a share of the global state to the disk; undefined if it may stay as it is on
 * disk, `written` saying that it is there.
 */
export function wantedDelta(delta: Int32Array, share: number, written: boolean): Uint8Array | undefined {
  const v = fs;
  const g = v._gstate;
  const bytes = new Uint8Array(12);
  let needed = 0;
  if (!share) return undefined;
  g[0] = (g[0] & 0x7fffffff) | (v._orphans ? -0x80000000 : 0);
  for (let k = 0; k < 3; k++) {
    let flip = v._gdropped[k];
    if (share > DROPPED_STATE) flip ^= g[k] ^ v._gdisk[k];
    const word = delta[k] ^ flip;
    needed |= written ? flip : word;
    putLe32(bytes, k * 4, word);
  }
  return needed ? bytes : undefined;
}

/** The first name of a pair lies elsewhere now, which a landmark has to know. */
function moveMark(m: Mdir): void {
  const v = fs;
  for (let k = 0; k < v._markCount * MARK; k += MARK)
    if (samePair(m, v._marks[k + 1], v._marks[k + 2])) v._marks.set([m._a, m._b, m._rows[0] & 0x3fffffff], k + 1);
}

/** A pair was written with all of the global state. */
function settled(m: Mdir, ops: Ops | undefined): boolean {
  const v = fs;
  if (v._markCount && (!ops || ops[1] === 0)) /*@__NOINLINE__*/ moveMark(m);
  if (v._mdirs[0] !== m) keep(m);
  v._gdisk.set(v._gstate);
  v._gdropped.set(new Int32Array(3));
  return true;
}

/** Appends the commit to the log; false if it does not fit or cannot be programmed, with the table as it was. */
export function append(m: Mdir, ops: Ops): boolean {
  const v = fs;
  const end = m._end;
  const g = v._gstate;
  const dropped = v._gdropped;
  const delta = v._orphans | g[0] | v._gdisk[0] | dropped[0] | dropped[1] | dropped[2] ? wantedDelta(m._delta, ALL_STATE, true) : undefined;
  const room = v._blockSize - sizeOfOps(ops);
  if (!m._erased || end + (delta ? 16 : 0) > room - 8 || (end > room - RESERVE && sizeOf(m, 0, m._count) > room - RESERVE)) return false;
  if (delta) ops = ops.concat(MOVESTATE, NO_ID, delta);
  return (v._progSize < 1000 ? appendCommit(m, ops) : streamCommit(m, ops)) ? settled(m, ops) : /*@__NOINLINE__*/ salvage(m, end);
}

/** Appends a commit whose program unit is larger than what a tag can fill. */
function streamCommit(m: Mdir, ops: Ops): boolean {
  beginLog(m._a, m._end, m._tag);
  logOps(m, ops);
  return endLog(m);
}

/** A commit could not be programmed behind `end`: whether it is there all the same, as only its padding failed. Nothing is to follow it. */
function salvage(m: Mdir, end: number): boolean {
  if (!logs.scan(m, fs._blockSize)) fail(ECORRUPT);
  logs.know(m);
  m._erased = false;
  if (m._end === end) return false;
  flushDevice();
  return settled(m, undefined);
}

/** Puts the changes into the table, with places beyond the block. */
export function stage(m: Mdir, ops: Ops): void {
  const v = fs;
  const pending = new Uint8Array(sizeOfOps(ops));
  v._source = m._a;
  v._pending = pending;
  for (let k = 0, at = 0; k < ops.length; k += 3) {
    const data = (ops[k + 2] as Uint8Array | undefined) || NOTHING;
    pending.set(data, at);
    const tag = tagAt(ops, k);
    apply[tag >> 28](m, tag, v._blockSize + at, data, 0);
    at += data.length;
  }
}

/** Compacts the pair with the changes; false, with the table as it was, if it is to be split or moved, or may have to be. */
function compact(m: Mdir, ops: Ops): boolean {
  const v = fs;
  if (isTired(m) || sizeOf(m, 0, m._count) + sizeOfOps(ops) > v._blockSize >> 1) return false;
  stage(m, ops);
  if (writeBlock(m, m._b, ALL_STATE)) return settled(m, undefined);
  if (!logs.scan(m, v._blockSize)) fail(ECORRUPT);
  logs.know(m);
  m._erased = false;
  return false;
}

/** Writes all that the table names into `block`, which becomes the pair's valid one, with a share of the global state; false if it is bad. */
export function writeBlock(m: Mdir, block: number, share: number): boolean {
  const out = newMdir(0, 0);
  const word = new Uint8Array(4);
  if (!erase(block)) return false;
  out._rows = new Int32Array((m._count + 2) * ROW);
  putLe32(word, 0, m._rev + 1);
  beginLog(block, 0, NULL);
  logBytes(word);
  for (let id = 0; id < m._count && fs._log._ok; id++) logOps(out, entryOps(m, id, id, undefined));
  if (m._tail0 !== NULL) logOps(out, [TAIL + m._split, NO_ID, pairBytes(m._tail0, m._tail1)]);
  const delta = wantedDelta(m._delta, share, false);
  if (delta) logOps(out, [MOVESTATE, NO_ID, delta]);
  if (!endLog(out)) {
    // It may be valid all the same, and would be newer than its twin.
    erase(block);
    return false;
  }
  m._rev++;
  m._b = m._a;
  m._a = block;
  m._rows = out._rows;
  m._attrs = out._attrs;
  m._delta = out._delta;
  m._end = out._end;
  m._tag = out._tag;
  m._erased = out._erased;
  return true;
}

/** What entry `id` consists of, for `newId`, with another name or its own; places are in `fs._source` and `fs._pending`. */
export function entryOps(m: Mdir, id: number, newId: number, name: Uint8Array | undefined): Ops {
  const v = fs;
  const rows = m._rows;
  const r = id * ROW;
  const kind = m._rows[id * ROW] >>> 30;
  const ops: Ops = [];
  const add = function (type: number, place: number, bytes: Uint8Array | undefined): void {
    const off = (place >>> 10) - v._blockSize;
    const length = place & 0x3ff;
    if (!bytes && off >= 0) bytes = v._pending.subarray(off, off + length);
    if (!bytes) {
      bytes = new Uint8Array(length);
      readBytes(v._source, place >>> 10, bytes);
    }
    ops.push(type, newId, bytes);
  };
  add(!id && m._super ? SUPERBLOCK : kind === KIND_DIR ? DIR : REG, rows[r] & 0x3fffffff, name);
  add(DIRSTRUCT + kind - 1, (rows[r + 1] << 10) | rows[r + 2], kind === KIND_INLINE ? undefined : pairBytes(rows[r + 1], rows[r + 2]));
  if (rows[r + 3]) add(MTIME, rows[r + 3], undefined);
  for (let k = 0; k < m._attrs.length; k += 3) if (m._attrs[k] === id) add(m._attrs[k + 1], m._attrs[k + 2], undefined);
  return ops;
}

/** Takes a free block that can be read: what is no more than torn can be after an erase. NULL if there is none. */
export function takeReadable(): number {
  let block: number;
  do block = allocate();
  while (block !== NULL && !isReadable(block));
  return block;
}

/** Whether a free block can be read, if need be after an erase. Its revision is in the window then. */
export function isReadable(block: number): boolean {
  return !load(block, 0, 4, 4) || (erase(block) && !load(block, 0, 4, 4));
}
