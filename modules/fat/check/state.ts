import type { CheckOptions, Finding, Level } from '../../contract/check';
import { copy } from '../../engine';
import { slotAt } from '../dir';
import { fatEntry } from '../sector';
import { fs } from '../volume';
import * as write from '../write.lazy';

/** What a finding is about; `docs/fat.md` has the list. */
export type FatFindingCode =
  | 'boot'
  | 'backup'
  | 'fats'
  | 'fat'
  | 'dirty'
  | 'chain'
  | 'loop'
  | 'shared'
  | 'size'
  | 'entry'
  | 'name'
  | 'duplicate'
  | 'long-name'
  | 'dots'
  | 'end'
  | 'label'
  | 'lost'
  | 'fsinfo';

export type FatFinding = Finding<FatFindingCode>;

export interface FatFsckOptions extends CheckOptions<FatFindingCode> {
  /** As for `VfsFat`. */
  partition?: number;
  codepage?: number;
}

/** A volume under examination. */
export interface Check {
  _repair: boolean;
  _onFinding: ((finding: FatFinding) => void) | undefined;
  _findings: FatFinding[];
  /** One bit for each cluster: it belongs to something. */
  _map: Uint8Array;
  /** The entries, by directory and slot, whose first cluster is another's. */
  _strangers: Record<string, boolean>;
  /** One bit for each of the hashes that the names of a directory have. */
  _hashes: Uint8Array;
  /** The number of the last new name that was given. */
  _renamed: number;
  /** Whether the root directory has a label, and which. */
  _label: Uint8Array | undefined;
}

/** Tells of a finding, and of the cluster that it is about, if it is one. Gives whether to repair; if so the volume is marked. */
export function report(c: Check, level: Level, code: FatFindingCode, path: string, message: string, cluster?: number): boolean {
  const blocks = cluster ? [cluster] : [];
  const finding: FatFinding = { level: level, code: code, path: path, blocks: blocks, message: message, repaired: c._repair };
  c._findings.push(finding);
  if (c._onFinding) c._onFinding(finding);
  if (c._repair) write.mark(false);
  return c._repair;
}

export function isMarked(c: Check, cluster: number): boolean {
  return !!(c._map[cluster >> 3] & (1 << (cluster & 7)));
}

/** Why a chain ends where it does, if not by its own end. */
const REASONS = {
  range: 'leads to a cluster that does not exist',
  free: 'leads to a free cluster',
  bad: 'leads to a bad cluster',
  loop: 'leads back into itself',
  shared: 'leads to a cluster of another',
  long: 'is longer',
};

/** What came of following a chain: how many clusters belong to it, the last of them, and why no more do. */
export interface Claim {
  _count: number;
  _last: number;
  _why: '' | keyof typeof REASONS;
}

export function reasonText(claim: Claim): string {
  return claim._why && REASONS[claim._why];
}

/** Follows a chain from its first cluster (0: an empty one) and marks `limit` clusters of it at most. */
export function claim(c: Check, first: number, limit: number): Claim {
  const found: Claim = { _count: 0, _last: 0, _why: '' };
  let cluster = first;
  while (cluster) {
    const exists = cluster > 1 && cluster <= fs._last;
    const next = exists ? fatEntry(cluster) : 0;
    if (found._count === limit) found._why = 'long';
    else if (!exists) found._why = 'range';
    else if (isMarked(c, cluster)) found._why = inChain(first, cluster, found._count) ? 'loop' : 'shared';
    else if (!next || next === fs._mask - 8) found._why = next ? 'bad' : 'free';
    if (found._why) break;
    c._map[cluster >> 3] |= 1 << (cluster & 7);
    found._count++;
    found._last = cluster;
    cluster = next > fs._mask - 8 ? 0 : next;
  }
  return found;
}

/** Whether a cluster is one of the first `count` of a chain. */
function inChain(first: number, cluster: number, count: number): boolean {
  for (let at = first; count--; at = fatEntry(at)) if (at === cluster) return true;
  return false;
}

/** Ends a chain behind what was claimed of it. */
export function cutChain(claimed: Claim): void {
  if (claimed._last) write.setEntry(claimed._last, fs._mask);
  fs._chain._first = -1;
}

/** Whether that 8.3 name stands at `at`; what it ends before are spaces. */
export function hasName(b: Uint8Array, at: number, name: string): boolean {
  for (let i = 0; i < 11; i++) if (b[at + i] !== (name.charCodeAt(i) || 32)) return false;
  return true;
}

/** Copies a slot of a directory; false behind its last one. */
export function readSlot(dir: number, slot: number, e: Uint8Array): boolean {
  const at = slotAt(dir, slot);
  if (at < 0) return false;
  copy(e, 0, fs._meta._buf.subarray(at, at + 32));
  return true;
}

export function writeSlot(dir: number, slot: number, e: Uint8Array): void {
  const at = slotAt(dir, slot);
  copy(fs._meta._buf, at, e);
  fs._meta._dirty = true;
}
