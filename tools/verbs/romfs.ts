/** ROMFS as mpremote has it: build, deploy, query; and migrate, from littlefs 1 to 2. */
import { readFileSync, writeFileSync } from 'node:fs';
import { eraseBlock, openDevice, progAt, syncDevice } from '../../modules/blockdev';
import { migrateLfs1 } from '../../modules/migrate';
import { romSize } from '../dump/romfs';
import { mediumDevice } from '../places/device';
import { toldBlockSize } from '../places/formats';
import { memoryMedium } from '../places/medium';
import { type PlaceOptions, withPlaces } from '../places/open';
import { kindOnHost } from '../places/parse';
import type { Report } from '../places/report';
import { UsageError } from '../usage';
import { romOf } from './make';
import { gather } from './source';

export interface RomBuildOptions extends PlaceOptions {
  /** The content of each file begins at a multiple of so many bytes, a power of two. Default 1. */
  align?: number;
}

/**
 * An image of ROMFS of a folder, or a place in an image.
 * @throws UsageError, PlaceError
 */
export function romImage(from: string, options: RomBuildOptions = {}): Promise<Uint8Array> {
  return withPlaces(options, async (places) => {
    return romOf(await gather(places, from), options.align);
  });
}

/** The same, written to a file. @returns its bytes */
export async function romBuild(from: string, output: string, options: RomBuildOptions = {}): Promise<number> {
  const image = await romImage(from, options);
  try {
    writeFileSync(output, image);
  } catch (error) {
    throw new UsageError(`cannot write ${output}: ${(error as Error).message}`);
  }
  return image.length;
}

/** A place for images of ROMFS, and what it holds. */
export interface RomPlaceInfo {
  place: string;
  /** Bytes of the place. */
  size: number;
  /** Bytes of the image in it, 0 for none. */
  used: number;
}

/** What a place for images holds. @throws UsageError if it is not there */
export function romQuery(place: string, options?: PlaceOptions): Promise<RomPlaceInfo> {
  return withPlaces(options, (places) => {
    const { medium, title } = places.named(place);
    return { place: title, size: medium.size, used: romSize(medium) };
  });
}

/**
 * Writes an image of ROMFS to its place: one of a folder, or one that was built.
 * @param from a folder, or an image of ROMFS
 * @throws UsageError if it has no room there; nothing is written then
 */
export async function romDeploy(from: string, place: string, options: RomBuildOptions = {}, report: Report = {}): Promise<RomPlaceInfo> {
  const image =
    kindOnHost(from) === 'file'
      ? new Uint8Array(readFileSync(from))
      : await romImage(from, { ...options, board: undefined } as RomBuildOptions);
  if (romSize(memoryMedium(image)) !== image.length) throw new UsageError(`${from} is no image of ROMFS: 'microvfs romfs build' makes one`);
  return withPlaces(options, (places) => {
    const { medium, title } = places.named(place);
    if (image.length > medium.size)
      throw new UsageError(`${title}: the image has ${image.length} bytes, and there is room for ${medium.size}`);
    // As flash is written: whole sectors, erased first.
    const dev = openDevice(mediumDevice(medium, SECTOR, Math.ceil(medium.size / SECTOR)), 'romfs');
    for (let at = 0; at < image.length; at += SECTOR) {
      const bytes = image.subarray(at, at + SECTOR);
      if (at + SECTOR <= medium.size) eraseBlock(dev, at / SECTOR);
      progAt(dev, at / SECTOR, 0, bytes);
      report.progress?.(Math.min(at + SECTOR, image.length), image.length, title);
    }
    syncDevice(dev);
    return { place: title, size: medium.size, used: image.length };
  });
}

const SECTOR = 4096;

/**
 * Makes a littlefs 1 one of littlefs 2, in its place: files stay where they are.
 * @throws UsageError if it is none; the driver's errors, as ENOSPC without room for the directories; nothing is written then
 */
export function migrate(place: string, options?: PlaceOptions): Promise<void> {
  return withPlaces(options, (places) => {
    const part = places.named(place);
    const blockSize = options?.blockSize ?? toldBlockSize(part.medium, 1);
    if (!blockSize) throw new UsageError(`${part.title}: ${places.formatOf(part).title} is there, and only littlefs 1 is migrated`);
    try {
      migrateLfs1(mediumDevice(part.medium, blockSize));
    } catch (error) {
      throw new UsageError(`${part.title}: ${(error as Error).message}; nothing was written`);
    }
  });
}
