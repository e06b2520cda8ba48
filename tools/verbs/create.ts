/** Making volumes. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { VfsExFat } from '../../modules/exfat';
import { VfsFat } from '../../modules/fat';
import { VfsLfs1 } from '../../modules/littlefs1';
import { VfsLfs2 } from '../../modules/littlefs2';
import { atTime } from '../places/clock';
import { mediumDevice } from '../places/device';
import { type FormatName, formatOf, probed, type Volume } from '../places/formats';
import { FileMedium, type Keeping, type Medium, piece, windowOf } from '../places/medium';
import { isBlank, type Places, type Report, withPlaces } from '../places/open';
import { parsePart } from '../places/parse';
import { sizeOf } from '../places/size';
import { PlaceError } from '../places/tree';
import { VolumeTree } from '../places/volume';
import { UsageError } from '../usage';
import { limitNames } from './lfs2-limits';
import { romOf } from './romfs';
import { copyAttributes, epochOf, gather, type Source } from './source';

export type MadeFormat = Exclude<FormatName, 'wl-fat'>;

/** What a new volume is like. Sizes are bytes, or text as `4K`. */
export interface VolumeOptions {
  fs: MadeFormat;
  /** Bytes in a block of a littlefs (default 4096), or a sector of FAT and exFAT (512). */
  blockSize?: number | string;
  /** What the medium programs at once: littlefs only, default 32. */
  progSize?: number | string;
  /** Bytes of the longest name: littlefs 2 only, default 255. */
  nameMax?: number;
  /** littlefs 2 only; default 2.1. */
  diskVersion?: '2.0' | '2.1';
  /** FAT and exFAT only. */
  label?: string;
  /** FAT and exFAT only; by default what suits the size. */
  clusterSize?: number | string;
}

export interface CreateOptions extends VolumeOptions, Keeping {
  /** Bytes of the volume; `auto` is the least that what it holds has room in, and the default where it holds something. */
  size?: number | string;
  /** A directory, or a place in an image, whose content it gets. */
  from?: string;
  /** Where it begins in the image, or in what `into` names. */
  offset?: number | string;
  /** An image that is there, of which a part becomes the volume: `chip.bin#vfs`. */
  into?: string;
  /** `into` is an image of all of this board's flash, and its own volume is made. */
  board?: string;
  /** Also over what is there. Default false. */
  force?: boolean;
}

export interface Created {
  place: string;
  format: MadeFormat;
  /** Of the volume, in bytes. */
  size: number;
  used: number;
  free: number;
  files: number;
  directories: number;
}

export const AUTO = 'auto';

/**
 * Makes a volume, in an image file of its own or in a part of one. The same input gives the same bytes: times are those of the files, none
 * later than `SOURCE_DATE_EPOCH` if that is set.
 * @param image the file; undefined with `into`
 * @throws UsageError for options that do not fit; PlaceError, as ENOSPC where there is no room; then nothing is made
 */
export async function create(image: string | undefined, options: CreateOptions, report: Report = {}): Promise<Created> {
  checkOptions(options);
  if ((image === undefined) === (options.into === undefined)) throw new UsageError('give an image, or --into an image that is there');
  const { inPlace, board } = options;
  return withPlaces({ ...(inPlace && { inPlace }), ...(board && { board }) }, async (places) => {
    const source = await gather(places, options.from);
    return makeVolume(places, image, options, source, report);
  });
}

/** The same with what it is to hold, and in places that are open. */
export async function makeVolume(
  places: Places,
  image: string | undefined,
  options: CreateOptions,
  source: Source | undefined,
  report: Report,
): Promise<Created> {
  const offset = sizeOf(options.offset ?? 0, '--offset');
  const wanted = options.size ?? (source && !options.into ? AUTO : undefined);
  const part = partFor(places, image, options, offset);
  if (part?.board) return fillBoard(part, part.board, options, source, report);
  if (!part && wanted === undefined) throw new UsageError('give the size of the volume, as --size 1M');
  if (part && !options.force && !isBlank(part.medium))
    throw new UsageError(`${part.title} is not blank: --force writes over what is there`);
  const given = wanted === undefined || wanted === AUTO ? undefined : sizeOf(wanted, '--size');
  const rom = options.fs === 'rom' ? await romOf(source) : undefined;
  const size = given ?? (wanted === AUTO ? (rom?.length ?? (await leastSize(options, source))) : (part as { medium: Medium }).medium.size);
  if (part && size > part.medium.size) throw new UsageError(`${part.title} has ${part.medium.size} bytes, the volume would have ${size}`);
  const title = part?.title ?? (image as string);

  const made = part ? scratch(size, options) : new FileMedium(image as string, { size: offset + size, fill: formatOf(options.fs).fill });
  try {
    const target = part || !offset ? made : windowOf(made, offset, size, title);
    const result = rom ? fillRom(target, title, rom, source) : await fill(target, title, options, source, report);
    if (part) pour(made, part.medium, size);
    else made.keep();
    return result;
  } finally {
    made.close();
  }
}

