import { closeSync, constants, copyFileSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import colors from 'picocolors';
import type { Native } from '../boards/devices/esp32/native';
import { findPartition, listPartitions } from '../boards/devices/esp32/table.lazy';
import '../modules/fat/codepages';
import '../modules/exfat/check';
import '../modules/fat/check/levelled';
import '../modules/littlefs1/check/fsck';
import type { CheckOptions, Finding } from '../modules/contract/check';
import type { BlockDevice, Driver } from '../modules/contract/filesystem';
import { exfat } from '../modules/exfat';
import { fat } from '../modules/fat';
import { levelledFat } from '../modules/fat/levelled';
import { littlefs1 } from '../modules/littlefs1';
import { VfsLfs2 } from '../modules/littlefs2';
import { type FsckResult, fsckLfs2 } from '../modules/littlefs2/check/fsck';
import { salvageLfs2 } from '../modules/littlefs2/check/salvage';
import { UsageError } from './usage';

export interface FsckCommandOptions {
  type?: string;
  blockSize?: number;
  offset?: number;
  size?: number;
  partition?: string;
  repair?: boolean;
  output?: string;
}

interface Kind {
  name: string;
  driver: Driver;
  /** Bytes in a block of an image that the driver is to look at. */
  blockSize(volume: Uint8Array): number;
}

/** What is checked by what its driver has for it, in the order of asking; littlefs 2 can be saved into a new volume besides. */
const KINDS: Record<string, Kind> = {
  lfs1: { name: 'littlefs 1', driver: littlefs1, blockSize: (volume) => toldBlockSize(volume, 1) || 4096 },
  exfat: { name: 'exFAT', driver: exfat, blockSize: () => 512 },
  'wl-fat': { name: 'FAT under wear levelling', driver: levelledFat, blockSize: () => 4096 },
  fat: { name: 'FAT', driver: fat, blockSize: () => 512 },
};

export const fsckTypes = ['lfs2', ...Object.keys(KINDS)];

/** Exit codes. */
const SOUND = 0;
const FINDINGS = 1;

type Print = (line: string) => void;

/** `microvfs fsck`. Gives the exit code; what cannot be opened is a `UsageError`. */
export function fsck(path: string, options: FsckCommandOptions, print: Print = console.log): number {
  const image = readImage(path);
  const [start, end] = windowOf(image, path, options);
  const volume = image.subarray(start, end);
  if (options.repair && !options.output && existsSync(path + '.bak'))
    throw new UsageError(`${path}.bak is there already: move it away, or give --output`);
  const type = options.type ?? typeOf(volume, options);
  const repaired = type === 'lfs2' ? checkLfs2(volume, image, path, options, print) : checkBy(type, volume, path, options, print);
  if (typeof repaired === 'number') return repaired;
  const content = Buffer.from(image);
  content.set(repaired.volume, start);
  const target = options.output ?? path;
  if (!options.output) copyFileSync(path, path + '.bak', constants.COPYFILE_EXCL);
  replaceFile(target, content);
  print(`Written to ${target}${options.output ? '' : `; what it was is in ${path}.bak`}.`);
  return repaired.complete ? SOUND : FINDINGS;
}

/** Checks, and if asked to repairs a copy. Gives that, or the exit code where there is nothing to write. */
function checkLfs2(volume: Uint8Array, image: Uint8Array, path: string, options: FsckCommandOptions, print: Print): Repaired | number {
  const blockSize = options.blockSize ?? (options.partition === undefined ? detectBlockSize(volume, image, options.type) : 4096);
  if (blockSize < 128 || blockSize > 0x80000 || blockSize % 32) throw new UsageError(`a block size of ${blockSize} is not possible`);
  if (volume.length < 2 * blockSize) throw new UsageError(`${path}: ${volume.length} bytes are less than two blocks of ${blockSize}`);

  const result = fsckLfs2(imageDevice(volume, blockSize), { onFinding: (finding) => print(line(finding)) });
  print(summary(result));
  if (!options.repair) return result.sound ? SOUND : FINDINGS;
  if (result.sound) {
    print('Nothing to repair.');
    return SOUND;
  }
  const repaired = finish(volume, result, print) ?? rescue(volume, result, print);
  if (repaired) return repaired;
  print(colors.red('Not repaired; nothing was written.'));
  return FINDINGS;
}

/** The same by what a driver has for it. */
function checkBy(type: string, volume: Uint8Array, path: string, options: FsckCommandOptions, print: Print): Repaired | number {
  const { name, driver, blockSize } = KINDS[type];
  const copy = volume.slice();
  const device = imageDevice(copy, options.blockSize ?? blockSize(volume));
  const partition = numberOf(options);
  const where = partition === undefined ? {} : { partition };
  const look = (more: CheckOptions): Finding[] => driver.check?.(device, { ...where, ...more }) ?? [];
  let findings: Finding[];
  try {
    findings = look({ repair: !!options.repair, onFinding: (finding) => print(line(finding)) });
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
  const of = (level: string) => findings.filter((finding) => finding.level === level).length;
  const bad = of('error') + of('warning');
  print(`${name}: ${bad ? `${count(of('error'), 'error')}, ${count(of('warning'), 'warning')}` : colors.green('sound')}`);
  if (!bad || !options.repair) return bad ? FINDINGS : SOUND;
  if (look({}).some(({ level }) => level !== 'info')) {
    print(colors.red('Not repaired; nothing was written.'));
    return FINDINGS;
  }
  print('Repaired.');
  return { volume: copy, complete: !of('error') };
}

/** What lies in an image: what one of the drivers recognises, else littlefs 2. */
function typeOf(volume: Uint8Array, options: FsckCommandOptions): string {
  if (toldBlockSize(volume)) return 'lfs2';
  for (const [type, kind] of Object.entries(KINDS)) {
    const blockSize = options.blockSize ?? kind.blockSize(volume);
    try {
      if (volume.length >= 2 * blockSize && kind.driver.probe(imageDevice(volume, blockSize))) return type;
    } catch {
      // What cannot be asked is none of this kind.
    }
  }
  return 'lfs2';
}

interface Repaired {
  volume: Uint8Array;
  /** Whether nothing was lost. */
  complete: boolean;
}

/** Finishes what is half-done, on a copy; undefined unless that makes the volume sound. */
function finish(volume: Uint8Array, found: FsckResult, print: Print): Repaired | undefined {
  if (found.errors) return undefined;
  const copy = volume.slice();
  const result = fsckLfs2(imageDevice(copy, found.blockSize), { mtime: false, repair: true });
  if (!result.sound) return undefined;
  print('Repaired: what was half-done is finished. ' + summary(result));
  return { volume: copy, complete: true };
}

/** Copies what can be read into a fresh volume; undefined if there is nothing, or that is not sound either. */
function rescue(volume: Uint8Array, found: FsckResult, print: Print): Repaired | undefined {
  const { blockSize } = found;
  const source = imageDevice(volume, blockSize);
  const target = (cachesize?: number) => {
    const fresh = volume.slice();
    fresh.fill(0xff, 0, found.blockCount * blockSize);
    const device = imageDevice(fresh, blockSize, found.blockCount);
    VfsLfs2.mkfs(device, { diskVersion: found.version === '2.0' ? 0x20000 : 0x20001 });
    const to = new VfsLfs2(device, { mtime: false, cachesize });
    to.mount(false, false);
    const saved = salvageLfs2(source, to);
    to.umount();
    return { fresh, device, saved };
  };
  let made = target();
  // Where inline files were as large as the format allows, a full volume may need that again.
  if (blockSize > 1024 && made.saved.findings.some(({ message }) => message.includes('ENOSPC'))) made = target(blockSize >> 3);
  const { fresh, device, saved } = made;
  for (const finding of saved.findings) print('salvage: ' + line(finding));
  const result = fsckLfs2(device);
  if (!result.sound || !(saved.files || saved.directories)) return undefined;
  const entries = `${count(saved.files, 'file')} (${saved.bytes} bytes) and ${count(saved.directories, 'directory', 'directories')}`;
  print(`Salvaged into a new volume: ${entries}. ` + summary(result));
  return { volume: fresh, complete: saved.complete };
}

/** A block device over bytes in memory; it erases to 0xFF. */
function imageDevice(bytes: Uint8Array, blockSize: number, blockCount = Math.floor(bytes.length / blockSize)): BlockDevice {
  const at = (block: number, offset: number | undefined) => block * blockSize + (offset ?? 0);
  return {
    readblocks: (block, buf, offset) => buf.set(bytes.subarray(at(block, offset), at(block, offset) + buf.length)),
    writeblocks: (block, buf, offset) => bytes.set(buf, at(block, offset)),
    ioctl: (op, arg) => {
      if (op === 6) bytes.fill(0xff, at(arg, 0), at(arg + 1, 0));
      return op === 4 ? blockCount : op === 5 ? blockSize : 0;
    },
  };
}

function readImage(path: string): Uint8Array {
  try {
    // No Buffer, whose `slice` is no copy.
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  }
}

/** An ESP32 whose flash is the image, to look for partitions in. */
function chipOf(image: Uint8Array): Native {
  const read = (length: number, addr: number): Uint8Array => {
    const bytes = new Uint8Array(length).fill(0xff);
    bytes.set(image.subarray(addr, addr + length));
    return bytes;
  };
  const getPage = (addr: number) => (addr >= 0 && addr < image.length ? { addr: addr - (addr % 4096), length: 4096 } : undefined);
  const flash = { read, getPage, getFree: () => [], erasePage: () => {}, write: () => {} };
  return { flash, require: undefined };
}

/** The number of a partition of a card, undefined for a label. */
function numberOf({ type, partition }: FsckCommandOptions): number | undefined {
  return type !== 'lfs2' && /^\d+$/.test(partition ?? '') ? Number(partition) : undefined;
}

/** Where in the image the volume lies. */
function windowOf(image: Uint8Array, path: string, options: FsckCommandOptions): [number, number] {
  if (options.partition !== undefined && numberOf(options) === undefined) {
    if (options.offset !== undefined || options.size !== undefined)
      throw new UsageError('--partition says where the volume lies: give no --offset or --size');
    try {
      const [, , addr, size] = findPartition(chipOf(image), options.partition, undefined);
      return [addr, addr + size];
    } catch (error) {
      throw new UsageError(`${path}: ${(error as Error).message}${labels(image)}`);
    }
  }
  const start = options.offset ?? 0;
  const end = options.size === undefined ? image.length : start + options.size;
  if (start >= image.length || end > image.length) throw new UsageError(`${path} has only ${image.length} bytes`);
  return [start, end];
}

/** The labels of the image's data partitions, to choose from. */
function labels(image: Uint8Array): string {
  try {
    const all = listPartitions(chipOf(image), 1, {}).map((entry) => entry[4]);
    return all.length ? `; the partition table has ${all.join(', ')}` : '';
  } catch {
    return '';
  }
}

/**
 * The block size that the superblock of a littlefs tells, in block 0 or, where that is lost, in block 1; 0 for none. It is 16 bytes
 * behind the magic of littlefs 2, and 12 before that of littlefs 1 (SPEC.md of each, "Superblock").
 */
function toldBlockSize(volume: Uint8Array, version = 2): number {
  const [magic, size] = version === 2 ? [8, 24] : [40, 28];
  const view = Buffer.from(volume.buffer, volume.byteOffset, volume.length);
  const told = (at: number): number =>
    view.length >= at + 48 && view.toString('latin1', at + magic, at + magic + 8) === 'littlefs' ? view.readUInt32LE(at + size) : 0;
  const first = told(0);
  if (first >= 128 && first <= 0x80000 && first % 32 === 0) return first;
  for (let each = 128; each <= 0x80000; each *= 2) if (told(each) === each) return each;
  return 0;
}

/** The block size that a littlefs 2 tells. */
function detectBlockSize(volume: Uint8Array, image: Uint8Array, type: string | undefined): number {
  const told = toldBlockSize(volume);
  if (told) return told;
  const choice = labels(image);
  const what = type ? 'no littlefs 2 superblock' : 'no volume that is known';
  throw new UsageError(`${what} here; give ${choice ? `--partition${choice}` : '--block-size to check for littlefs 2 all the same'}`);
}

const COLOURS = { error: colors.red, warning: colors.yellow, info: colors.dim };

/** One line, whatever the names hold. */
function line({ level, code, path, message }: Finding): string {
  const plain = `${path || 'volume'}: ${message} [${code}]`.replace(
    /\p{Cc}/gu,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `${COLOURS[level](level)}: ${plain}`;
}

function count(n: number, one: string, many = one + 's'): string {
  return `${n} ${n === 1 ? one : many}`;
}

function summary(r: FsckResult): string {
  const size = `${count(r.blockCount, 'block')} of ${r.blockSize} bytes, ${r.used} used`;
  const what = `${r.version ? 'littlefs ' + r.version : 'unknown version'}, ${size}; ${count(r.files, 'file')}, ${count(r.directories, 'directory', 'directories')}`;
  const state = r.sound ? colors.green('sound') : `${count(r.errors, 'error')}, ${count(r.warnings, 'warning')}`;
  return `${what}: ${state}`;
}

/** Writes a file so that at any time either the old or the whole new content is there. */
function replaceFile(path: string, content: Buffer): void {
  const fresh = path + '.new';
  try {
    const fd = openSync(fresh, 'w');
    try {
      for (let done = 0; done < content.length; ) done += writeSync(fd, content, done);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw new UsageError(`cannot write ${path}: ${(error as Error).message}`);
  }
}
