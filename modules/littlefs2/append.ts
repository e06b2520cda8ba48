/** Changes of a pair that are appended to its log. */
import { crc32, fill, putLe32 } from '../engine';
import * as rarely from './compact.lazy';
import { crcBytes, load } from './disk';
import { settled } from './gstate';
import { mkTag, sizeOfOps, tagAt } from './ops';
import { flushDevice, program } from './stream';
import { apply } from './table';
import { CCRC, FCRC, NO_ID, NOTHING, RESERVE } from './tags';
import { fs, type Mdir, type Ops } from './volume';

/** Appends the commit to the log; false if it does not fit or cannot be programmed, with the table as it was. */
export function append(m: Mdir, ops: Ops): boolean {
  const v = fs;
  const end = m._end;
  const g = v._gstate;
  const dropped = v._gdropped;
  const room = v._blockSize - sizeOfOps(ops);
  const state = v._orphans | g[0] | v._gdisk[0] | dropped[0] | dropped[1] | dropped[2] ? rarely.stateOps(m) : undefined;
  if (!m._erased || end + (state ? 16 : 0) > room - 8 || (end > room - RESERVE && rarely.isFull(m, room))) return false;
  if (state) ops = ops.concat(state);
  return (v._progSize < 1000 ? appendCommit(m, ops) : rarely.streamCommit(m, ops)) ? settled(m, ops) : rarely.salvage(m, end);
}

/**
 * Appends a commit to a log as `logOps` and `endLog` would, gathered in one buffer: one CRC, one program. Only where a CRC tag
 * can fill up a program unit. Whether it was programmed and reads back.
 */
function appendCommit(m: Mdir, ops: Ops): boolean {
  const v = fs;
  const block = m._a;
  const start = m._end;
  const prog = v._progSize;
  const count = ops.length;
  let size = 20;
  for (let k = 2; k < count; k += 3) size += 4 + (ops[k] ? (ops[k] as Uint8Array).length : 0);
  let end = Math.min(start + size, v._blockSize) + prog - 1;
  end -= end % prog;
  const erased = end <= v._blockSize - prog;
  const buf = new Uint8Array(size + v._unit);
  let at = 0;
  let last = m._tag;
  let lead = 0xff;
  let seal: Uint8Array | undefined;
  if (erased) {
    // As in `endLog`.
    if (load(block, end, 1, prog)) return false;
    lead = v._w[end - v._wOff];
    if (v._minor) {
      const sum = crcBytes(-1, block, end, prog);
      if (sum === undefined) return false;
      seal = new Uint8Array(8);
      putLe32(seal, 0, prog);
      putLe32(seal, 4, sum);
    }
  }
  // No function for a tag: it and its scope would know each other, which only Espruino's garbage collector takes apart.
  for (let k = 0; k < count + 6; k += 3) {
    const data = k < count ? (ops[k + 2] as Uint8Array | undefined) : k === count ? seal : undefined;
    if (k === count && !data) continue;
    let tag = mkTag(lead > 127 ? CCRC : CCRC + 1, NO_ID, end - start - at - 4);
    if (k < count) tag = tagAt(ops, k);
    else if (data) tag = mkTag(FCRC, NO_ID, 8);
    last ^= tag;
    buf.set([last >> 24, last >> 16, last >> 8, last], at);
    last = tag;
    at += 4;
    if (data) {
      buf.set(data, at);
      at += data.length;
    }
  }
  putLe32(buf, at, crc32(-1, buf.subarray(0, at)));
  const unit = at + 3 + v._unit;
  const padded = buf.subarray(0, unit - (unit % v._unit));
  fill(padded.subarray(at + 4), 0xff);
  if (!program(block, start, padded)) return false;
  m._end = end;
  m._erased = erased;
  m._tag = lead < 128 ? last ^ -0x80000000 : last;
  for (let k = 0, off = start; k < count; k += 3) {
    const data = (ops[k + 2] as Uint8Array | undefined) || NOTHING;
    const tag = tagAt(ops, k);
    apply[tag >> 28](m, tag, off + 4, data, 0);
    off += 4 + data.length;
  }
  flushDevice();
  return true;
}
