/** Making an exFAT volume: a part of its own, which a device fetches when it needs it. */
import { type Device, openDevice, syncDevice } from '../blockdev';
import { writeBlocks } from '../blockdev/blocks';
import { flag, optionsOf, whole } from '../contract/arguments';
import { fatTime } from '../contract/dosclock';
import { EINVAL, ENOSPC, EROFS, expect, vfsError } from '../contract/errno';
import type { BlockDevice } from '../contract/filesystem';
import { encodeText, fill, now, putLe32 } from '../engine';
import { bootSum, REGION } from './boot';
import { labelEntry } from './label';
import { putLe64 } from './sector';
import { putTable, TABLE_BYTES, TABLE_SUM } from './table';
import type { ExFatFormat } from './vfsexfat';

const MIB = 1048576;
const GIB = 1073741824;
/** The smallest volume. */
const LEAST = 2 * MIB;
/** Bytes that are written at once. */
const PIECE = 4096;

/** How a volume is laid out, in sectors from its start. */
interface Layout {
  _size: number;
  /** First sector of the device, and how many. */
  _start: number;
  _total: number;
  _perCluster: number;
  _fatStart: number;
  _fatSize: number;
  _heap: number;
  _count: number;
  /** Clusters of the bitmap and the up-case table; the root directory comes behind. */
  _mapClusters: number;
  _tableClusters: number;
}

function refuse(unless: unknown, what: string): void {
  if (!unless) throw vfsError(EINVAL, 'mkfs', '', what);
}

