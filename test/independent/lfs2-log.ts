/**
 * One metadata block of littlefs 2, read straight from SPEC.md ("Directories / Metadata pairs", "Metadata tags"): slow
 * and plain on purpose, and sharing nothing with the modules under test.
 */
import { crcFast } from './crc';

/** What stands under one id of a metadata pair. */
export interface LogEntry {
  nameType?: number;
  name?: Uint8Array;
  structType?: number;
  struct?: Uint8Array;
  attrs: Map<number, Uint8Array>;
}

/** The state that the valid commits of one block leave. */
export interface Log {
  block: number;
  revision: number;
  commits: number;
  /** Where the last valid commit ends, its padding included. */
  end: number;
  entries: LogEntry[];
  tail?: { hard: boolean; pair: [number, number] };
  /** XOR of the move-state deltas still in force: the newest one of the block. */
  delta: [number, number, number];
  fcrc?: { size: number; crc: number };
  hasAnyFcrc: boolean;
  /** Why the bytes after `end` are not an untouched rest of the block; undefined where they are. */
  dirty?: string;
  problems: string[];
}

const NO_ID = 0x3ff;

export function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at] + bytes[at + 1] * 0x100 + bytes[at + 2] * 0x10000 + bytes[at + 3] * 0x1000000) >>> 0;
}

function tagAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

interface Tag {
  type: number;
  id: number;
  length: number;
  deleted: boolean;
  data: Uint8Array;
}

/** Reads the log in `bytes` (a whole block); undefined where its first commit is not valid. */
export function readLog(bytes: Uint8Array, block: number, progSize: number): Log | undefined {
  const log: Log = {
    block,
    revision: u32(bytes, 0),
    commits: 0,
    end: 0,
    entries: [],
    delta: [0, 0, 0],
    hasAnyFcrc: false,
    problems: [],
  };
  let at = 4;
  let chain = 0xffffffff;
  let covered = 0;
  let pending: Tag[] = [];
  for (;;) {
    if (at + 4 > bytes.length) {
      if (at > log.end) log.dirty = 'the last commit is cut off by the end of the block';
      break;
    }
    const raw = tagAt(bytes, at);
    const tag = (raw ^ chain) >>> 0;
    if (tag >>> 31) {
      if (at !== log.end) log.dirty = 'a commit without its CRC follows';
      break;
    }
    const type = (tag >>> 20) & 0x7ff;
    const deleted = (tag & 0x3ff) === 0x3ff;
    const length = deleted ? 0 : tag & 0x3ff;
    if (at + 4 + length > bytes.length) {
      log.dirty = 'a tag reaches beyond the block';
      break;
    }
    const data = bytes.subarray(at + 4, at + 4 + length);
    chain = tag;
    if (type >= 0x500 && type < 0x580) {
      const crc = crcFast(bytes.subarray(covered, at + 4));
      if (length < 4 || u32(data, 0) !== crc) {
        log.dirty = 'a commit with a wrong CRC follows';
        break;
      }
      const where = `block ${block}, commit ${log.commits}`;
      if (type > 0x501) log.problems.push(`${where}: CRC tag of unknown type 0x${type.toString(16)}`);
      if (((tag >>> 10) & 0x3ff) !== NO_ID) log.problems.push(`${where}: CRC tag with an id`);
      at += 4 + length;
      covered = at;
      // Padding may take commits of its own; none but these begin within a program unit.
      if (log.end % progSize && pending.some((each) => each.type !== 0x5ff))
        log.problems.push(`${where}: begins at ${log.end}, no multiple of the program size ${progSize}`);
      log.fcrc = undefined;
      for (const each of pending) apply(log, each, where);
      pending = [];
      log.commits++;
      log.end = at;
      // The lowest bit of the type is the state of the valid bit that the next tag has.
      chain = (tag ^ ((type & 1) << 31)) >>> 0;
    } else {
      pending.push({ type, id: (tag >>> 10) & 0x3ff, length, deleted, data });
      at += 4 + length;
    }
  }
  if (log.end % progSize) log.problems.push(`block ${block}: the log ends at ${log.end}, no multiple of the program size ${progSize}`);
  return log.commits ? log : undefined;
}

