/**
 * Where on a device volumes may lie: all of it, or the partitions of an MBR or a GPT (UEFI specification 2.10, chapter 5),
 * weighed so that what is meant comes first. A part that a device loads on demand.
 */

import { ECORRUPT, ENODEV, type VfsError, vfsError } from '../contract/errno';
import type { BlockDevice, Place } from '../contract/filesystem';
import { crc32, le32 } from '../engine';
import { readBlocks } from './blocks';
import type { Device, SectorWindow } from './device';
import * as foreign from './foreign.lazy';
import { openDevice } from './open';

/** Longer chains of extended partitions, and longer GPTs in bytes, are not followed. */
const MOST_LOGICAL = 100;
const MOST_GPT = 131072;

/** The little-endian 32-bit word at `i`. */
function word(b: Uint8Array, i: number): number {
  return le32(b, i) >>> 0;
}

/** A window in which nothing was read. */
export function openWindow(dev: Device): SectorWindow {
  return { _dev: dev, _buf: new Uint8Array(Math.max(512, dev._blockSize)), _sector: -1 };
}

/** Has a sector in the window: 0 or minus an errno, ENODEV for what lies outside the device. */
export function readSector(w: SectorWindow, sector: number): number {
  const dev = w._dev;
  const unit = w._buf.length / dev._blockSize;
  let status = 0;
  if (sector !== w._sector) {
    w._sector = -1;
    status = sector >= 0 && (sector + 1) * unit <= dev._blockCount ? readBlocks(dev, sector * unit, w._buf) : -ENODEV;
    if (!status) w._sector = sector;
  }
  return status;
}

/** Whether a sector ends as boot sectors and partition tables do. */
export function isSigned(buf: Uint8Array): boolean {
  return buf[510] === 0x55 && buf[511] === 0xaa;
}

function place(number: number, start: number, count: number, kind: string): Place {
  return { _number: number, _start: start, _count: count, _kind: kind };
}

/** What a type in an MBR, or the first word of one in a GPT, stands for if not for a user's volume. 66 is Windows' dynamic disks. */
function kindOf(type: number): string {
  const table =
    '|5:extended|15:extended|133:extended|238:GPT|239:EFI system|39:recovery|66:LDM|3240784680:EFI system' +
    '|3821658902:Microsoft reserved|3734289316:recovery|1476970666:LDM|2946195616:LDM|560488776:BIOS boot|';
  const row = table.split('|' + type + ':')[1];
  return row ? row.split('|')[0] : '';
}

/** The partitions in a sector that has a table of them: an MBR, or that of a logical partition. */
function rowsOf(buf: Uint8Array): Place[] {
  const rows: Place[] = [];
  for (let number = 1; number < 5; number++) {
    const at = 430 + number * 16;
    if (word(buf, at + 12)) rows.push(place(number, word(buf, at + 8), word(buf, at + 12), kindOf(buf[at + 4])));
  }
  return rows;
}

/**
 * Adds the logical partitions of the extended one at `first`, which are relative to their own table, the tables to the first of
 * them. A chain that is broken ends there.
 */
function addLogical(w: SectorWindow, first: number, list: Place[], primaries: number): void {
  const seen: number[] = [];
  for (let table = first; table && seen.indexOf(table) < 0 && seen.length < MOST_LOGICAL; ) {
    let next = 0;
    seen.push(table);
    if (readSector(w, table) || !isSigned(w._buf)) break;
    const rows = rowsOf(w._buf);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (row._kind !== 'extended') list.push(place(5 + list.length - primaries, table + row._start, row._count, row._kind));
      else next = next || first + row._start;
    }
    table = next;
  }
}

/** A 64-bit address, rounded where no device reaches. */
function address(b: Uint8Array, i: number): number {
  return word(b, i) + word(b, i + 4) * 4294967296;
}

/** The partitions of the GPT whose header lies at `sector`, those with the type of a user's data first; undefined if it is none. */
function readGpt(w: SectorWindow, sector: number, strict: boolean): Place[] | undefined {
  const buf = w._buf;
  const data: Place[] = [];
  const others: Place[] = [];
  // "EFI PART"
  if (readSector(w, sector) || word(buf, 0) !== 0x20494645 || word(buf, 4) !== 0x54524150) return undefined;
  const length = word(buf, 12);
  const crc = le32(buf, 16);
  const own = address(buf, 24);
  const table = address(buf, 72);
  const size = word(buf, 84);
  const bytes = word(buf, 80) * size;
  const tableCrc = le32(buf, 88);
  if (size < 128 || size & (size - 1) || size > buf.length || bytes > MOST_GPT) return undefined;
  if (strict) {
    if (length < 92 || length > buf.length || own !== sector) return undefined;
    // It counts as 0 itself.
    const before = crc32(crc32(-1, buf.subarray(0, 16)), new Uint8Array(4));
    if (~crc32(before, buf.subarray(20, length)) !== crc) return undefined;
  }
  let sum = -1;
  for (let done = 0; done < bytes; done += size) {
    const at = done % buf.length;
    if (!at) {
      if (readSector(w, table + done / buf.length)) return undefined;
      sum = crc32(sum, buf.subarray(0, Math.min(buf.length, bytes - done)));
    }
    const type = word(buf, at);
    const start = address(buf, at + 32);
    // Basic data.
    const to = type === 0xebd0a0a2 ? data : others;
    if (type || word(buf, at + 4)) to.push(place(done / size + 1, start, address(buf, at + 40) - start + 1, kindOf(type)));
  }
  return strict && ~sum !== tableCrc ? undefined : data.concat(others);
}

