import { constants, copyFileSync, existsSync } from 'node:fs';
import colors from 'picocolors';
import type { CheckOptions, Finding } from '../modules/contract/check';
import type { BlockDevice } from '../modules/contract/filesystem';
import { VfsLfs2 } from '../modules/littlefs2';
import { type FsckResult, fsckLfs2 } from '../modules/littlefs2/check/fsck';
import { salvageLfs2 } from '../modules/littlefs2/check/salvage';
import { count, printable } from './commands/common';
import { boardDevice } from './places/board';
import { mediumDevice } from './places/device';
import { FileMedium } from './places/file-medium';
import { type Format, type FormatName, formatNames, formatOf, formats, toldBlockSize } from './places/formats';
import type { Medium } from './places/medium';
import { titleOf } from './places/open';
import { type Part, parsePart } from './places/parse';
import { espPartitions, partOf } from './places/partitions';
import { FAILED, UsageError } from './usage';

export interface FsckCommandOptions {
  type?: string;
  blockSize?: number;
  offset?: number;
  size?: number;
  partition?: string;
  repair?: boolean;
  output?: string;
  board?: string;
}

export const fsckTypes: FormatName[] = formatNames.filter((name) => name !== 'rom');

/** Exit code. */
const SOUND = 0;

type Print = (line: string) => void;

/** What is checked: a volume in an image that is read as it is wanted, and changed in a layer above. */
interface Target {
  image: FileMedium;
  volume: Medium;
  title: string;
}

/** The volume, as often as somebody wants to change it without that counting. */
type Open = () => Target;

/** `microvfs fsck`. Gives the exit code; what cannot be opened is a `UsageError`. */
export function fsck(place: string, options: FsckCommandOptions, print: Print = console.log): number {
  const opened: FileMedium[] = [];
  const open: Open = () => {
    const { host, part } = partFor(place, options);
    const image = new FileMedium(host);
    opened.push(image);
    const title = titleOf(host, part);
    try {
      return { image, volume: partOf(image, part, title).medium, title };
    } catch (error) {
      throw new UsageError(`${(error as Error).message}${part.partition === undefined ? '' : labels(image)}`);
    }
  };
  try {
    return run(open, options, print);
  } finally {
    for (const image of opened) image.close();
  }
}

function run(open: Open, options: FsckCommandOptions, print: Print): number {
  const target = open();
  const { path } = target.image;
  const backup = path + '.bak';
  if (options.repair && !options.output && existsSync(backup))
    throw new UsageError(`${backup} is there already: move it away, or give --output`);
  const type = (options.type as FormatName | undefined) ?? typeOf(target.volume, options);
  const repaired = type === 'lfs2' ? checkLfs2(open, target, options, print) : checkBy(formatOf(type), target, options, print);
  if (typeof repaired === 'number') return repaired;
  if (!options.output) copyFileSync(path, backup, constants.COPYFILE_EXCL);
  repaired.image.keep(options.output === undefined ? {} : { as: options.output });
  print(`Written to ${options.output ?? path}${options.output ? '' : `; what it was is in ${backup}`}.`);
  return repaired.complete ? SOUND : FAILED;
}

/** Where the volume lies: as the place says, or the options that were there before places. */
function partFor(place: string, options: FsckCommandOptions): { host: string; part: Part } {
  const { host, part } = parsePart(place) ?? { host: place, part: {} };
  const { offset, size, partition } = options;
  const placed = offset !== undefined || size !== undefined;
  if ((partition !== undefined || Object.keys(part).length) && placed)
    throw new UsageError(`${partition === undefined ? place : '--partition'} says where the volume lies: give no --offset or --size`);
  if (placed) return { host, part: { ...(offset !== undefined && { offset }), ...(size !== undefined && { size }) } };
  return { host, part: partition === undefined || numberOf(options) !== undefined ? part : { partition } };
}

/** Checks, and if asked to repairs. Gives the image, or the exit code where there is nothing to write. */
function checkLfs2(open: Open, target: Target, options: FsckCommandOptions, print: Print): Repaired | number {
  const { volume, title } = target;
  const named = options.partition !== undefined;
  const blockSize = options.blockSize ?? (named ? toldBlockSize(volume, 2) || 4096 : detectBlockSize(target, options.type));
  if (blockSize < 128 || blockSize > 0x80000 || blockSize % 32) throw new UsageError(`a block size of ${blockSize} is not possible`);
  if (volume.size < 2 * blockSize) throw new UsageError(`${title}: ${volume.size} bytes are less than two blocks of ${blockSize}`);

  const result = fsckLfs2(mediumDevice(volume, blockSize), { onFinding: (finding) => print(line(finding)) });
  print(summary(result));
  if (!options.repair) return result.sound ? SOUND : FAILED;
  if (result.sound) {
    print('Nothing to repair.');
    return SOUND;
  }
  const repaired = finish(open, result, print) ?? rescue(open, result, print);
  if (repaired) return repaired;
  print(colors.red('Not repaired; nothing was written.'));
  return FAILED;
}

