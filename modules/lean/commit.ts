/** Changing a metadata pair: a commit behind its log, or all of it anew in its twin, split if it is too much for one. */
import { ENOSPC } from '../contract/errno';
import { crc32 } from '../engine';
import { takePair } from './blocks';
import { flush, isErased, newStream, ones, put, type Stream, syncDevice, word } from './disk';
import { apply, CCRC, dataOf, FCRC, fetch, MOVESTATE, NONE, type Ops, PENDING, SUPERBLOCK, TAIL, tag, wordBytes } from './table';
import { fail, NULL, v } from './volume';

/** Commits end at multiples of this many bytes, so that drivers that program as much at once go on behind them. */
const ALIGN = 32;
/** What a log needs besides its entries: revision, tail, global state, CRCs. */
const RESERVE = 56;

/** A log that is written: the running tag, and the CRC of the commit so far. */
interface Log extends Stream {
  _tag: number;
  _crc: number;
}

function begin(block: number, off: number, running: number): Log {
  const log = newStream(block, off) as Log;
  log._tag = running;
  log._crc = -1;
  return log;
}

function bytes(log: Log, data: Uint8Array): void {
  log._crc = crc32(log._crc, data);
  put(log, data);
}

/** A tag, XORed with the one before (SPEC.md, "Metadata tags"), and its data. */
function write(log: Log, t: number, data: Uint8Array): void {
  const mixed = t ^ log._tag;
  log._tag = t;
  bytes(log, new Uint8Array([mixed >> 24, mixed >> 16, mixed >> 8, mixed]));
  bytes(log, data);
}

/** Ends the commit (SPEC.md, "CRC tags", "FCRC"). What follows is erased: the FCRC tells others so. */
function end(log: Log): void {
  const at = log._at + log._fill;
  let to = Math.min(at + 20, v._size) + ALIGN - 1;
  to -= to % ALIGN;
  if (v._minor && to <= v._size - ALIGN) write(log, tag(FCRC, NONE, 8), wordBytes([ALIGN, crc32(-1, ones(ALIGN))]));
  const length = to - log._at - log._fill - 4;
  const mixed = tag(CCRC, NONE, length) ^ log._tag;
  bytes(log, new Uint8Array([mixed >> 24, mixed >> 16, mixed >> 8, mixed]));
  log._tag = tag(CCRC, NONE, length);
  put(log, wordBytes([log._crc]));
  put(log, ones(length - 4));
  flush(log);
  syncDevice();
}

/** Brings the wanted global state to the pair at hand: its share becomes what makes the sum of all shares that. */
function share(): void {
  for (let k = 0; k < 3; k++) {
    v._delta[k] ^= v._state[k] ^ v._disk[k];
    v._disk[k] = v._state[k];
  }
}

/** Bytes of entries in a log. */
function sizeOf(from: number, to: number): number {
  let size = RESERVE;
  for (let k = from * 2; k < to * 2; k++) size += 4 + ((v._rows[k] >> 16) & NONE);
  for (let k = 0; k < v._attrs.length; k += 2) {
    const id = v._attrs[k] & NONE;
    if (id >= from && id < to) size += 4 + ((v._attrs[k + 1] >> 16) & NONE);
  }
  return size;
}

/** Whether so many entries are better split. */
function isMuch(from: number, to: number): boolean {
  return to - from > 1 && (to - from > 254 || sizeOf(from, to) > v._size >> 1);
}

/** Writes entries as the whole log of a block. */
export function writeLog(block: number, revision: number, from: number, to: number, delta: number[], ops: Ops): void {
  const rows = v._rows;
  const attrs = v._attrs;
  const log = begin(block, 0, -1);
  bytes(log, wordBytes([revision]));
  for (let id = from; id < to; id++) {
    const name = rows[id * 2];
    const content = rows[id * 2 + 1];
    const kind = name >> 28;
    write(log, tag(kind === 3 ? SUPERBLOCK : kind, id - from, (name >> 16) & NONE), dataOf(name, ops));
    if (content) write(log, tag(0x1ff + (content >> 28), id - from, (content >> 16) & NONE), dataOf(content, ops));
  }
  for (let k = 0; k < attrs.length; k += 2) {
    const id = attrs[k] & NONE;
    const placed = attrs[k + 1];
    if (id >= from && id < to) write(log, tag(0x300 + (attrs[k] >> 10), id - from, (placed >> 16) & NONE), dataOf(placed, ops));
  }
  if (v._tail[0] !== NULL) write(log, tag(TAIL + v._split, NONE, 8), wordBytes(v._tail));
  if (delta[0] || delta[1] || delta[2]) write(log, tag(MOVESTATE, NONE, 12), wordBytes(delta));
  end(log);
}

/** Writes the pair anew into its twin, without what is too much for it. */
function compact(ops: Ops): void {
  const pair = [v._a, v._b];
  let count: number;
  for (let k = 0; k < ops.length; k += 2) apply(ops[k] as number, PENDING | (k + 1), ops);
  count = v._count;
  while (isMuch(0, count)) {
    let from = 0;
    while (isMuch(from, count)) from += (count - from) >> 1;
    const next = from ? takePair() : undefined;
    if (!next) break;
    // What lies in its twin may be an old log.
    writeLog(next[1], word(next[0], 0) + 1, from, count, [0, 0, 0], ops);
    v._tail = next;
    v._split = 1;
    count = from;
  }
  if (sizeOf(0, count) > v._size) fail(ENOSPC);
  share();
  writeLog(v._b, v._rev + 1, 0, count, v._delta, ops);
  v._a = NULL;
  v._stale = false;
  fetch(pair);
}

/** Changes the pair at hand, wholly or not at all, and with it the global state. */
export function commit(ops: Ops): void {
  const at = v._end;
  v._stale = true;
  let size = at + 60;
  for (let k = 1; k < ops.length; k += 2) size += 4 + (ops[k] as Uint8Array).length;
  if (size + ALIGN > v._size || v._count > 254 || !isErased(v._a, at, size + ALIGN)) {
    compact(ops);
    return;
  }
  const log = begin(v._a, at, v._tag);
  const before = v._delta.join();
  share();
  for (let k = 0; k < ops.length; k += 2) write(log, ops[k] as number, ops[k + 1] as Uint8Array);
  if (v._delta.join() !== before) write(log, tag(MOVESTATE, NONE, 12), wordBytes(v._delta));
  end(log);
  size = at;
  for (let k = 0; k < ops.length; k += 2) {
    apply(ops[k] as number, size + 4, ops);
    size += 4 + (ops[k + 1] as Uint8Array).length;
  }
  v._end = log._at;
  v._tag = log._tag;
  v._stale = false;
}