function apply(log: Log, tag: Tag, where: string): void {
  const { type, id, data } = tag;
  const complain = (what: string) =>
    log.problems.push(`${where}: ${what} (tag type 0x${type.toString(16)}, id ${id}, length ${tag.length})`);
  const kind = type >>> 8;
  if (kind >= 5) {
    if (id !== NO_ID) complain('id on a tag that is not about a file');
    if (type === 0x5ff) {
      log.hasAnyFcrc = true;
      if (tag.length !== 8) {
        complain('FCRC of a wrong length');
        return;
      }
      log.fcrc = { size: u32(data, 0), crc: u32(data, 4) };
    } else if (type === 0x600 || type === 0x601) {
      if (tag.length !== 8) {
        complain('tail of a wrong length');
        return;
      }
      log.tail = { hard: type === 0x601, pair: [u32(data, 0), u32(data, 4)] };
    } else if (type === 0x7ff) {
      if (tag.length !== 12) {
        complain('move state of a wrong length');
        return;
      }
      log.delta = [u32(data, 0), u32(data, 4), u32(data, 8)];
    } else complain('unknown tag');
    return;
  }
  if (id === NO_ID) {
    complain('tag of a file without an id');
    return;
  }
  if (type === 0x401) {
    if (id > log.entries.length) {
      complain('create beyond the end');
      return;
    }
    log.entries.splice(id, 0, { attrs: new Map() });
  } else if (type === 0x4ff) {
    if (id >= log.entries.length) {
      complain('delete of an id that is not there');
      return;
    }
    log.entries.splice(id, 1);
  } else if (kind === 0) {
    // A compacted log gives names without creates, in any order of their ids.
    while (log.entries.length <= id) log.entries.push({ attrs: new Map() });
    const entry = log.entries[id];
    if (entry.name) complain('name given anew without a delete');
    if (entry.struct || entry.attrs.size) complain('name after other tags of its id');
    if (type !== 1 && type !== 2 && type !== 0xff) complain('unknown type of file');
    entry.nameType = type;
    entry.name = data.slice();
  } else {
    const entry = log.entries[id];
    if (!entry) {
      complain('tag of an id that is not there');
      return;
    }
    if (kind === 2) {
      if (type > 0x202 || tag.deleted) {
        complain('unknown struct');
        return;
      }
      if (type !== 0x201 && tag.length !== 8) complain('struct of a wrong length');
      entry.structType = type;
      entry.struct = data.slice();
    } else if (kind === 3) {
      if (tag.deleted) entry.attrs.delete(type & 0xff);
      else entry.attrs.set(type & 0xff, data.slice());
    } else complain('unknown tag');
  }
}

/** Judges the bytes after the last commit: whether the next commit may be appended there (2.1: by the FCRC). */
export function judgeRest(log: Log, bytes: Uint8Array, minor: number, progSize: number): void {
  const rest = bytes.length - log.end;
  if (log.fcrc) {
    if (log.fcrc.size > rest) log.problems.push(`block ${log.block}: FCRC covers ${log.fcrc.size} bytes, only ${rest} follow`);
    else if (log.fcrc.size < progSize) log.problems.push(`block ${log.block}: FCRC covers less than a program unit`);
    else if (crcFast(bytes.subarray(log.end, log.end + log.fcrc.size)) !== log.fcrc.crc) log.dirty = log.dirty || 'the FCRC does not match';
  } else if (minor >= 1 && rest >= Math.max(progSize, 4) && !log.dirty) log.dirty = 'no FCRC';
  if (minor === 0 && log.hasAnyFcrc) log.problems.push(`block ${log.block}: FCRC on a volume of version 2.0`);
}
