/**
 * The write path: clusters, entries, the content of files, the mark of a volume in use. Devices load it when a file is first
 * opened for writing, and for a change of the tree.
 */
import { syncDevice } from '../blockdev/device';
import { fatTime } from '../contract/dosclock';
import { EBADF, EBUSY, EFBIG, ENOSPC } from '../contract/errno';
import { copy, encodeText, fill, now, putLe32 } from '../engine';
import { leave, stay } from '../engine/stay';
import { move } from './content';
import { ATTR_ARCHIVE, DELETED, MAX_SLOTS, scan, slotAt } from './dir';
import * as free from './free.lazy';
import * as marks from './marks.lazy';
import { checksum, longEntry, PUT } from './name';
import { fatEntry, flush, load, loadMeta, sectorOf, transfer } from './sector';
import { infoMark, nextCluster, reach } from './table';
import { type Chain, FIRST_STEP, fail, fs, type OpenFile, use } from './volume';

const EACCES = 13;

/** Runs `task`, which calls this part often: meanwhile it is loaded, and if a file is opened for writing, until that is closed. */
export function during<T>(task: () => T, opens: boolean): T {
  const result = task();
  if (opens) stay();
  return result;
}

/** The clock's time as an entry has it. */
export function present(): number {
  return fatTime(now());
}

/**
 * Nothing may be open at the entry just looked up, or, with `writers`, nothing for writing; nor may it be one of the attributes
 * `without`. The root has no entry.
 */
export function checkUnused(writers: boolean, without: number): void {
  const v = fs;
  if (v._slot < 0) fail(EBUSY);
  for (let i = 0; i < v._files.length; i++) {
    const f = v._files[i];
    if (f._sector === v._sector && f._at === v._at && (f._writable || !writers)) fail(EBUSY);
  }
  if (v._entry[11] & without) fail(EACCES);
}

/** Ends what a file open for writing has begun, which is no more one of the volume's. */
export function closeFile(f: OpenFile): void {
  const v = fs;
  const problems: unknown[] = [];
  try {
    // What it has reserved and not used is given back.
    if (f._reserved) shrink(f, f._size);
    else syncFile(f);
    if (v._touched) finish(0);
  } catch (error) {
    problems.push(error);
  }
  if (v._made === f) v._made = undefined;
  leave();
  if (problems.length) throw problems[0];
}

/** Writes FAT and directories, and has the device write what it holds back: what comes later is written later. */
export function syncVolume(): void {
  const v = fs;
  flush(v._meta);
  if (!v._unsynced) return;
  const status = syncDevice(v._dev);
  use(v);
  if (status) fail(status);
  v._unsynced = false;
}

/** Gives the FAT entry of a cluster another value; the upper four bits of FAT32 stay. */
export function setEntry(cluster: number, value: number): void {
  const v = fs;
  const at = Math.floor((cluster * v._type) / 8);
  let i = at & (v._sectorSize - 1);
  const b = loadMeta(v._fatStart + (at >> v._shift));
  const odd = cluster & 1;
  v._meta._dirty = true;
  if (v._type > 16) putLe32(b, i, value | ((b[i + 3] & 0xf0) << 24));
  else if (v._type > 12) {
    b[i] = value;
    b[i + 1] = value >> 8;
  } else {
    b[i] = odd ? (b[i] & 15) | (value << 4) : value;
    if (++i === v._sectorSize) {
      // Of an entry of FAT12 in two sectors the lower bits come first: an end of a chain then becomes no cluster, or a high one.
      syncVolume();
      loadMeta(v._meta._sector + 1);
      v._meta._dirty = true;
      i = 0;
    }
    b[i] = odd ? value >> 4 : (b[i] & 0xf0) | (value >> 8);
  }
}

/**
 * Takes a free cluster, behind `after` if that one is free, and makes it the end of a chain; 0 if there is none. A number
 * of free clusters that comes from FSInfo is not believed.
 */
