/** Writing a metadata pair anew. */
import { ENOSPC } from '../contract/errno';
import { DIRSTRUCT, MOVESTATE, SUPERBLOCK, TAIL, USERATTR } from '../littlefs/tags';
import { takePair } from './blocks';
import { word } from './disk';
import { beginLog, endLog, logBytes, logTag, share } from './log';
import { apply, dataOf, fetch, NONE, type Ops, PENDING, tag, wordBytes } from './table';
import { fail, NULL, v } from './volume';

/** What a log needs besides its entries: revision, tail, global state, CRCs. */
const RESERVE = 56;

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

/** Writes entries, with the tail and the share of the global state of the pair at hand, as the whole log of a block. */
export function writeLog(block: number, revision: number, range: number[], ops: Ops): void {
  const from = range[0];
  const to = range[1];
  const delta = v._delta;
  const rows = v._rows;
  const attrs = v._attrs;
  const log = beginLog(block, 0, -1);
  logBytes(log, wordBytes([revision]));
  for (let id = from; id < to; id++) {
    const name = rows[id * 2];
    const content = rows[id * 2 + 1];
    const kind = name >> 28;
    logTag(log, tag(kind === 3 ? SUPERBLOCK : kind, id - from, (name >> 16) & NONE), dataOf(name, ops));
    if (content) logTag(log, tag(DIRSTRUCT - 1 + (content >> 28), id - from, (content >> 16) & NONE), dataOf(content, ops));
  }
  for (let k = 0; k < attrs.length; k += 2) {
    const id = attrs[k] & NONE;
    const placed = attrs[k + 1];
    if (id >= from && id < to) logTag(log, tag(USERATTR + (attrs[k] >> 10), id - from, (placed >> 16) & NONE), dataOf(placed, ops));
  }
  if (v._tail[0] !== NULL) logTag(log, tag(TAIL + v._split, NONE, 8), wordBytes(v._tail));
  if (delta[0] || delta[1] || delta[2]) logTag(log, tag(MOVESTATE, NONE, 12), wordBytes(delta));
  endLog(log);
}

/** Writes the pair anew into its twin, without what is too much for it. */
export function compact(ops: Ops): void {
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
    const delta = v._delta;
    v._delta = [0, 0, 0];
    writeLog(next[1], word(next[0], 0) + 1, [from, count], ops);
    v._delta = delta;
    v._tail = next;
    v._split = 1;
    count = from;
  }
  if (sizeOf(0, count) > v._size || count >= NONE) fail(ENOSPC);
  share();
  writeLog(v._b, v._rev + 1, [0, count], ops);
  v._a = NULL;
  v._stale = false;
  fetch(pair);
}
