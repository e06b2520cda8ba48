import { load } from '../disk';
import { readPair } from '../mdir';
import { fs, type Lfs1Options, type Mdir, use, type Volume } from '../volume';

/**
 * How bad: damage (`error`), something that a power cut leaves and the next change or a repair ends (`warning`), or
 * nothing to worry about (`info`).
 */
export type Lfs1FindingLevel = 'error' | 'warning' | 'info';

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

export interface Lfs1Finding {
  level: Lfs1FindingLevel;
  code: Lfs1FindingCode;
  /** One line for people. */
  message: string;
  /** What it is about; `''` where that is no file or directory. */
  path: string;
  /** The blocks concerned. */
  blocks: number[];
}

export interface Lfs1FsckOptions extends Lfs1Options {
  /** Finishes, on the volume itself, what a power cut left half-done. Nothing is written where there is damage. */
  repair?: boolean;
  /** Told of each finding as it is made. */
  onFinding?: (finding: Lfs1Finding) => void;
}

export interface Lfs1FsckResult {
  /** Neither damage nor anything half-done; after a repair, what is so now. */
  sound: boolean;
  /** Whether a repair was made. */
  repaired: boolean;
  errors: number;
  warnings: number;
  infos: number;
  /** The first hundred findings. */
  findings: Lfs1Finding[];
  /** `1.1`; `''` where no superblock tells. */
  version: string;
  blockSize: number;
  blockCount: number;
  /** Blocks that something refers to. */
  used: number;
  files: number;
  directories: number;
}

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
export interface Check {
  _volume: Volume;
  _onFinding: ((finding: Lfs1Finding) => void) | undefined;
  /** A walk that only looks for where moved entries are now. */
  _mute: boolean;
  _findings: Lfs1Finding[];
  _errors: number;
  _warnings: number;
  _infos: number;
  /** A byte for each block: on the thread; in the tree. */
  _map: Uint8Array;
  _used: number;
  _files: number;
  _directories: number;
  _moving: Moving[];
  /** The first pairs of the directories met, with their paths. */
  _heads: number[];
  _paths: string[];
}

export const ON_THREAD = 1;
export const IN_TREE = 2;

const FINDINGS_KEPT = 100;

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

export function report(c: Check, level: Lfs1FindingLevel, code: Lfs1FindingCode, path: string, blocks: number[], message: string): void {
  if (c._mute) return;
  const shown: number[] = [];
  for (let k = 0; k < blocks.length; k++) shown.push(blocks[k] >>> 0);
  const finding: Lfs1Finding = { level: level, code: code, message: message, path: path, blocks: shown };
  if (level === 'error') c._errors++;
  else if (level === 'warning') c._warnings++;
  else c._infos++;
  if (c._findings.length < FINDINGS_KEPT) c._findings.push(finding);
  if (c._onFinding) {
    c._onFinding(finding);
    // Whoever was told may have worked on another volume.
    use(c._volume);
  }
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