export function takeCluster(after: number): number {
  const v = fs;
  let c = after + 1;
  if (!after || c > v._last || fatEntry(c)) {
    if (v._counted && !v._free) return 0;
    // Near by first, which needs no part.
    c = v._next;
    for (let n = 32; c && fatEntry(c); ) c = --n && c < v._last ? c + 1 : free.findFree();
    if (!c) return 0;
  }
  v._next = c < v._last ? c + 1 : 2;
  v._told = v._told > 0 ? v._told - 1 : -1;
  if (c < v._upTo && v._free-- < 1) {
    // FSInfo was wrong.
    v._free = 0;
    v._upTo = 2;
  }
  setEntry(c, v._mask);
  return c;
}

/**
 * Frees a chain from `cluster` on, to its end or to where it is damaged; what is named elsewhere too stays, for the others. What
 * led to it has gone from the medium before.
 */
export function freeChain(cluster: number): void {
  const v = fs;
  v._chain._first = -1;
  if (cluster) syncVolume();
  while (!v._doubt && cluster > 1 && cluster <= v._last) {
    const shared = v._shared.indexOf(cluster);
    if (shared >= 0) {
      v._shared.splice(shared, 1);
      return;
    }
    const freed = cluster;
    cluster = fatEntry(freed);
    setEntry(freed, 0);
    if (cluster && freed < v._upTo) v._free++;
    if (cluster && v._told >= 0) v._told++;
  }
}

/**
 * Adds a free cluster, that behind `after` if it is free, to a chain that is passed where it ends; 0 if none is. What is added to a chain
 * that is on the medium is not linked to it yet.
 */
export function add(chain: Chain, after: number): number {
  const from = chain._cluster;
  const next = takeCluster(after);
  if (!chain._first || !next) {
    if (next) chain._first = chain._cluster = next;
    return next;
  }
  if (chain._linked && !chain._linkFrom) {
    chain._linkFrom = from;
    chain._linkTo = next;
  } else setEntry(from, next);
  chain._cluster = next;
  if (++chain._index === chain._mark) marks.remember(chain);
  return next;
}

/** The cluster with that index in a chain, with clusters added where it ends; 0 if none is free. */
function grow(chain: Chain, index: number): number {
  if (!chain._first) add(chain, 0);
  let cluster = chain._first && reach(chain, index);
  while (!cluster && chain._first) {
    const next = add(chain, chain._cluster);
    if (!next) return 0;
    if (chain._index === index) cluster = next;
  }
  return cluster;
}

/**
 * Sets or clears the mark that says that changes are under way: a bit of FAT entry 1, on FAT12, whose entries have no room
 * for one, the bit in the boot sector that Linux and Windows use. Nothing else is written before it is on the medium: to set it
 * comes before every change, and does nothing where it is set.
 */
export function mark(clean: boolean): void {
  const v = fs;
  if (v._touched !== clean) return;
  const inBoot = v._type < 16;
  const i = inBoot ? 37 : v._type / 4 - 1;
  const bit = inBoot ? 1 : 2048 >> (v._type / 4);
  if (!v._wasDirty) {
    const b = load(v._data, inBoot ? 0 : v._fatStart, false);
    b[i] = (b[i] & ~bit) | (clean !== inBoot ? bit : 0);
    putData();
  }
  v._touched = !clean;
}

/**
 * Writes what was just changed in the window of data, which no file needs at that moment: the sector of a directory that is in
 * the other one is needed again.
 */
function putData(): void {
  fs._data._dirty = true;
  flush(fs._data);
  syncVolume();
}

/** Writes what is still in RAM, and marks the volume as clean; and what was counted since it was clean. */
export function settle(): void {
  const v = fs;
  const known = v._upTo > v._last;
  flush(v._data);
  syncVolume();
  if (v._fsInfo) {
    const free = known ? v._free : v._told;
    const mark = known ? infoMark(free) : 0;
    const b = load(v._data, v._fsInfo, false);
    putLe32(b, 488, free);
    putLe32(b, 492, v._next);
    putLe32(b, 496, mark);
    v._owed = !known;
    putData();
  }
  mark(true);
}

