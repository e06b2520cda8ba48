/** The formats by their names on the command line, and how an image that carries one is opened. */

import { WearLevelling } from '../../modules/blockdev/wear-levelling';
import type { Alone, BlockDevice, Driver, FileSystem, VfsFile } from '../../modules/contract/filesystem';
import { le32 } from '../../modules/engine';
import { exfat, VfsExFat } from '../../modules/exfat';
import { fat, VfsFat } from '../../modules/fat';
import '../../modules/fat/codepages';
import { levelledFat } from '../../modules/fat/levelled';
import { littlefs1, VfsLfs1 } from '../../modules/littlefs1';
import { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
import { romfs, VfsRom } from '../../modules/romfs';
import { standAlone } from '../../modules/vfs/alone.lazy';
import { mediumDevice } from './device';
import { type Medium, piece } from './medium';
import '../../modules/exfat/check';
import '../../modules/fat/check/levelled';
import '../../modules/littlefs1/check/fsck';
import '../../modules/littlefs2/check/fsck';

// As `register` does it, without making them known to autodetection.
for (const driver of [littlefs2, littlefs1, romfs, exfat, fat]) driver.alone ??= standAlone;

export type FormatName = 'lfs2' | 'lfs1' | 'rom' | 'exfat' | 'wl-fat' | 'fat';

type Methods = 'ilistdir' | 'mkdir' | 'rmdir' | 'remove' | 'rename' | 'stat' | 'statvfs' | 'utime' | 'umount';

/** A volume that is used by itself. */
export interface Volume extends Required<Pick<FileSystem, Methods>>, Alone {
  open(path: string, mode?: string): VfsFile;
  getattr?(path: string, type: number): Uint8Array | undefined;
  setattr?(path: string, type: number, value: Uint8Array): void;
  listattr?(path: string): number[];
  label?(): string;
  volumeId?(): number;
}

export interface Format {
  name: FormatName;
  /** As people say it. */
  title: string;
  driver: Driver;
  /** Bytes in a block of a device on which it lies. */
  blockSize(medium: Medium): number;
  /** @param sizes of a littlefs, instead of the usual */
  create(device: BlockDevice, sizes?: { progsize?: number }): Volume;
  /** Whether it keeps times of files, and how exactly, in seconds; 0: none. */
  times: number;
  /** What a medium made for it is filled with: 0xFF where it erases. */
  fill: number;
}

/**
 * The block size that the superblock of a littlefs tells, in block 0 or, where that is lost, in block 1; 0 for none. It is 16 bytes
 * behind the magic of littlefs 2, and 12 before that of littlefs 1 (SPEC.md of each, "Superblock").
 */
export function toldBlockSize(medium: Medium, version: 1 | 2): number {
  const [magic, size] = version === 2 ? [8, 24] : [40, 28];
  const told = (at: number): number => {
    if (medium.size < at + 48) return 0;
    const head = piece(medium, at, 48);
    return latin1(head, magic, 8) === 'littlefs' ? le32(head, size) >>> 0 : 0;
  };
  const first = told(0);
  if (first >= 104 && first <= 0x80000 && first % 8 === 0) return first;
  for (let each = 128; each <= 0x80000; each *= 2) if (told(each) === each) return each;
  return 0;
}

/** So many bytes as text, a character each. */
function latin1(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

const isSector = (size: number): boolean => [512, 1024, 2048, 4096].includes(size);

/** Bytes of a sector by a boot sector of FAT, or 512. */
function fatSector(medium: Medium): number {
  const head = piece(medium, 0, 16);
  const size = head[11] | (head[12] << 8);
  return (head[0] === 0xeb || head[0] === 0xe9) && isSector(size) ? size : 512;
}

function exfatSector(medium: Medium): number {
  const head = piece(medium, 0, 128);
  const size = latin1(head, 3, 8) === 'EXFAT   ' ? 1 << (head[108] & 31) : 512;
  return isSector(size) ? size : 512;
}

/** Bytes of parsed metadata that littlefs 2 may keep: what a device has no room for. */
const TABLES = 16 * 1024 * 1024;

/** In the order of asking. */
export const formats: Format[] = [
  {
    name: 'lfs2',
    title: 'littlefs 2',
    driver: littlefs2,
    blockSize: (medium) => toldBlockSize(medium, 2) || 4096,
    create: (device, sizes) => new VfsLfs2(device, { ...sizes, tables: TABLES }) as unknown as Volume,
    times: 0.001,
    fill: 0xff,
  },
  {
    name: 'lfs1',
    title: 'littlefs 1',
    driver: littlefs1,
    blockSize: (medium) => toldBlockSize(medium, 1) || 4096,
    create: (device, sizes) => new VfsLfs1(device, sizes) as unknown as Volume,
    times: 0,
    fill: 0xff,
  },
  {
    name: 'rom',
    title: 'ROMFS',
    driver: romfs,
    blockSize: () => 512,
    create: (device) => new VfsRom(device) as unknown as Volume,
    times: 0,
    fill: 0xff,
  },
  {
    name: 'exfat',
    title: 'exFAT',
    driver: exfat,
    blockSize: exfatSector,
    create: (device) => new VfsExFat(device) as unknown as Volume,
    times: 2,
    fill: 0,
  },
  {
    name: 'wl-fat',
    title: 'FAT under wear levelling',
    driver: levelledFat,
    blockSize: () => 4096,
    create: (device) => new VfsFat(new WearLevelling(device)) as unknown as Volume,
    times: 2,
    fill: 0xff,
  },
  {
    name: 'fat',
    title: 'FAT',
    driver: fat,
    blockSize: fatSector,
    create: (device) => new VfsFat(device) as unknown as Volume,
    times: 2,
    fill: 0,
  },
];

export const formatNames: FormatName[] = formats.map(({ name }) => name);

export function formatOf(name: FormatName): Format {
  return formats.find((format) => format.name === name) as Format;
}

/** A device over the medium as a format wants it. ROMFS may end within a block. */
export function deviceFor(format: Format, medium: Medium, blockSize = format.blockSize(medium)): BlockDevice {
  return mediumDevice(medium, blockSize, format.name === 'rom' ? Math.ceil(medium.size / blockSize) : undefined);
}

/** What a medium carries, however damaged: what the first of the drivers recognises. */
export function detect(medium: Medium): Format | undefined {
  return medium.size < 4 ? undefined : recognised((format) => deviceFor(format, medium));
}

/** What a board's device carries. */
export function probed(device: BlockDevice): Format | undefined {
  return recognised(() => device);
}

function recognised(deviceOf: (format: Format) => BlockDevice): Format | undefined {
  return formats.find((format) => {
    try {
      return format.driver.probe(deviceOf(format));
    } catch {
      // What cannot be asked is none of this kind.
      return false;
    }
  });
}