/** The same by what a driver has for it. */
function checkBy(format: Format, { image, volume, title }: Target, options: FsckCommandOptions, print: Print): Repaired | number {
  const device = options.board
    ? boardDevice(options.board, volume, title)
    : mediumDevice(volume, options.blockSize ?? format.blockSize(volume));
  const partition = numberOf(options);
  const where = partition === undefined ? {} : { partition };
  const look = (more: CheckOptions): Finding[] => format.driver.check?.(device, { ...where, ...more }) ?? [];
  let findings: Finding[];
  try {
    findings = look({ repair: !!options.repair, onFinding: (finding) => print(line(finding)) });
  } catch (error) {
    throw new UsageError(`${title}: ${(error as Error).message}`);
  }
  const of = (level: string) => findings.filter((finding) => finding.level === level).length;
  const bad = of('error') + of('warning');
  print(`${format.title}: ${bad ? `${count(of('error'), 'error')}, ${count(of('warning'), 'warning')}` : colors.green('sound')}`);
  if (!bad || !options.repair) return bad ? FAILED : SOUND;
  if (look({}).some(({ level }) => level !== 'info')) {
    print(colors.red('Not repaired; nothing was written.'));
    return FAILED;
  }
  print('Repaired.');
  return { image, complete: !of('error') };
}

/** What lies in an image: what one of the drivers recognises, else littlefs 2. */
function typeOf(volume: Medium, options: FsckCommandOptions): FormatName {
  const found = formats.find((format) => {
    if (!fsckTypes.includes(format.name)) return false;
    const blockSize = options.blockSize ?? format.blockSize(volume);
    if (format.name === 'lfs2') return !!toldBlockSize(volume, 2);
    try {
      const device = options.board ? boardDevice(options.board, volume, options.board) : mediumDevice(volume, blockSize);
      return volume.size >= 2 * blockSize && format.driver.probe(device);
    } catch {
      // What cannot be asked is none of this kind.
      return false;
    }
  });
  return found?.name ?? 'lfs2';
}

interface Repaired {
  image: FileMedium;
  /** Whether nothing was lost. */
  complete: boolean;
}

/** Finishes what is half-done; undefined unless that makes the volume sound. */
function finish(open: Open, found: FsckResult, print: Print): Repaired | undefined {
  if (found.errors) return undefined;
  const { image, volume } = open();
  const result = fsckLfs2(mediumDevice(volume, found.blockSize), { mtime: false, repair: true });
  if (!result.sound) return undefined;
  print('Repaired: what was half-done is finished. ' + summary(result));
  return { image, complete: true };
}

/** Copies what can be read into a fresh volume; undefined if there is nothing, or that is not sound either. */
function rescue(open: Open, found: FsckResult, print: Print): Repaired | undefined {
  const { blockSize } = found;
  const source = mediumDevice(open().volume, blockSize);
  const target = (cachesize?: number) => {
    const { image, volume } = open();
    const device: BlockDevice = mediumDevice(volume, blockSize, found.blockCount);
    for (let block = 0; block < found.blockCount; block++) device.ioctl?.(6, block);
    VfsLfs2.mkfs(device, { diskVersion: found.version === '2.0' ? 0x20000 : 0x20001 });
    const to = new VfsLfs2(device, { mtime: false, cachesize });
    to.mount(false, false);
    const saved = salvageLfs2(source, to);
    to.umount();
    return { image, device, saved };
  };
  let made = target();
  // Where inline files were as large as the format allows, a full volume may need that again.
  if (blockSize > 1024 && made.saved.findings.some(({ message }) => message.includes('ENOSPC'))) made = target(blockSize >> 3);
  const { image, device, saved } = made;
  for (const finding of saved.findings) print('salvage: ' + line(finding));
  const result = fsckLfs2(device);
  if (!result.sound || !(saved.files || saved.directories)) return undefined;
  const entries = `${count(saved.files, 'file')} (${saved.bytes} bytes) and ${count(saved.directories, 'directory', 'directories')}`;
  print(`Salvaged into a new volume: ${entries}. ` + summary(result));
  return { image, complete: saved.complete };
}

/** The number of a partition of a card, undefined for a label. */
function numberOf({ type, partition }: FsckCommandOptions): number | undefined {
  return type !== 'lfs2' && /^\d+$/.test(partition ?? '') ? Number(partition) : undefined;
}

/** The labels of the image's data partitions, to choose from. */
function labels(image: Medium): string {
  try {
    const all = (espPartitions(image, '') ?? []).filter(({ type }) => type === 1).map(({ label }) => label);
    return all.length ? `; the partition table has ${all.join(', ')}` : '';
  } catch {
    return '';
  }
}

/** The block size that a littlefs 2 tells. */
function detectBlockSize({ volume, image }: Target, type: string | undefined): number {
  const told = toldBlockSize(volume, 2);
  if (told) return told;
  const choice = labels(image);
  const what = type ? 'no littlefs 2 superblock' : 'no volume that is known';
  throw new UsageError(`${what} here; give ${choice ? `--partition${choice}` : '--block-size to check for littlefs 2 all the same'}`);
}

const COLOURS = { error: colors.red, warning: colors.yellow, info: colors.dim };

/** One line, whatever the names hold. */
function line({ level, code, path, message }: Finding): string {
  return `${COLOURS[level](level)}: ${printable(`${path || 'volume'}: ${message} [${code}]`)}`;
}

function summary(r: FsckResult): string {
  const size = `${count(r.blockCount, 'block')} of ${r.blockSize} bytes, ${r.used} used`;
  const what = `${r.version ? 'littlefs ' + r.version : 'unknown version'}, ${size}; ${count(r.files, 'file')}, ${count(r.directories, 'directory', 'directories')}`;
  const state = r.sound ? colors.green('sound') : `${count(r.errors, 'error')}, ${count(r.warnings, 'warning')}`;
  return `${what}: ${state}`;
}