/** Part of an image that is there; undefined for an image of its own. @throws UsageError for one that would be written over */
function partFor(places: Places, image: string | undefined, options: CreateOptions, offset: number) {
  const text = options.into ?? (image as string);
  const found = parsePart(text);
  const isWhole = !found || !Object.keys(found.part).length;
  if (options.into === undefined && isWhole) {
    if (existsSync(text) && !options.force) throw new UsageError(`${text} is there already: --force makes it anew`);
    return undefined;
  }
  const open = places.named(text);
  return { title: open.title, medium: windowOf(open.medium, offset, open.medium.size - offset, open.title), board: open.board };
}

function scratch(size: number, { fs }: VolumeOptions): FileMedium {
  return new FileMedium(join(tmpdir(), `microvfs-${process.pid}`), { size, fill: formatOf(fs).fill });
}

function pour(from: Medium, to: Medium, size: number): void {
  const step = 65536;
  for (let at = 0; at < size; at += step) to.write(at, piece(from, at, Math.min(step, size - at)));
}

function fillRom(medium: Medium, title: string, image: Uint8Array, source: Source | undefined): Created {
  if (image.length > medium.size)
    throw new PlaceError('ENOSPC', title, `the image has ${image.length} bytes, and there is room for ${medium.size}`);
  medium.write(0, image);
  const free = medium.size - image.length;
  return { place: title, format: 'rom', size: medium.size, ...countOf(source), used: image.length, free };
}

/** Makes the volume on a medium and copies into it. */
async function fill(medium: Medium, title: string, options: VolumeOptions, source: Source | undefined, report: Report): Promise<Created> {
  const epoch = epochOf(source);
  const tree = new VolumeTree(title, formatOf(options.fs), () => {
    const device = mediumDevice(medium, blockSizeOf(options));
    return format(device, medium, options, epoch);
  });
  const result = await copyInto(tree, source, epoch, report);
  return { place: title, format: options.fs, size: medium.size, ...countOf(source), ...result };
}

/** A board's own volume: its device is not simply bytes of the image. */
async function fillBoard(
  { title, medium }: { title: string; medium: Medium },
  device: BlockDevice,
  options: CreateOptions,
  source: Source | undefined,
  report: Report,
): Promise<Created> {
  for (const name of ['size', 'offset', 'blockSize', 'nameMax'] as const)
    if (options[name] !== undefined) throw new UsageError(`a board's own volume has its place and its blocks: give no ${name}`);
  if (options.fs === 'rom') throw new UsageError("a board's own volume is no ROMFS: 'microvfs romfs deploy' puts one into a partition");
  if (!options.force && probed(device)) throw new UsageError(`${title} holds a volume: --force writes over it`);
  const epoch = epochOf(source);
  const tree = new VolumeTree(title, formatOf(options.fs), () => format(device, medium, options, epoch));
  const result = await copyInto(tree, source, epoch, report);
  return { place: title, format: options.fs, size: result.used + result.free, ...countOf(source), ...result };
}

/** @returns how full the volume is then; it is closed */
async function copyInto(
  tree: VolumeTree,
  source: Source | undefined,
  epoch: number,
  report: Report,
): Promise<{ used: number; free: number }> {
  let done = 0;
  for (const { target, path, entry } of source?.files ?? []) {
    const mtime = Math.min(entry.mtime ?? epoch, epoch);
    if (entry.kind === 'directory') await tree.mkdir(target, mtime);
    else await tree.write(target, (source as Source).tree.read(path), mtime);
    atTime(mtime, () => copyAttributes((source as Source).tree, path, tree, target));
    done += entry.size;
    report.progress?.(done, (source as Source).bytes, target);
  }
  const { used, free } = await tree.usage();
  atTime(epoch, () => tree.close());
  return { used, free };
}

function countOf(source: Source | undefined): { files: number; directories: number } {
  const counts = { files: 0, directories: 0 };
  for (const { entry } of source?.files ?? []) counts[entry.kind === 'directory' ? 'directories' : 'files']++;
  return counts;
}

