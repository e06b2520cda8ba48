/** Changing a metadata pair. */
import { MOVESTATE } from '../littlefs/tags';
import * as compacting from './compact.lazy';
import { isErased } from './disk';
import { ALIGN, beginLog, endLog, logTag, share } from './log';
import { apply, NONE, type Ops, tag, wordBytes } from './table';
import { v } from './volume';

/** Changes the pair at hand, wholly or not at all, and with it the global state. */
export function commit(ops: Ops): void {
  const at = v._end;
  v._stale = true;
  // With a share of the global state, the end, and what is erased behind.
  let to = at + 60 + ALIGN;
  for (let k = 1; k < ops.length; k += 2) to += 4 + (ops[k] as Uint8Array).length;
  if (to > v._size || at % v._unit || v._count > 254 || !isErased(v._a, at, to)) {
    compacting.compact(ops);
    return;
  }
  const log = beginLog(v._a, at, v._tag);
  const changed = share();
  for (let k = 0; k < ops.length; k += 2) logTag(log, ops[k] as number, ops[k + 1] as Uint8Array);
  if (changed) logTag(log, tag(MOVESTATE, NONE, 12), wordBytes(v._delta));
  endLog(log);
  for (let k = 0, off = at; k < ops.length; k += 2) {
    apply(ops[k] as number, off + 4, ops);
    off += 4 + (ops[k + 1] as Uint8Array).length;
  }
  v._end = log._at;
  v._tag = log._tag;
  v._stale = false;
}