/**
 * The places of a device in the order of their weight. Partitions come before the device as a whole where the table is a
 * valid one: its entries lie within the device and do not overlap, all boot indicators are 0x00 or 0x80. (The code of a boot
 * sector hardly ever looks so, and an old boot sector often lies under a table.) A GPT counts from its first copy, else from
 * the one at the end; one whose checksums fail both times is better than none.
 * @param wanted one by its number
 * @throws what the device says
 */
export function listPlaces(w: SectorWindow, wanted: number | undefined): Place[] {
  const dev = w._dev;
  const buf = w._buf;
  const total = Math.floor((dev._blockCount * dev._blockSize) / buf.length);
  const status = wanted === 0 ? 0 : readSector(w, 0);
  const whole = place(0, 0, total, '');
  let list: Place[] = [];
  let valid = false;
  if (status) throw vfsError(status, 'mount');
  if (wanted !== 0 && isSigned(buf)) {
    const table = !((buf[446] | buf[462] | buf[478] | buf[494]) & 127);
    let sound = table;
    let gpt = false;
    list = rowsOf(buf).filter(function (row, i, rows) {
      const end = row._start + row._count;
      if (row._kind === 'GPT' && row._start === 1) gpt = table;
      else if (buf[434 + row._number * 16]) {
        valid = true;
        if (!row._start || end > total) sound = false;
        while (i--) if (row._start < rows[i]._start + rows[i]._count && end > rows[i]._start) sound = false;
      }
      return row._kind !== 'GPT' || row._start !== 1;
    });
    valid = gpt || (valid && sound);
    if (gpt) {
      let found: Place[] | undefined;
      for (let tries = 0; tries < 4 && !found; tries++) found = readGpt(w, tries & 1 ? total - 1 : 1, tries < 2);
      whole._kind = found ? 'GPT' : 'damaged GPT';
      list = found || list;
    }
    for (let i = 0, count = list.length; i < count && !gpt; i++)
      if (list[i]._kind === 'extended') addLogical(w, list[i]._start, list, count);
  }
  if (valid) list.push(whole);
  else list.unshift(whole);
  return wanted === undefined
    ? list
    : list.filter(function (one) {
        return one._number === wanted;
      });
}

/** The places of a device that is not open; none where its blocks are of a length that carries no tables. */
export function placesOn(bdev: BlockDevice): Place[] {
  const dev = openDevice(bdev, 'mount', true);
  return 4096 % dev._blockSize ? [] : listPlaces(openWindow(dev), undefined);
}

/** A format, for `findVolume`. */
export interface Sought {
  /** For what is damaged. */
  _name: string;
  /** Whether a volume begins at a place, the first sector of which the window has: 0, or an errno. */
  _look(place: Place, w: SectorWindow): number;
  /**
   * Takes one that begins at that block, with its first sector, which becomes its own; throws if it cannot. Undefined: nothing but
   * the error's number is told.
   */
  _take: ((start: number, sector: Uint8Array) => void) | undefined;
}

/**
 * Finds a volume: the whole device (`wanted` 0), a partition (from 1), or, for undefined, the first of all places that can be
 * taken. A boot sector under a valid partition table counts only where the partitions hold nothing known. Gives the error where
 * there is none: ENODEV, which tells what was found instead, ECORRUPT where it is damaged or larger than its place.
 * @throws what the device says of its partition table
 */
export function findVolume(dev: Device, wanted: number | undefined, sought: Sought): VfsError | undefined {
  const take = sought._take;
  let w = openWindow(dev);
  const places = listPlaces(w, wanted);
  const known: string[] = [];
  let failure = ENODEV;
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    const start = place._start;
    let problem = ENODEV;
    if (wanted !== undefined || !(place._kind || (i && !place._number && foreign.describe(w, places.slice(0, i), known, false))))
      // To look may have taken it out of the window.
      problem = -readSector(w, start) || sought._look(place, w) || -readSector(w, start);
    try {
      if (!problem && take) take((start * w._buf.length) / dev._blockSize, w._buf);
    } catch (error) {
      problem = error ? (error as { errno?: number }).errno || 0 : 0;
      if (!problem) throw error;
      w = openWindow(dev);
    }
    if (!problem) return undefined;
    if (failure === ENODEV) failure = problem;
    known.push(problem === ENODEV ? '' : problem === ECORRUPT ? 'damaged ' + sought._name : 'I/O error');
  }
  const found = take && (places.length ? foreign.describe(w, places, known, true) : 'no partition ' + wanted);
  return vfsError(failure, 'mount', '', found ? 'found ' + found : '');
}
