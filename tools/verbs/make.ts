/** An empty volume of any format, and one with what is to be in it, on any medium. */
import type { BlockDevice } from '../../modules/contract/filesystem';
import { VfsExFat } from '../../modules/exfat';
import { VfsFat } from '../../modules/fat';
import { VfsLfs1 } from '../../modules/littlefs1';
import { VfsLfs2 } from '../../modules/littlefs2';
import { type RomTree, romfs } from '../../modules/romfs';
import { atTime } from '../places/clock';
import { mediumDevice } from '../places/device';
import { type FormatName, formatOf, type Volume } from '../places/formats';
import type { Medium } from '../places/medium';
import type { Report } from '../places/report';
import { sizeOf } from '../places/size';
import { type PlaceError, readAll } from '../places/tree';
import { VolumeTree } from '../places/volume';
import { UsageError } from '../usage';
import { limitNames } from './lfs2-limits';
import { copyAttributes, type Source } from './source';

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

/** What is for other formats is a mistake. */
export function checkOptions(options: VolumeOptions): void {
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

/** Makes the volume on a medium and copies into it. @param epoch what has no time gets that one, and nothing a later; seconds since 1970 */
export async function fill(
  medium: Medium,
  title: string,
  options: VolumeOptions,
  source: Source | undefined,
  epoch: number,
  report: Report,
): Promise<Created> {
  const tree = new VolumeTree(title, formatOf(options.fs), () => {
    const device = mediumDevice(medium, blockSizeOf(options));
    return format(device, medium, options, epoch);
  });
  const result = await copyInto(tree, source, epoch, report);
  return { place: title, format: options.fs, size: medium.size, ...countOf(source), ...result };
}

/** @returns how full the volume is then; it is closed */
export async function copyInto(
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

export function countOf(source: Source | undefined): { files: number; directories: number } {
  const counts = { files: 0, directories: 0 };
  for (const { entry } of source?.files ?? []) counts[entry.kind === 'directory' ? 'directories' : 'files']++;
  return counts;
}

/** An empty volume on a device, which lies on a medium, mounted. */
export function format(device: BlockDevice, medium: Medium, options: VolumeOptions, epoch: number): Volume {
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

/**
 * The least size that has room, but for ROMFS: tried, as what a format needs for itself depends on what it holds.
 * @param scratch a medium to try it on
 */
export async function leastSize(
  options: VolumeOptions,
  source: Source | undefined,
  epoch: number,
  scratch: (size: number) => Medium & { close(): void },
): Promise<number> {
  const littlefs = options.fs === 'lfs2' || options.fs === 'lfs1';
  const unit = littlefs ? blockSizeOf(options) : options.fs === 'exfat' ? 65536 : 4096;
  const bytes = source?.bytes ?? 0;
  const floor = Math.max(Math.ceil(bytes / unit), { lfs2: 2, lfs1: 4, fat: 2, exfat: 32, rom: 1 }[options.fs]) - 1;
  /** What was used, if it had room. */
  const attempt = async (units: number): Promise<number | undefined> => {
    const medium = scratch(units * unit);
    try {
      return (await fill(medium, 'the volume', options, source, epoch, {})).used;
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

/** An image of ROMFS of what was gathered. */
export async function romOf(source: Source | undefined, align = 1): Promise<Uint8Array> {
  const content: RomTree = {};
  for (const { target, path, entry } of source?.files ?? [])
    content[target.slice(1)] = entry.kind === 'directory' ? {} : await readAll((source as Source).tree, path);
  return romfs.build(content, { align });
}
