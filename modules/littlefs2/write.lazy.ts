/**
 * The write path: the content of files, and changes of one pair where it lies. Devices load it when a file is first opened for
 * writing, with what appending takes; `compact.lazy.ts` has what comes more seldom. What is more than one pair, `relocate.lazy.ts` does by
 * means of this.
 */
import { now } from '../engine';
import { leave, stay } from '../engine/stay';
import { freeBlock } from './alloc';
import { append } from './append';
import * as rarely from './compact.lazy';
import { ctzIndex } from './content';
import { fetch } from './mdir';
import { pairBytes, timeOps } from './ops';
import * as shorten from './shorten.lazy';
import { flushDevice } from './stream';
import { KIND_CTZ, ROW } from './table';
import { CREATE, CTZSTRUCT, CUT, DELETE, INLINESTRUCT, NULL, SYNC, WRITE } from './tags';
import { secondsOf } from './tree';
import { fs, type Mdir, type OpenFile, type Ops, SHARED_ALL } from './volume';
import { endWriting, write } from './writer';

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
  else if (kind === CUT) shorten.cut(f, pos);
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
  if (nested || (m._count && !count) || (ops[0] === CREATE && rarely.isCrowded(m, ops)) || !(append(m, ops) || rarely.compact(m, ops)))
    return false;
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