/**
 * Ends an operation that has made a change, and has given up a chain of clusters (0: none): what it changed is on the medium, and
 * where no file is open for writing the volume is marked as clean.
 */
export function finish(chain: number): void {
  const files = fs._files;
  let i = files.length;
  if (chain) freeChain(chain);
  while (i && !files[i - 1]._writable) i--;
  if (i) syncVolume();
  else settle();
}

/** Makes the 8.3 form of the name an alias that is unique in the directory: with `~1` to `~4`, then with a hash. */
export function makeAlias(): void {
  const v = fs;
  const short = v._short;
  let base = 0;
  let hash = 0;
  while (base < 6 && short[base] !== 32) base++;
  v._lossy = false;
  for (let n = 1; n < 5 || scan(v._dir, 0, true); n++) {
    for (let i = 0; i < v._length; i++) hash = (hash * 31 + v._name[i]) & 0xffff;
    const tail = n < 5 ? '~' + n : (hash + 0x10000).toString(16).substring(1).toUpperCase() + '~1';
    copy(short, Math.min(base, 8 - tail.length), encodeText(tail));
    if (n < 5 && !scan(v._dir, 0, true)) return;
  }
}

/** Fills a cluster with zeros, after `head`: it is on the medium before anything leads to it. */
export function clearCluster(cluster: number, head: Uint8Array): void {
  const v = fs;
  const step = Math.max(v._sectorSize, Math.min(v._clusterSize, 4096));
  const zeros = new Uint8Array(step);
  for (let k = v._clusterSize - step; k >= 0; k -= step) {
    if (!k) copy(zeros, 0, head);
    transfer(sectorOf(cluster) + k / v._sectorSize, zeros, true);
  }
  syncVolume();
}

/** Makes the 8.3 form unique, and room for the entries of the name, which was looked up in vain: before anything is changed for it. */
export function reserve(): void {
  const v = fs;
  const dir = v._dir;
  const room = dir ? MAX_SLOTS : (v._rootSectors * v._sectorSize) / 32;
  if (v._tail) makeAlias();
  if (v._hole + v._parts >= room) {
    // Last resort: a run that lies in two sectors.
    v._spread = true;
    scan(dir, 0, true);
    if (v._hole + v._parts >= room) fail(ENOSPC);
  }
  mark(false);
  while (slotAt(dir, v._hole + v._parts) < 0) {
    const tail = v._chain._cluster;
    const cluster = takeCluster(tail) || fail(ENOSPC);
    clearCluster(cluster, new Uint8Array(0));
    setEntry(tail, cluster);
    syncVolume();
  }
  // What was never used up to there must not look like the end.
  eraseSlots(dir, v._end, v._hole - 1);
}

/** Writes the entries of the name at `slot`, the last one from `_entry`. They are in the window then. */
export function putEntry(slot: number): void {
  const v = fs;
  const parts = v._parts;
  const e = v._entry;
  copy(e, 0, v._short);
  e[12] = parts ? 0 : v._case;
  mark(false);
  for (let part = parts; part >= 0; part--) {
    const at = slotAt(v._dir, slot + parts - part);
    const b = v._meta._buf;
    // What lies in the sector before comes first: an entry must not appear later, behind an end that has moved.
    if (!at) syncVolume();
    v._meta._dirty = true;
    v._sector = v._meta._sector;
    v._at = at;
    if (part) {
      putLe32(b, at + 26, 0);
      longEntry(b, at, part, PUT);
      b[at] = part === parts ? part | 64 : part;
      b[at + 11] = 15;
      b[at + 12] = 0;
      b[at + 13] = checksum(e, 0);
    } else copy(b, at, e);
  }
}

/** Marks slots as deleted, the 8.3 entry first. They name no cluster any more: one that comes back torn is an empty file. */
export function eraseSlots(dir: number, from: number, to: number): void {
  mark(false);
  for (; from <= to; to--) {
    const at = slotAt(dir, to);
    const b = fs._meta._buf;
    b[at] = DELETED;
    fill(b.subarray(at + 11, at + 32), 0);
    fs._meta._dirty = true;
  }
}

