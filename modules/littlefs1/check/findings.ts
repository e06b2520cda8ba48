import type { CheckOptions, Finding, Level } from '../../contract/check';
import { addFinding, type Found, type Result } from '../../littlefs/check';
import { load } from '../disk';
import { readPair } from '../mdir';
import { fs, type Lfs1Options, type Mdir, use, type Volume } from '../volume';

/** What a finding is about; `docs/littlefs1.md` has the list. */
export type Lfs1FindingCode =
  | 'superblock'
  | 'unreadable'
  | 'pair'
  | 'thread'
  | 'unthreaded'
  | 'half-orphan'
  | 'orphan'
  | 'move'
  | 'shared'
  | 'range'
  | 'ctz'
  | 'size'
  | 'name'
  | 'entry'
  | 'repair';

export type Lfs1Finding = Finding<Lfs1FindingCode>;

export interface Lfs1FsckOptions extends Lfs1Options, CheckOptions<Lfs1FindingCode> {
  /** Finishes, on the volume itself, what a power cut left half-done. Nothing is written where there is damage. */
  repair?: boolean;
}

export type Lfs1FsckResult = Result<Lfs1FindingCode>;

/** An entry that is marked as being moved. */
export interface Moving {
  _path: string;
  _kind: number;
  _x: number;
  _y: number;
  _blocks: number[];
  /** Whether it is elsewhere already. */
  _gone: boolean;
}

/** The state of a check. */
export interface Check extends Found<Lfs1FindingCode> {
  _volume: Volume;
  /** A walk that only looks for where moved entries are now. */
  _mute: boolean;
  /** A byte for each block: on the thread; in the tree. */
  _map: Uint8Array;
  _moving: Moving[];
  /** The first pairs of the directories met, with their paths. */
  _heads: number[];
  _paths: string[];
}

export const ON_THREAD = 1;
export const IN_TREE = 2;

export function newCheck(volume: Volume, onFinding: Check['_onFinding']): Check {
  return {
    _volume: volume,
    _onFinding: onFinding,
    _mute: false,
    _findings: [],
    _errors: 0,
    _warnings: 0,
    _infos: 0,
    _map: new Uint8Array(volume._blockCount),
    _used: 0,
    _files: 0,
    _directories: 0,
    _moving: [],
    _heads: [],
    _paths: [],
  };
}

export function report(c: Check, level: Level, code: Lfs1FindingCode, path: string, blocks: number[], message: string): void {
  if (c._mute) return;
  // Whoever was told may have worked on another volume.
  if (addFinding(c, level, code, path, blocks, message)) use(c._volume);
}

export function inside(block: number): boolean {
  return block >= 0 && block < fs._blockCount;
}

export function pairText(a: number, b: number): string {
  return 'pair {' + (a >>> 0) + ', ' + (b >>> 0) + '}';
}

/** Notes that `path` uses a block; false, which is reported, if it is outside or something uses it already. */
export function claim(c: Check, block: number, path: string): boolean {
  if (!inside(block)) report(c, 'error', 'range', path, [block], 'block ' + (block >>> 0) + ' lies outside the volume');
  else if (c._map[block] & IN_TREE) report(c, 'error', 'shared', path, [block], 'block ' + block + ' is used here and elsewhere');
  else {
    c._map[block] |= IN_TREE;
    c._used++;
    return true;
  }
  return false;
}

/** Whether a block can be read at `off`. */
export function tryLoad(c: Check, block: number, off: number, need: number): boolean {
  try {
    return !load(block, off, need, need);
  } catch (_thrown) {
    use(c._volume);
    return false;
  }
}

/** A pair; undefined, which is reported, if it cannot be read. */
export function tryPair(c: Check, a: number, b: number, path: string): Mdir | undefined {
  let m: Mdir | undefined;
  let unread = false;
  try {
    m = readPair(a, b);
  } catch (_unreadable) {
    use(c._volume);
    unread = true;
  }
  if (unread) report(c, 'error', 'unreadable', path, [a, b], pairText(a, b) + ' cannot be read');
  else if (!m) report(c, 'error', 'pair', path, [a, b], pairText(a, b) + ' has no valid block');
  return m;
}