function up(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/**
 * Cluster and boundary by size. Above 32 GiB what the SD Association has for cards (File System Specification 3.00, appendix C.3):
 * the boundary unit is where partition and clusters begin, the FAT begins at half of one.
 */
function planFor(bytes: number, o: ExFatFormat, size: number): Layout {
  const large = bytes > 32 * GIB;
  const unit = bytes > 512 * GIB ? 64 : bytes > 128 * GIB ? 32 : 16;
  const number = function (value: number | undefined, otherwise: number, name: string, least: number, most: number): number {
    return value === undefined ? otherwise : whole(value, name, [least, most], { _operation: 'mkfs', _path: '' });
  };
  // `mkfs.exfat` makes nothing below 4 MiB.
  const align = large ? unit * MIB : bytes < 4 * MIB ? 65536 : MIB;
  const step = Math.max(number(o.align, align, 'align', 1, bytes) / size, 1);
  const usual = Math.max(size, large ? unit * 8192 : bytes > 256 * MIB ? 32768 : 4096);
  const perCluster = number(o.clusterSize, usual, 'clusterSize', size, 33554432) / size;
  refuse(step % 1 === 0, 'align');
  refuse(perCluster % 1 === 0 && !(perCluster & (perCluster - 1)), 'clusterSize');
  const start = flag(o.partition, 'partition') ? up(1, step) : 0;
  const total = Math.floor(bytes / size) - start;
  const fatStart = large && o.align === undefined ? step / 2 : up(start + REGION * 2, step) - start;
  // As if all were clusters.
  const entries = Math.max(Math.floor(total / perCluster), Math.floor((total - fatStart) / perCluster) + 2);
  const fatSize = up(Math.ceil((entries * 4) / size), perCluster);
  const heap = up(start + fatStart + fatSize, step) - start;
  const count = Math.min(Math.floor((total - heap) / perCluster), 0xfffffff5);
  const clusterSize = perCluster * size;
  return {
    _size: size,
    _start: start,
    _total: total,
    _perCluster: perCluster,
    _fatStart: fatStart,
    _fatSize: fatSize,
    _heap: heap,
    _count: count,
    _mapClusters: Math.ceil(Math.ceil(count / 8) / clusterSize),
    _tableClusters: Math.ceil(TABLE_BYTES / clusterSize),
  };
}

function write(dev: Device, l: Layout, sector: number, buf: Uint8Array): void {
  const status = writeBlocks(dev, (l._start + sector) * (l._size / dev._blockSize), buf);
  if (status) throw vfsError(status, 'mkfs');
}

/** Writes `bytes` bytes from `sector` on, whole sectors, zeros but for what `put` makes of each piece. */
function writeAll(dev: Device, l: Layout, place: { _sector: number; _bytes: number }, put: (b: Uint8Array, at: number) => void): void {
  const step = Math.max(PIECE, l._size);
  const end = up(place._bytes, l._size);
  const buf = new Uint8Array(step);
  for (let at = 0; at < end; at += step) {
    const piece = buf.subarray(0, Math.min(step, end - at));
    fill(piece, 0);
    put(piece, at);
    write(dev, l, place._sector + at / l._size, piece);
  }
}

/** The entry sets of the root directory: label, bitmap, up-case table. */
function putRoot(b: Uint8Array, l: Layout, label: Uint8Array): void {
  b.set(label);
  b[32] = 0x81;
  putLe32(b, 52, 2);
  putLe64(b, 56, Math.ceil(l._count / 8));
  b[64] = 0x82;
  putLe32(b, 68, TABLE_SUM);
  putLe32(b, 84, 2 + l._mapClusters);
  putLe64(b, 88, TABLE_BYTES);
}

/** Boot sector, extended boot sectors and their checksum: the copy first. */
function writeBoot(dev: Device, l: Layout): void {
  const size = l._size;
  const used = l._mapClusters + l._tableClusters + 1;
  const id = fatTime(now()) ^ (now() << 7);
  for (let region = REGION; region >= 0; region -= REGION) {
    let sum = 0;
    let first: Uint8Array | undefined;
    for (let sector = 0; sector < REGION; sector++) {
      const b = new Uint8Array(size);
      if (!sector) {
        b.set([0xeb, 0x76, 0x90]);
        b.set(encodeText('EXFAT   '), 3);
        putLe64(b, 64, l._start);
        putLe64(b, 72, l._total);
        putLe32(b, 80, l._fatStart);
        putLe32(b, 84, l._fatSize);
        putLe32(b, 88, l._heap);
        putLe32(b, 92, l._count);
        putLe32(b, 96, used + 1);
        putLe32(b, 100, id);
        b[105] = 1;
        while (1 << b[108] < size) b[108]++;
        while (1 << b[109] < l._perCluster) b[109]++;
        b[110] = 1;
        b[111] = 0x80;
        b[112] = Math.floor((used / l._count) * 100);
        // INT 18h, for a PC that boots from it, and halt.
        b.set([0xcd, 0x18, 0xf4, 0xeb, 0xfd], 120);
        b[510] = 0x55;
        b[511] = 0xaa;
        first = b;
      } else if (sector < 9) {
        b[size - 2] = 0x55;
        b[size - 1] = 0xaa;
      } else if (sector === REGION - 1) for (let i = 0; i < size; i += 4) putLe32(b, i, sum);
      sum = bootSum(sum, b, sector);
      // The boot sector comes last: until then there is no volume.
      if (sector) write(dev, l, region + sector, b);
    }
    write(dev, l, region, first as Uint8Array);
  }
}

/**
 * Makes an empty volume. Without options: laid out as `mkfs.exfat` does up to 32 GiB, and as the SD Association wants it above.
 * @throws EINVAL for options that fit no volume of this size, TypeError for those of another type, ENOSPC where the device is
 *   too small for any, EROFS
 */
export function format(bdev: BlockDevice, options?: ExFatFormat): void {
  const o = optionsOf(options);
  const dev = openDevice(bdev, 'mkfs', true);
  const size = Math.max(512, dev._blockSize);
  const bytes = dev._blockCount * dev._blockSize;
  refuse(!(4096 % dev._blockSize), 'size of a block');
  expect(o.label === undefined || typeof o.label === 'string', 'label');
  const l = planFor(bytes, o, size);
  const label = labelEntry(o.label || '');
  const root = new Uint8Array(96);
  const used = l._mapClusters + l._tableClusters + 1;
  if (!bdev.writeblocks) throw vfsError(EROFS, 'mkfs');
  if (bytes < LEAST) throw vfsError(ENOSPC, 'mkfs');
  refuse(l._count > used, 'clusterSize and align for this device');
  refuse(label, 'label');
  putRoot(root, l, label as Uint8Array);

  const b = new Uint8Array(size);
  // What was there is gone before anything else is written.
  write(dev, l, -l._start, b);
  if (l._start) write(dev, l, 1 - l._start, b);
  write(dev, l, 0, b);
  writeAll(dev, l, { _sector: l._fatStart, _bytes: l._fatSize * size }, function (fat, at) {
    for (let i = 0; i < fat.length && at / 4 + i / 4 < used + 2; i += 4) {
      const c = (at + i) / 4;
      const last = c === 1 + l._mapClusters || c === 1 + l._mapClusters + l._tableClusters || c === used + 1;
      putLe32(fat, i, !c ? 0xfffffff8 : c < 2 || last ? 0xffffffff : c + 1);
    }
  });
  writeAll(dev, l, { _sector: l._heap, _bytes: Math.ceil(l._count / 8) }, function (map, at) {
    for (let i = 0; i < map.length && (at + i) * 8 < used; i++) map[i] = (1 << Math.min(8, used - (at + i) * 8)) - 1;
  });
  const table = new Uint8Array(TABLE_BYTES);
  putTable(table);
  writeAll(dev, l, { _sector: l._heap + l._mapClusters * l._perCluster, _bytes: TABLE_BYTES }, function (piece, at) {
    piece.set(table.subarray(at, Math.min(at + piece.length, TABLE_BYTES)));
  });
  writeAll(dev, l, { _sector: l._heap + (used - 1) * l._perCluster, _bytes: l._perCluster * size }, function (piece, at) {
    if (!at) piece.set(root);
  });
  writeBoot(dev, l);
  if (l._start) {
    b[510] = 0x55;
    b[511] = 0xaa;
    // Addresses in cylinders, heads and sectors are not used any more: the highest there are.
    putLe32(b, 446, 0xfffffe00 | 0);
    putLe32(b, 450, 0xfffffe07 | 0);
    putLe32(b, 454, l._start);
    putLe32(b, 458, Math.min(l._total, 0xffffffff));
    write(dev, l, -l._start, b);
  }
  const status = syncDevice(dev);
  if (status) throw vfsError(status, 'mkfs');
}