/** Makes `_entry` that of something new. */
export function newEntry(attr: number, cluster: number): void {
  const e = new Uint8Array(32);
  const time = present();
  fs._entry = e;
  e[11] = attr;
  putLe32(e, 14, time);
  putLe32(e, 18, time >>> 16);
  putLe32(e, 22, time);
  setCluster(e, 0, cluster);
}

export function setCluster(b: Uint8Array, at: number, cluster: number): void {
  b[at + 26] = cluster;
  b[at + 27] = cluster >> 8;
  b[at + 20] = cluster >> 16;
  b[at + 21] = cluster >> 24;
}

/** Makes the entry of a file ready, where one was looked up and not found: it is written when it is known what the file holds. */
export function createFile(): void {
  reserve();
  newEntry(ATTR_ARCHIVE, 0);
  fs._at = -1;
}

/** Writes it, before something else is looked up. */
export function place(): void {
  const v = fs;
  const f = v._made as OpenFile;
  putEntry(v._hole);
  f._sector = v._sector;
  f._at = v._at;
  v._made = undefined;
}

/** The entry of the file will have to be written. */
export function change(f: OpenFile): void {
  if (!f._writable) fail(EBADF);
  mark(false);
  f._changed = true;
}

/** Writes zeros up to `pos`. */
function fillGap(f: OpenFile, pos: number): void {
  const step = Math.max(fs._sectorSize, 4096);
  const zeros = new Uint8Array(Math.min(pos - f._size, step));
  // Whole sectors after the first piece.
  while (f._size < pos) move(f, f._size, zeros.subarray(0, Math.min(pos - f._size, step - (f._size % fs._sectorSize))), grow);
}

/** Writes `buf` at `pos`, zeros before it where the file ended earlier. @throws ENOSPC with as much written as there was room for; EFBIG */
export function writeAt(f: OpenFile, pos: number, buf: Uint8Array): void {
  change(f);
  if (pos + buf.length > 0xffffffff) fail(EFBIG);
  if (f._size < pos) fillGap(f, pos);
  move(f, pos, buf, grow);
}

/** Writes the directory entry. */
function writeEntry(f: OpenFile): void {
  if (fs._made === f) place();
  const b = loadMeta(f._sector);
  const at = f._at;
  const time = present();
  // What an empty file has reserved is nobody's on the medium.
  const first = f._size && f._first;
  b[at + 11] |= ATTR_ARCHIVE;
  putLe32(b, at + 18, time >>> 16);
  putLe32(b, at + 22, time);
  setCluster(b, at, first);
  putLe32(b, at + 28, f._size);
  fs._meta._dirty = true;
  syncVolume();
  f._linked = first > 0;
  f._changed = false;
}

/** Writes what a file has that is not on the medium. */
export function syncFile(f: OpenFile): void {
  if (!f._changed) return;
  flush(fs._data);
  syncVolume();
  if (f._linkFrom) {
    setEntry(f._linkFrom, f._linkTo);
    f._linkFrom = 0;
    syncVolume();
  }
  writeEntry(f);
}

/** Cuts the file off, or has it grow. */
export function truncate(f: OpenFile, size: number): void {
  if (size < f._size) shrink(f, size);
  else writeAt(f, size, new Uint8Array(0));
}

/** Cuts the file off, or the chain behind it. */
export function shrink(f: OpenFile, size: number): void {
  const v = fs;
  let rest = f._first;
  syncFile(f);
  change(f);
  f._size = size;
  if (!size) f._first = 0;
  writeEntry(f);
  if (size) {
    const tail = reach(f, Math.ceil(size / v._clusterSize) - 1);
    rest = nextCluster(tail);
    if (rest && !v._doubt) setEntry(tail, v._mask);
  }
  f._index = 0;
  f._cluster = f._first;
  f._marks = undefined;
  f._step = f._mark = FIRST_STEP;
  f._reserved = false;
  freeChain(rest);
  syncVolume();
}
