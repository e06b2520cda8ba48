import type { CheckOptions, Finding, Level } from '../../contract/check';
import { EIO } from '../../contract/errno';
import { addFinding, type Found, type Result } from '../../littlefs/check';
import { load, readBytes } from '../disk';
import { fs, type Lfs2Options, type Mdir, use, type Volume } from '../volume';

/** What a finding is about; `docs/fsck.md` has the list. */
export type FindingCode =
  | 'superblock'
  | 'unreadable'
  | 'pair'
  | 'twin'
  | 'commit'
  | 'tail'
  | 'tag'
  | 'entry'
  | 'empty'
  | 'thread'
  | 'unthreaded'
  | 'half-orphan'
  | 'orphan'
  | 'move'
  | 'state'
  | 'shared'
  | 'range'
  | 'ctz'
  | 'size'
  | 'name'
  | 'order'
  | 'attribute'
  | 'lost'
  | 'renamed'
  | 'repair';

export type Lfs2Finding = Finding<FindingCode>;

export interface FsckOptions extends Lfs2Options, CheckOptions<FindingCode> {
  /**
   * Finishes, on the volume itself, what a power cut left half-done. Nothing is written where there is damage: that needs
   * `salvageLfs2`.
   */
  repair?: boolean;
}

export type FsckResult = Result<FindingCode>;

/** A volume under examination. */
export interface Check extends Found<FindingCode> {
  _volume: Volume;
  /** Whether nothing is reported, and the codes that are, with a space around each; undefined for all. */
  _mute: boolean;
  _only: string | undefined;
  /** Two bits for each block: on the thread; in the tree. */
  _map: Uint8Array;
  /** Those of the blocks in use that a directory or file claimed. */
  _claimed: number;
  /** Whether the thread was followed to its end, and over how many pairs. */
  _whole: boolean;
  _pairs: number;
  /** A sum over the pairs that have both blocks on the thread: 0 if thread and tree agree which belong together. */
  _pairing: number;
  /** Whether the global state tells of orphans. */
  _flagged: boolean;
  _moveSeen: boolean;
  /** Whether the walk is only to find what follows pairs that moved. */
  _extending: boolean;
  /** Directories that the thread has where they were before they moved; entries that a repair in place would lose. */
  _halves: number;
  _held: number;
  /** What is done with each entry; the result is what its children get as `to`, undefined keeps out of a directory. */
  _visit: (c: Check, path: string, m: Mdir, id: number, to: string) => string | undefined;
  /** A look-up of who uses a block: the block, and the path once it is found. Else -1. */
  _find: number;
  _owner: string | undefined;
  /** How many such look-ups may still be made: each is a walk of its own. */
  _lookups: number;
}

export const ON_THREAD = 1;
export const IN_TREE = 2;

const LOOKUPS = 8;

export function newCheck(volume: Volume, onFinding: ((finding: Lfs2Finding) => void) | undefined, visit: Check['_visit']): Check {
  return {
    _volume: volume,
    _onFinding: onFinding,
    _mute: false,
    _only: undefined,
    _findings: [],
    _errors: 0,
    _warnings: 0,
    _infos: 0,
    _map: new Uint8Array((volume._blockCount + 3) >> 2),
    _used: 0,
    _claimed: 0,
    _files: 0,
    _directories: 0,
    _whole: false,
    _pairs: 0,
    _pairing: 0,
    _flagged: false,
    _moveSeen: false,
    _extending: false,
    _halves: 0,
    _held: 0,
    _visit: visit,
    _find: -1,
    _owner: undefined,
    _lookups: LOOKUPS,
  };
}

export function report(c: Check, level: Level, code: FindingCode, path: string, blocks: number[], message: string): void {
  if (c._mute || (c._only && c._only.indexOf(' ' + code + ' ') < 0)) return;
  // Whoever was told may have worked on another volume.
  if (addFinding(c, level, code, path, blocks, message)) use(c._volume);
}

export function inside(block: number): boolean {
  return block >= 0 && block < fs._blockCount;
}

/** A pair or block number as it is shown. */
export function pairText(a: number, b: number): string {
  return '{' + (a >>> 0) + ', ' + (b >>> 0) + '}';
}

export function marked(c: Check, block: number, bit: number): boolean {
  return inside(block) && !!((c._map[block >> 2] >> ((block & 3) * 2)) & bit);
}

export function mark(c: Check, block: number, bit: number): void {
  if (!marked(c, block, ON_THREAD | IN_TREE)) c._used++;
  c._map[block >> 2] |= bit << ((block & 3) * 2);
}

/** Like `load`, but what the device throws is a status too. */
export function tryLoad(c: Check, block: number, off: number, need: number, want: number): number {
  try {
    return load(block, off, need, want);
  } catch (_thrown) {
    use(c._volume);
    return -EIO;
  }
}

/** Reads `length` bytes of a block from `off`, only to see whether that can be done. */
export function tryRead(c: Check, block: number, off: number, length: number): boolean {
  for (let at = off, n = 0; at < off + length; at += n) {
    n = Math.min(off + length - at, fs._own.length);
    if (tryLoad(c, block, at, 1, n)) return false;
    n = Math.min(n, fs._wOff + fs._wLen - at);
  }
  return true;
}

/** A copy of bytes of a block; undefined if they cannot be read. */
export function tryBytes(c: Check, block: number, off: number, length: number): Uint8Array | undefined {
  if (off + length > fs._blockSize) return undefined;
  const bytes = new Uint8Array(length);
  try {
    readBytes(block, off, bytes);
    return bytes;
  } catch (_unreadable) {
    use(c._volume);
    return undefined;
  }
}
