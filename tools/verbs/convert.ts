/** Getting out what a volume holds: extract, convert. */
import type { Keeping } from '../places/file-medium';
import { type PlaceOptions, withPlaces } from '../places/open';
import { ownPartitions } from '../places/partitions';
import type { Report } from '../places/report';
import { makeDirectories, PlaceError } from '../places/tree';
import { UsageError } from '../usage';
import { type Copied, cp } from './copy';
import { AUTO, type CreateOptions, makeVolume } from './create';
import { type Created, checkOptions, type VolumeOptions } from './make';
import { gather, type Source } from './source';

/**
 * Copies all that a volume holds into a directory of the host, which is made if it is missing, with times.
 * @throws PlaceError, UsageError
 */
export async function extract(image: string, directory: string, options: PlaceOptions = {}, report: Report = {}): Promise<Copied> {
  const whole = await withPlaces(options, async (places) => {
    // First, so that nothing is made for an image that is not there.
    const { tree, path, place } = places.open(image, 'volume');
    if ((await tree.stat(path))?.kind !== 'directory') throw new PlaceError('ENOTDIR', image, 'no such directory');
    await makeDirectories(places.open(directory, 'file').tree, directory);
    return !place.inside;
  });
  const from = whole ? image + ':/' : image.replace(/\/*$/, '/');
  return cp([from], directory, { ...options, recursive: true, preserve: true }, report);
}

export interface ConvertOptions extends Partial<VolumeOptions>, Keeping {
  /** Of the new volume; by default that of the old one. `auto` is the least that has room. */
  size?: number | string;
  /** Also over an image that is there. Default false; to convert an image itself needs none. */
  force?: boolean;
}

/**
 * Makes another volume with what one holds: of another format, with other blocks, larger or smaller.
 * @param to the image that is made, or the old one itself
 * @throws as `create`; the old one is untouched then
 */
export function convert(from: string, to: string, options: ConvertOptions = {}, report: Report = {}): Promise<Created> {
  return withPlaces({ inPlace: options.inPlace }, async (places) => {
    const part = places.named(from);
    const old = places.formatOf(part);
    const [first] = from === to ? ownPartitions(part.medium) : [];
    if (first) throw new UsageError(`${from} has partitions, which would be gone: name one, as ${from}#${first.number}`);
    if (old.name === 'wl-fat' && from === to && !options.fs)
      throw new UsageError(`${from}: ${old.title} is not made; --fs says what it is to become`);
    const fs = options.fs ?? (old.name === 'wl-fat' ? 'fat' : old.name);
    const source = (await gather(places, from)) as Source;
    const same = fs === old.name;
    const made: CreateOptions = { ...options, fs, force: options.force || from === to };
    if (same && options.blockSize === undefined && fs !== 'rom') made.blockSize = old.blockSize(part.medium);
    if (same && fs === 'fat' && options.label === undefined) made.label = (places.volume(part).volume.label?.() || undefined) as string;
    made.size = options.size ?? (fs === 'rom' ? AUTO : part.medium.size);
    if (made.label === undefined) delete made.label;
    checkOptions(made);
    return makeVolume(places, to, made, source, report);
  });
}
