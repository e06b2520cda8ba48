/** Opening places: each image once, however many places lie in it, and all written back when everything has succeeded. */
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { BoardTree } from '../port/board-tree';
import { connect, type PortOptions } from '../port/connect';
import { BoardConsole } from '../port/console';
import { UsageError } from '../usage';
import { boardDevice } from './board';
import { FileMedium, type Keeping } from './file-medium';
import { detect, deviceFor, type Format, type FormatName, formatOf, probed } from './formats';
import { hostTree } from './host';
import { isBlank, type Medium } from './medium';
import { type Bare, kindOnHost, type Part, type Place, parsePart, parsePlace } from './parse';
import { cardPartitions, espPartitions, partOf } from './partitions';
import { rawTree } from './raw';
import type { Tree } from './tree';
import { VolumeTree } from './volume';

/** How places are understood. */
export interface PlaceOptions extends Keeping, PortOptions {
  /** Images are of all of this board's flash, and its own volume is meant. */
  board?: string;
  /** The format, instead of what is found. */
  type?: FormatName;
  /** Bytes in a block of a littlefs, instead of what its superblock tells. */
  blockSize?: number;
}

/** Part of an image, before anybody asks for a volume in it. */
export interface OpenPart {
  title: string;
  /** The image itself. */
  image: FileMedium;
  medium: Medium;
  /** Where it begins in the image. */
  offset: number;
  /** Of a board, instead of the medium's. */
  board?: BlockDevice;
}

export interface OpenPlace {
  tree: Tree;
  path: string;
  place: Place;
}

/** Places that are open together. */
export class Places {
  private readonly options: PlaceOptions;
  private readonly images = new Map<string, FileMedium>();
  private readonly parts = new Map<string, OpenPart>();
  private readonly volumes = new Map<OpenPart, VolumeTree>();
  /** Of the board on the port. */
  private board: BoardTree | undefined;

  constructor(options: PlaceOptions = {}) {
    this.options = options;
  }

  /** @param bare what a file of the host stands for @throws UsageError if the place is not there */
  open(text: string, bare: Bare): OpenPlace {
    const place = parsePlace(text, bare);
    if (place.board) return { tree: this.onBoard(), path: place.path, place };
    if (!place.image) return { tree: hostTree, path: place.path, place };
    const part = this.part(place.host, place.image);
    if (bare === 'file' && !place.inside) return { tree: rawTree(part.title, part.medium), path: '/', place };
    return { tree: this.volume(part), path: place.path, place };
  }

  /** The tree of the board on the port. */
  onBoard(): BoardTree {
    this.board ??= new BoardTree(async () => BoardConsole.open(await connect(this.options)));
    return this.board;
  }

  /** What is meant by a place without a path: the volume that is there, else the bytes. */
  bareOf(text: string): Bare {
    const found = parsePart(text);
    if (!found || !Object.keys(found.part).length) return isImage(text) ? 'volume' : 'file';
    const { board, medium } = this.part(found.host, found.part);
    return board || detect(medium) ? 'volume' : 'file';
  }

  /** The part of an image that is meant, without looking at what it holds. @throws UsageError if there is no such image */
  named(text: string): OpenPart {
    const found = parsePart(text);
    if (!found) throw new UsageError(`${text}: there is no such image`);
    return this.part(found.host, found.part);
  }

  /** The same where the image is known to be there. */
  part(host: string, part: Part): OpenPart {
    const title = titleOf(host, part);
    const real = realpathSync(host);
    const key = titleOf(real, part);
    const there = this.parts.get(key);
    if (there) return there;
    let image = this.images.get(real);
    if (!image) {
      image = new FileMedium(host);
      this.images.set(real, image);
    }
    const { medium, offset } = partOf(image, part, title);
    const board = this.options.board && part.partition === undefined ? boardDevice(this.options.board, medium, title) : undefined;
    const made = { title, image, medium, offset, board };
    this.parts.set(key, made);
    return made;
  }

  /** The volume in a part of an image. @throws UsageError if there is none; PlaceError if it cannot be mounted */
  volume(open: OpenPart): VolumeTree {
    let volume = this.volumes.get(open);
    if (!volume) {
      const format = this.formatOf(open);
      volume = new VolumeTree(open.title, format, () => format.create(this.device(open, format)));
      this.volumes.set(open, volume);
    }
    return volume;
  }

  /** The device on which a format lies in a part. */
  device(open: OpenPart, format: Format): BlockDevice {
    return open.board ?? deviceFor(format, open.medium, this.options.blockSize);
  }

  /** The format of what a part holds. @throws UsageError if nothing is recognised */
  formatOf(open: OpenPart): Format {
    if (this.options.type) return formatOf(this.options.type);
    const found = open.board ? probed(open.board) : detect(open.medium);
    if (found) return found;
    throw new UsageError(`${open.title}: ${whatElse(open)}`);
  }

  /** Writes everything back. @throws what the volumes and the host say; then no image is changed but those that were written already */
  keep(): void {
    for (const volume of this.volumes.values()) volume.close();
    this.volumes.clear();
    for (const image of this.images.values()) image.keep(this.options);
  }

  /** Lets go of the files, and of the board; what was not kept is lost. */
  async close(): Promise<void> {
    for (const image of this.images.values()) image.close();
    await this.board?.close();
  }
}

/** Runs something with places that it opens, and keeps what it changed if it succeeds. */
export async function withPlaces<T>(options: PlaceOptions | undefined, work: (places: Places) => Promise<T> | T): Promise<T> {
  const places = new Places(options);
  try {
    const result = await work(places);
    places.keep();
    return result;
  } finally {
    await places.close();
  }
}

export function titleOf(host: string, part: Part): string {
  if (part.partition !== undefined) return `${host}#${part.partition}`;
  if (part.offset === undefined && part.size === undefined) return host;
  return `${host}@0x${(part.offset ?? 0).toString(16)}${part.size === undefined ? '' : `+${part.size}`}`;
}

/** What is there where no volume is, and how to name one. */
function whatElse({ medium, image, title }: OpenPart): string {
  if (medium === image) {
    const chip = espPartitions(medium, title);
    const names = chip?.map(({ label }) => label);
    if (names?.length)
      return `the flash of an ESP32: name a partition, as ${title}#${names.includes('vfs') ? 'vfs' : names[0]}; it has ${names.join(', ')}`;
    const card = cardPartitions(medium);
    if (card.length)
      return `no volume that is known in partitions ${card.map(({ number }) => number).join(', ')}; 'microvfs info ${basename(title)}' tells more`;
  }
  return isBlank(medium) ? `it is blank; 'microvfs create' makes a volume` : 'no volume that is known';
}

/** Whether a file of the host is an image: it carries a volume, or a table of partitions. */
export function isImage(path: string): boolean {
  if (kindOnHost(path) !== 'file') return false;
  const medium = new FileMedium(path);
  try {
    return !!detect(medium) || !!espPartitions(medium, path);
  } catch {
    return true;
  } finally {
    medium.close();
  }
}