/** An empty volume on a device, which lies on a medium, mounted. */
function format(device: BlockDevice, medium: Medium, options: VolumeOptions, epoch: number): Volume {
  const { fs, label } = options;
  const bytes = (value: number | string | undefined, what: string) => (value === undefined ? undefined : sizeOf(value, what));
  const progsize = bytes(options.progSize, '--prog-size');
  const clusterSize = bytes(options.clusterSize, '--cluster-size');
  return atTime(epoch, () => {
    const sizes = progsize === undefined ? {} : { progsize };
    const made = { ...(clusterSize === undefined ? {} : { clusterSize }), ...(label === undefined ? {} : { label }) };
    if (fs === 'lfs2') {
      VfsLfs2.mkfs(device, { ...sizes, diskVersion: options.diskVersion === '2.0' ? 0x20000 : 0x20001 });
      if (options.nameMax !== undefined) limitNames(medium, blockSizeOf(options), options.nameMax);
    } else if (fs === 'lfs1') VfsLfs1.mkfs(device, sizes);
    else if (fs === 'fat') VfsFat.mkfs(device, made);
    else VfsExFat.mkfs(device, made);
    return formatOf(fs).create(device, sizes);
  });
}

function blockSizeOf({ fs, blockSize }: VolumeOptions): number {
  return blockSize === undefined ? (fs === 'lfs2' || fs === 'lfs1' ? 4096 : 512) : sizeOf(blockSize, '--block-size');
}

/** The least size that has room, but for ROMFS: tried, as what a format needs for itself depends on what it holds. */
async function leastSize(options: CreateOptions, source: Source | undefined): Promise<number> {
  const littlefs = options.fs === 'lfs2' || options.fs === 'lfs1';
  const unit = littlefs ? blockSizeOf(options) : options.fs === 'exfat' ? 65536 : 4096;
  const bytes = source?.bytes ?? 0;
  const floor = Math.max(Math.ceil(bytes / unit), { lfs2: 2, lfs1: 4, fat: 2, exfat: 32, rom: 1 }[options.fs]) - 1;
  /** What was used, if it had room. */
  const attempt = async (units: number): Promise<number | undefined> => {
    const medium = scratch(units * unit, options);
    try {
      return (await fill(medium, 'the volume', options, source, {})).used;
    } catch (error) {
      if ((error as PlaceError).code === 'ENOSPC') return undefined;
      throw error;
    } finally {
      medium.close();
    }
  };
  let high = Math.ceil(floor * 1.1) + (source?.files.length ?? 0) + 4;
  let used = await attempt(high);
  let low = floor;
  for (let tries = 0; used === undefined; tries++) {
    if (tries > 40) throw new UsageError('no size has room for it');
    low = high;
    high *= 2;
    used = await attempt(high);
  }
  // Of a littlefs what is in use is the least; from there it is seldom far.
  if (littlefs) low = Math.max(low, Math.ceil(used / unit) - 1);
  for (let step = 1; littlefs && low + step < high; step *= 2) {
    if ((await attempt(low + step)) !== undefined) high = low + step;
    else low += step;
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((await attempt(middle)) !== undefined) high = middle;
    else low = middle;
  }
  return high * unit;
}

/** What is for other formats is a mistake. */
export function checkOptions(options: CreateOptions): void {
  const only: [keyof VolumeOptions, string, MadeFormat[]][] = [
    ['progSize', '--prog-size', ['lfs2', 'lfs1']],
    ['nameMax', '--name-max', ['lfs2']],
    ['diskVersion', '--disk-version', ['lfs2']],
    ['label', '--label', ['fat', 'exfat']],
    ['clusterSize', '--cluster-size', ['fat', 'exfat']],
    ['blockSize', '--block-size', ['lfs2', 'lfs1', 'fat', 'exfat']],
  ];
  if (!['lfs2', 'lfs1', 'fat', 'exfat', 'rom'].includes(options.fs))
    throw new UsageError(`${options.fs}: a volume is made as lfs2, lfs1, fat, exfat or rom`);
  for (const [key, name, formats] of only)
    if (options[key] !== undefined && !formats.includes(options.fs))
      throw new UsageError(`${name} is for ${formats.join(' and ')}, not for ${options.fs}`);
  const { nameMax } = options;
  if (nameMax !== undefined && !(Number.isInteger(nameMax) && nameMax > 0 && nameMax < 1023))
    throw new UsageError(`--name-max ${nameMax}: a name has 1 to 1022 bytes`);
}
