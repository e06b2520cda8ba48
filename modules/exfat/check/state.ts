import type { CheckOptions, Finding } from '../../contract/check';
import { fatEntry } from '../chain';
import { touch } from '../clean';
import { fs } from '../volume';

/** What a finding is about; `docs/exfat.md` has the list. */
export type ExFatFindingCode =
  | 'boot'
  | 'backup'
  | 'dirty'
  | 'bitmap'
  | 'upcase'
  | 'chain'
  | 'loop'
  | 'shared'
  | 'size'
  | 'entry'
  | 'checksum'
  | 'name'
  | 'duplicate'
  | 'label'
  | 'end'
  | 'lost';

export type ExFatFinding = Finding<ExFatFindingCode>;

export interface ExFatFsckOptions extends CheckOptions<ExFatFindingCode> {
  /** As for `VfsExFat`. */
  partition?: number;
}

/** A volume under examination. */
export interface Check {
  _repair: boolean;
  _onFinding: ((finding: ExFatFinding) => void) | undefined;
  _findings: ExFatFinding[];
  /** One bit for each cluster, as in the allocation bitmap: it belongs to something. */
  _map: Uint8Array;
  /** The entry sets, by directory and slot, whose clusters are another's. */
  _strangers: Record<string, boolean>;
  /** One bit for each cluster: an entry set begins with it. */
  _firsts: Uint8Array;
  /** One bit for each name hash that a directory has. */
  _hashes: Uint8Array;
  /** The number of the last new name that was given. */
  _renamed: number;
  /** The root directory as far as it is sound. */
  _top: typeof fs._top;
  /** The slot of the allocation bitmap in it; whether that lies where nothing else does. */
  _mapSlot: number;
  _mapSound: boolean;
  /** The slot of the up-case table in it, -1 for none; whether it can be used as it is. */
  _tableSlot: number;
  _tableSound: boolean;
}

/** Where findings go before there is a volume. */
export type Reporter = Pick<Check, '_repair' | '_onFinding' | '_findings'>;

/** Adds a finding; gives whether to repair. */
export function add(c: Reporter, finding: ExFatFinding): boolean {
  c._findings.push(finding);
  if (c._onFinding) c._onFinding(finding);
  return c._repair;
}

/** Damage, of a file or directory. Gives whether to repair; if so the volume is marked. */
export function damage(c: Check, code: ExFatFindingCode, path: string, message: string, blocks?: number[]): boolean {
  if (c._repair) touch();
  return add(c, { level: 'error', code: code, path: path, blocks: blocks || [], message: message, repaired: c._repair });
}

/** The same for what a cut leaves. */
export function trace(c: Check, code: ExFatFindingCode, path: string, message: string, blocks?: number[]): boolean {
  if (c._repair) touch();
  return add(c, { level: 'warning', code: code, path: path, blocks: blocks || [], message: message, repaired: c._repair });
}

export function isMarked(map: Uint8Array, cluster: number): boolean {
  return !!(map[Math.floor((cluster - 2) / 8)] & (1 << ((cluster - 2) & 7)));
}

/** Marks a cluster; gives whether it was marked. */
export function markBit(map: Uint8Array, cluster: number): boolean {
  const seen = isMarked(map, cluster);
  map[Math.floor((cluster - 2) / 8)] |= 1 << ((cluster - 2) & 7);
  return seen;
}

/** Why a chain ends where it does, if not by its own end. */
const REASONS = {
  short: 'ends',
  range: 'leads to a cluster that does not exist',
  loop: 'leads back into itself',
  shared: 'leads to a cluster of another',
  long: 'is longer',
};

/** What came of following a chain: how many clusters belong to it, the last of them, and why no more do. */
export interface Claim {
  _count: number;
  _last: number;
  /** The cluster at which it ends otherwise. */
  _next: number;
  _why: '' | keyof typeof REASONS;
}

export function reasonText(claim: Claim): string {
  return claim._why && REASONS[claim._why] + ' after ' + claim._count + ' clusters';
}

/** Follows the clusters of an entry, `limit` of them at most, and marks them. The root's chain ends by its own end (`limit` Infinity). */
export function claim(c: Check, first: number, contiguous: boolean, limit: number): Claim {
  const found: Claim = { _count: 0, _last: 0, _next: first, _why: '' };
  for (;;) {
    const cluster = found._next;
    if (found._count && cluster === 0xffffffff && !contiguous) {
      if (found._count < limit && limit !== Infinity) found._why = 'short';
      break;
    }
    if (found._count === limit) {
      if (limit && !contiguous) found._why = 'long';
      break;
    }
    if (cluster < 2 || cluster > fs._last) found._why = 'range';
    // What is longer than can be takes nothing of another's.
    else if (contiguous && first + limit - 1 > fs._last && cluster !== first && isMarked(c._firsts, cluster)) found._why = 'shared';
    else if (isMarked(c._map, cluster)) found._why = !contiguous && inChain(first, cluster, found._count) ? 'loop' : 'shared';
    if (found._why) break;
    markBit(c._map, cluster);
    found._count++;
    found._last = cluster;
    found._next = contiguous ? cluster + 1 : fatEntry(cluster);
  }
  return found;
}

/** Whether a cluster is one of the first `count` of a chain. */
function inChain(first: number, cluster: number, count: number): boolean {
  for (let at = first; count--; at = fatEntry(at)) if (at === cluster) return true;
  return false;
}
