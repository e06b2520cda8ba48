/** The worker: it has the image, as what reads files waits, and only workers may wait. */
import { expose } from 'comlink';
import { formatOf } from '../../../places/formats';
import { sizeOf } from '../../../places/size';
import { checkOptions, fill, leastSize, romOf } from '../../../verbs/make';
import { epochOf, gatherFrom, type Source } from '../../../verbs/source';
import type { Given, NewImage, Opened } from './api';
import { blankBase, blobBase, urlBase } from './bases';
import { givenTree } from './files';
import { type Base, Layer } from './layer';
import { serial } from './serial';
import { Session } from './session';
import { unzip, zipOf } from './zip';

let session: Session | undefined;

function current(): Session {
  if (!session) throw new Error('no image is open');
  return session;
}

function open(name: string, base: Base, fixed = false): Opened {
  session = new Session(name, base, fixed);
  return session.opened();
}

async function make(source: Source | undefined, { name, size, ...options }: NewImage): Promise<Opened> {
  checkOptions(options);
  const { fs } = options;
  const epoch = epochOf(source);
  const filling = formatOf(fs).fill;
  const scratch = (bytes: number) => Object.assign(new Layer(blankBase(bytes, filling)), { close: () => {} });
  let image: Blob;
  if (fs === 'rom') image = new Blob([(await romOf(source)) as Uint8Array<ArrayBuffer>]);
  else {
    const bytes = size === 'auto' ? await leastSize(options, source, epoch, scratch) : sizeOf(size, 'size');
    const layer = scratch(bytes);
    await fill(layer, name, options, source, epoch, {});
    image = await layer.blob();
  }
  return open(name, blobBase(image));
}

const isZip = async (blob: Blob): Promise<boolean> => (await blob.slice(0, 4).text()) === 'PK\x03\x04';

const api = {
  /** Opens an image. @returns what it is; of a zip file what is in it */
  async open(blob: Blob, name: string): Promise<Opened | Given[]> {
    return (await isZip(blob)) ? unzip(blob) : open(name, blobBase(blob));
  },
  /** Opens what was read of a place, whose size cannot change. */
  openPlace: async (blob: Blob, name: string) => open(name, blobBase(blob), true),
  openUrl: async (url: string, name: string) => open(name, await urlBase(url)),
  opened: async () => current().opened(),
  close: async () => {
    session = undefined;
  },
  /** Makes an image of files of the user. */
  create: async (options: NewImage, given: Given[]) => make(given.length ? await gatherFrom(givenTree(given), '/') : undefined, options),
  /** Makes another image of a volume, which is open then. */
  convert: async (part: number, options: NewImage) => make(await gatherFrom(current().tree(part), '/'), options),
  list: async (part: number, path: string) => current().list(part, path),
  info: async (part: number) => current().info(part),
  read: async (part: number, path: string, most: number) => current().read(part, path, most),
  file: async (part: number, path: string) => current().file(part, path),
  zip: async (part: number, path: string) => zipOf(current().tree(part), path),
  search: async (part: number, text: string, contents: boolean) => current().search(part, text, contents),
  details: async (part: number, path: string) => current().details(part, path),
  map: async (part: number) => current().map(part),
  block: async (part: number, offset: number, size: number, number: number) => current().block(part, offset, size, number),
  check: async (part: number) => current().check(part),
  repair: async (part: number) => current().repair(part),
  mkdir: async (part: number, path: string) => current().mkdir(part, path),
  rename: async (part: number, from: string, to: string) => current().rename(part, from, to),
  remove: async (part: number, paths: string[]) => current().remove(part, paths),
  write: async (part: number, path: string, bytes: Uint8Array) => current().write(part, path, bytes),
  upload: async (part: number, into: string, given: Given[]) => current().upload(part, into, given),
  utime: async (part: number, path: string, mtime: number) => current().utime(part, path, mtime),
  setAttributes: async (part: number, path: string, changes: object) => current().setAttributes(part, path, changes),
  setUserAttribute: async (part: number, path: string, type: number, hex: string | undefined) =>
    current().setUserAttribute(part, path, type, hex),
  undo: async () => current().undo(),
  changes: async () => current().changes(),
  image: async () => current().image(),
  differing: async () => current().differing(),
  /** What is there now counts as what the place holds. */
  settle: async () => open(current().name, blobBase(await current().image()), true),
};

export type Api = typeof api;

expose(serial(api));
