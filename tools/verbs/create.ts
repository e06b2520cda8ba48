/** Making volumes. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { FileMedium, type Keeping } from '../places/file-medium';
import { formatOf, probed } from '../places/formats';
import { isBlank, type Medium, piece, windowOf } from '../places/medium';
import { type Places, withPlaces } from '../places/open';
import { parsePart } from '../places/parse';
import type { Report } from '../places/report';
import { sizeOf } from '../places/size';
import { PlaceError } from '../places/tree';
import { VolumeTree } from '../places/volume';
import { UsageError } from '../usage';
import { type Created, checkOptions, copyInto, countOf, fill, format, leastSize, romOf, type VolumeOptions } from './make';
import { epochOf, gather, type Source } from './source';

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
  const size =
    given ??
    (wanted === AUTO
      ? (rom?.length ?? (await leastSize(options, source, timeOf(source), (least) => scratch(least, options))))
      : (part as { medium: Medium }).medium.size);
  if (part && size > part.medium.size) throw new UsageError(`${part.title} has ${part.medium.size} bytes, the volume would have ${size}`);
  const title = part?.title ?? (image as string);

  const made = part ? scratch(size, options) : new FileMedium(image as string, { size: offset + size, fill: formatOf(options.fs).fill });
  try {
    const target = part || !offset ? made : windowOf(made, offset, size, title);
    const result = rom ? fillRom(target, title, rom, source) : await fill(target, title, options, source, timeOf(source), report);
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
  const epoch = timeOf(source);
  const tree = new VolumeTree(title, formatOf(options.fs), () => format(device, medium, options, epoch));
  const result = await copyInto(tree, source, epoch, report);
  return { place: title, format: options.fs, size: result.used + result.free, ...countOf(source), ...result };
}

/** `SOURCE_DATE_EPOCH` as reproducible builds have it: nothing gets a later time. */
function timeOf(source: Source | undefined): number {
  const text = process.env.SOURCE_DATE_EPOCH;
  return epochOf(source, text && /^\d+$/.test(text) ? Number(text) : undefined);
}
