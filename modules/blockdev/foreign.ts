/** Telling what a device holds where nothing can be mounted, by the marks of well-known formats. Seldom wanted: a part to load on demand. */

import type { BlockDevice, Place } from '../contract/filesystem';
import { le32 } from '../engine';
import type { Device } from './device';
import { openDevice, readPiece } from './open';

/** What is read at once. */
const PIECE = 512;
/** "litt" */
const LITT = 0x7474696c;

/**
 * Whether ESP-IDF's wear levelling lies under a volume on this device: its blocks are not where they seem to be. It keeps
 * its configuration in the last 4096 bytes (`WL_Config.h`: size of the partition, of a page, of a sector).
 */
export function holdsWear(dev: Device): boolean {
  const unit = dev._blockSize;
  const block = dev._blockCount - 4096 / unit;
  const b = new Uint8Array(Math.min(PIECE, unit));
  return (
    block % 1 === 0 &&
    !readPiece(dev, block, 0, b) &&
    le32(b, 4) >>> 0 === dev._blockCount * unit &&
    le32(b, 8) % 4096 === 0 &&
    le32(b, 12) === 4096
  );
}

/** The name of what lies in a place, '' for nothing that is known. */
function nameOf(dev: Device, place: Place): string {
  const unit = dev._blockSize;
  const from = place._start * Math.max(PIECE, unit);
  const end = Math.min(unit * dev._blockCount, from + place._count * Math.max(PIECE, unit));
  const step = Math.min(PIECE, unit);
  const b = new Uint8Array(PIECE - (PIECE % step));
  // Offset of the mark, its first four bytes, or two if it has no more, and whose it is.
  const marks = [0, 0xcdd2, 'ROMFS', 3, 0x41465845, 'exFAT', 3, 0x5346544e, 'NTFS', 1080, 0xef53, 'ext'];
  // littlefs has its mark in the first block, or if that is lost in the second.
  for (let at = 0; at <= unit; at += unit) marks.push(at + 8, LITT, 'littlefs 2', at + 40, LITT, 'littlefs 1');
  let piece = -1;

  /** Has the byte at `at` in `b`; gives where, -1 if it cannot be read. */
  function reach(at: number): number {
    const start = from + at - ((from + at) % b.length);
    if (piece !== start) {
      piece = start;
      if (start + b.length > end) piece = -1;
      for (let k = 0; k < b.length && piece >= 0; k += step)
        if (readPiece(dev, Math.floor((start + k) / unit), (start + k) % unit, b.subarray(k, k + step))) piece = -1;
    }
    return piece < 0 ? -1 : from + at - start;
  }

  /** A boot sector of FAT, in bundles without FAT too, by what `parseBoot` asks for. */
  function isFat(at: number): boolean {
    return (
      !reach(at) &&
      b.length === PIECE &&
      (b[0] === 0xeb || (b[0] | 1) === 0xe9 || b[21] === 0xf0 || b[21] > 0xf7) &&
      !b[11] &&
      b[12] > 1 &&
      !(b[12] & (b[12] - 1)) &&
      !!b[13] &&
      !(b[13] & (b[13] - 1)) &&
      !!b[16]
    );
  }

  for (let i = 0; i < marks.length; i += 3) {
    const mark = marks[i + 1] as number;
    const at = reach(marks[i] as number);
    if (at >= 0 && (le32(b, at) & (mark < 65536 ? 65535 : -1)) === mark) return marks[i + 2] as string;
  }
  if (!place._number && (holdsWear(dev) || (!isFat(0) && isFat(4096)))) return 'FAT under the wear levelling of ESP-IDF';
  if (isFat(0)) return 'FAT';
  return !reach(0) && b[510] === 0x55 && b[511] === 0xaa ? 'boot sector' + (place._number ? '' : ' or partition table') : '';
}

/**
 * What the places hold, one after the other; '' where that is nothing known.
 * @param known what a driver knows of them already
 * @param all also that there are partitions in which nothing is known
 */
export function describe(dev: Device, places: Place[], known: string[], all: boolean): string {
  const parts: string[] = [];
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    // Under a valid table nothing is looked for.
    const name = known[i] || place._kind || (place._number || !i ? nameOf(dev, place) : '');
    const number = place._number;
    if (name || (number && all)) parts.push((number ? 'partition ' + number + ': ' : '') + (name || 'nothing known'));
  }
  return parts.join(', ');
}

/**
 * What the device holds, as far as it is known here.
 * @param placesOf where volumes may lie on it; without that it is looked at as a whole
 * @throws what the device says
 */
export function tellHeld(bdev: BlockDevice, placesOf?: (bdev: BlockDevice) => Place[]): string {
  const told = bdev.held && bdev.held();
  // What no driver of ours could use may be somebody's own.
  if (told || !(bdev.ioctl || bdev.count)) return told || '';
  const places = placesOf ? placesOf(bdev) : [];
  const dev = openDevice(bdev, 'mount', true);
  return describe(dev, places.length ? places : [{ _number: 0, _start: 0, _count: dev._blockCount, _kind: '' }], [], true);
}
