/** Telling what a device holds where nothing can be mounted, by the marks of well-known formats. Seldom wanted: a part to load on demand. */

import type { BlockDevice, Place } from '../contract/filesystem';
import { le32 } from '../engine';
import { readBlocks } from './blocks';
import type { SectorWindow } from './device';
import { openDevice, readPiece } from './open';

/** "litt" */
const LITT = 0x7474696c;

/**
 * The little-endian 32-bit word at a byte of the device, 0 where none can be read. Four bytes at once where the device can: that
 * takes no memory of blocks of any length.
 */
function wordAt(w: SectorWindow, at: number): number {
  const dev = w._dev;
  const size = dev._blockSize;
  const block = Math.floor(at / size);
  const b = w._buf;
  if (dev._extended || b.length !== size) {
    const piece = new Uint8Array(4);
    return readPiece(dev, block, at % size, piece) ? 0 : le32(piece, 0);
  }
  if ((at % size) + 4 > size) return 0;
  if (w._sector !== block) {
    w._sector = -1;
    if (readBlocks(dev, block, b)) return 0;
    w._sector = block;
  }
  return le32(b, at % size);
}

/**
 * Whether ESP-IDF's wear levelling lies under a volume on this device: its blocks are not where they seem to be. It keeps
 * its configuration in the last 4096 bytes (`WL_Config.h`: size of the partition, of a page, of a sector).
 */
export function holdsWear(w: SectorWindow): boolean {
  const dev = w._dev;
  const size = dev._blockCount * dev._blockSize;
  const at = size - 4096;
  return wordAt(w, at + 4) >>> 0 === size && wordAt(w, at + 8) % 4096 === 0 && wordAt(w, at + 12) === 4096;
}

/** Whether at that byte lies a boot sector of FAT, in bundles without FAT too, by what `parseBoot` asks for. */
function holdsFat(w: SectorWindow, at: number): boolean {
  const jump = wordAt(w, at) & 255;
  const media = wordAt(w, at + 21) & 255;
  const sizes = wordAt(w, at + 11);
  const size = sizes & 0xffff;
  const perCluster = (sizes >> 16) & 255;
  return (
    (jump === 0xeb || (jump | 1) === 0xe9 || media === 0xf0 || media > 0xf7) &&
    size > 511 &&
    !(size & (size - 1)) &&
    perCluster > 0 &&
    !(perCluster & (perCluster - 1)) &&
    (wordAt(w, at + 16) & 255) > 0
  );
}

/** The name of what lies in a place, '' for nothing that is known. */
function nameOf(w: SectorWindow, place: Place): string {
  const unit = w._dev._blockSize;
  const from = place._start * Math.max(512, unit);
  // Offset of the mark, its first four bytes, or two if it has no more, and whose it is.
  const marks = [0, 0xcdd2, 'ROMFS', 3, 0x41465845, 'exFAT', 3, 0x5346544e, 'NTFS', 1080, 0xef53, 'ext'];
  // littlefs has its mark in the first block, or if that is lost in the second.
  for (let at = 0; at <= unit; at += unit) marks.push(at + 8, LITT, 'littlefs 2', at + 40, LITT, 'littlefs 1');
  for (let i = 0; i < marks.length; i += 3) {
    const mark = marks[i + 1] as number;
    if ((wordAt(w, from + (marks[i] as number)) & (mark < 65536 ? 65535 : -1)) === mark) return marks[i + 2] as string;
  }
  const isFat = holdsFat(w, from);
  if (!place._number && (holdsWear(w) || (!isFat && holdsFat(w, 4096)))) return 'FAT under the wear levelling of ESP-IDF';
  if (isFat) return 'FAT';
  return wordAt(w, from + 508) >>> 16 === 0xaa55 ? 'boot sector' + (place._number ? '' : ' or partition table') : '';
}

/**
 * What the places hold, one after the other; '' where that is nothing known.
 * @param known what a driver knows of them already
 * @param all also that there are partitions in which nothing is known
 */
export function describe(w: SectorWindow, places: Place[], known: string[], all: boolean): string {
  const parts: string[] = [];
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    // Under a valid table nothing is looked for.
    const name = known[i] || place._kind || (place._number || !i ? nameOf(w, place) : '');
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
  const w = { _dev: dev, _buf: new Uint8Array(dev._extended ? 0 : dev._blockSize), _sector: -1 };
  return describe(w, places.length ? places : [{ _number: 0, _start: 0, _count: dev._blockCount, _kind: '' }], [], true);
}
