/** Telling what a device holds where nothing can be mounted, by the marks of well-known formats. Seldom wanted: a part to load on demand. */
import type { BlockDevice } from '../filesystem';
import type { Device } from './device';
import { openDevice, readPiece } from './open';
import { holdsWear, isSigned, listPlaces, type Place } from './partitions';

/** What is read at once. */
const PIECE = 512;

/** The name of what lies in a place, '' for nothing that is known. */
function nameOf(dev: Device, place: Place): string {
  const unit = dev._blockSize;
  const from = place._start * Math.max(PIECE, unit);
  const end = Math.min(unit * dev._blockCount, from + place._count * Math.max(PIECE, unit));
  const b = new Uint8Array(Math.min(PIECE, unit));
  // Offset of the mark, the mark (text or 16 bits), whose it is; by offset, so that each piece is read once.
  const marks = [0, 'XFSB', 'XFS', 0, 'LUKS', 'LUKS', 0, 0xcdd2, 'ROMFS', 3, 'EXFAT   ', 'exFAT', 3, 'NTFS    ', 'NTFS'];
  // littlefs has its mark in the first block, or if that is lost in the second.
  marks.push(3, '-FVE-FS-', 'BitLocker', 8, 'littlefs', 'littlefs 2', 40, 'littlefs', 'littlefs 1', unit + 8, 'littlefs', 'littlefs 2');
  marks.push(unit + 40, 'littlefs', 'littlefs 1', 1026, 0xf2f5, 'F2FS', 1080, 0xef53, 'ext', 65600, '_BHRfS_M', 'btrfs');
  let piece = -1;

  /** Has the byte at `at` in `b`; gives where, -1 if it cannot be read. */
  function reach(at: number): number {
    const start = from + at - ((from + at) % b.length);
    if (piece !== start) {
      piece = start;
      if (start + b.length > end || readPiece(dev, Math.floor(start / unit), start % unit, b)) piece = -1;
    }
    return piece < 0 ? -1 : from + at - start;
  }

  /** A boot sector of FAT, in bundles without FAT too. */
  function isFat(at: number): boolean {
    return (
      !reach(at) &&
      b.length === PIECE &&
      isSigned(b) &&
      (b[0] | 2) === 0xeb &&
      !b[11] &&
      b[12] > 0 &&
      !(b[12] & (b[12] - 1)) &&
      !!b[13] &&
      !!b[16]
    );
  }

  for (let i = 0; i < marks.length; i += 3) {
    const mark = marks[i + 1] as string;
    const at = reach(marks[i] as number);
    let same = at >= 0;
    if (typeof mark === 'number') same = same && (b[at] | (b[at + 1] << 8)) === mark;
    else for (let k = 0; k < mark.length; k++) same = same && b[at + k] === mark.charCodeAt(k);
    if (same) return marks[i + 2] as string;
  }
  if (!place._number && (holdsWear(dev) || (!isFat(0) && isFat(4096)))) return 'FAT under the wear levelling of ESP-IDF';
  if (isFat(0)) return 'FAT';
  return !reach(0) && b.length === PIECE && isSigned(b) ? (place._number ? 'boot sector' : 'boot sector or empty partition table') : '';
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

/** What the device holds, as far as it is known here. @throws what the device says */
export function tellHeld(bdev: BlockDevice): string {
  const told = bdev.held && bdev.held();
  // What no driver of ours could use may be somebody's own.
  if (told || !(bdev.ioctl || bdev.count)) return told || '';
  const dev = openDevice(bdev, 'mount', true);
  // Blocks of other lengths carry no tables.
  const whole: Place = { _number: 0, _start: 0, _count: dev._blockCount, _kind: '' };
  return describe(dev, 4096 % dev._blockSize ? [whole] : listPlaces(dev, undefined), [], true);
}
