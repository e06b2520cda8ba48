/** A place that stays open: one operation at a time, and what is changed reaches the image soon. */
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { lockFile } from '../file-lock';
import { type PlaceOptions, Places } from '../places/open';
import { kindOnHost, parsePlace } from '../places/parse';
import type { Report } from '../places/report';
import { BOARD, baseName, type Entry, PlaceError, placeText, type Tree } from '../places/tree';
import { UsageError } from '../usage';

/** So long after a change, in milliseconds, the image is written. */
const SOON = 1000;

/** Of the time, what writing takes at most, for images that take long: a tenth. */
const SHARE = 10;

/** Bytes that are read in one turn: what others wait for. Of a board that is some seconds. */
const TURN = 1024 * 1024;
const BOARD_TURN = 32768;

/** So long, in milliseconds, a board is not asked again what it has told of a path: for one request it is wanted some ten times. */
const FRESH = 1000;

export interface KeptOptions extends PlaceOptions {
  /** Nothing is changed. */
  readonly?: boolean;
}

export class Kept {
  /** By which users know it. */
  readonly title: string;
  /** What file managers call it. */
  readonly name: string;
  /** The directory that is the root of what is served. */
  readonly root: string;
  readonly readonly: boolean;
  private tree: Tree;
  private readonly places: Places;
  private readonly reopen: () => Tree;
  private readonly report: Report;
  private last: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private spent = 0;
  private failed: unknown;
  private ended = false;
  private changes = 0;
  /** Paths that were changed: by which change, and when. */
  private readonly changed = new Map<string, { change: number; time: number }>();
  /** What a board has told lately. */
  private readonly known = new Map<string, { entry: Entry | undefined; time: number }>();
  /** Others are kept from the image meanwhile. */
  private readonly unlock: (() => void) | undefined;
  /** For what arrives, until all of it is there. */
  private readonly folder: string;
  private spools = 0;

  private constructor(places: Places, text: string, readonly: boolean, report: Report) {
    const place = parsePlace(text, 'volume');
    this.places = places;
    this.report = report;
    const { host, image } = place;
    if (!place.board && !kindOnHost(host)) throw new UsageError(`there is no image ${host}`);
    if (!place.board && !image) throw new UsageError(`${text} is not an image: what is served is the volume of an image, or of a board`);
    const part = image && places.part(host, image);
    this.reopen = () => (part ? places.volume(part) : places.onBoard());
    this.tree = this.reopen();
    this.title = placeText(this.tree, place.path);
    this.name = baseName(this.title.replace(/:\/?$/, '')) || 'board';
    this.root = place.path;
    this.readonly = readonly || this.tree.format === 'rom';
    this.unlock = part && !this.readonly ? lockFile(host) : undefined;
    this.folder = mkdtempSync(join(tmpdir(), `microvfs-serve-${process.pid}-`));
  }

  /** @throws UsageError, PlaceError if there is no such place, or it is no directory */
  static async open(text: string, options: KeptOptions, report: Report): Promise<Kept> {
    const places = new Places(options);
    let kept: Kept | undefined;
    try {
      kept = new Kept(places, text, !!options.readonly, report);
      const { root, tree, title } = kept;
      const entry = await tree.stat(root);
      if (entry?.kind !== 'directory')
        throw new PlaceError(entry ? 'ENOTDIR' : 'ENOENT', title, entry ? 'it is a file' : 'it is not there');
      return kept;
    } catch (error) {
      await places.close();
      kept?.letGo();
      throw error;
    }
  }

  /** Works with the tree when nobody else does. */
  use<T>(work: (tree: Tree) => Promise<T>): Promise<T> {
    const turn = this.last.then(() => {
      if (this.ended) throw new PlaceError('EIO', this.title, 'serving has ended');
      return work(this.tree);
    });
    this.last = turn.catch(() => {});
    return turn;
  }

  /** The same for what changes it. @param paths what is not afterwards what it was @throws PlaceError EROFS */
  change<T>(paths: string[], work: (tree: Tree) => Promise<T>): Promise<T> {
    return this.use(async (tree) => {
      if (this.readonly) throw new PlaceError('EROFS', placeText(tree, paths[0]), 'it is served read-only');
      try {
        return await work(tree);
      } finally {
        this.changes++;
        this.known.clear();
        for (const path of paths) this.changed.set(path, { change: this.changes, time: Date.now() });
        if (tree.title !== BOARD) this.timer ??= setTimeout(() => this.keepNow(), Math.max(SOON, this.spent * SHARE));
      }
    });
  }

  /** What is at a path, if anything is. */
  stat(path: string): Promise<Entry | undefined> {
    return this.use(async (tree) => {
      const known = this.known.get(path);
      if (known && performance.now() - known.time < FRESH) return known.entry;
      const entry = await tree.stat(path);
      if (tree.title === BOARD) this.known.set(path, { entry, time: performance.now() });
      return entry;
    });
  }

  /** The last change of a path, or of a directory above it; `change` is 0 where it is what it was. */
  lastChange(path: string): { change: number; time: number } {
    let found = { change: 0, time: 0 };
    for (let at = path; ; at = at.slice(0, at.lastIndexOf('/')) || '/') {
      const here = this.changed.get(at);
      if (here && here.change > found.change) found = here;
      if (at === '/') return found;
    }
  }

  /** The content of a file, in turns: others are not held up by one who reads slowly. @param to behind the last byte */
  async *read(path: string, from: number, to: number): AsyncGenerator<Uint8Array> {
    const { change } = this.lastChange(path);
    for (let at = from; at < to; ) {
      const bytes = await this.use((tree) => {
        if (this.lastChange(path).change !== change) throw new PlaceError('EBUSY', placeText(tree, path), 'it was changed meanwhile');
        return taken(tree.read(path, at), Math.min(tree.title === BOARD ? BOARD_TURN : TURN, to - at));
      });
      if (!bytes.length) return;
      yield bytes;
      at += bytes.length;
    }
  }

  /** Writes a file when all of it is there: what breaks off on its way changes nothing. */
  async write(path: string, content: Readable): Promise<void> {
    const spool = join(this.folder, String(this.spools++));
    try {
      await pipeline(content, createWriteStream(spool));
      await this.change([path], (tree) => put(tree, path, spool));
    } finally {
      await rm(spool, { force: true });
    }
  }

  /** A copy of a file, by way of this computer: a board has one file open at a time. */
  async copy(from: string, to: string): Promise<void> {
    const spool = join(this.folder, String(this.spools++));
    try {
      await this.change([to], async (tree) => {
        await pipeline(tree.read(from), createWriteStream(spool));
        await put(tree, to, spool);
      });
    } finally {
      await rm(spool, { force: true });
    }
  }

  /** Ends what is under way, and writes what is not yet in the image. @throws UsageError if that cannot be */
  async close(): Promise<void> {
    try {
      await this.use(async () => {
        clearTimeout(this.timer);
        this.ended = true;
        if (!this.readonly) this.places.keep();
      });
    } finally {
      await this.places.close();
      this.letGo();
    }
  }

  private letGo(): void {
    this.unlock?.();
    rmSync(this.folder, { recursive: true });
  }

  private keepNow(): void {
    this.use(async () => {
      this.timer = undefined;
      const began = performance.now();
      try {
        this.places.keep();
        this.failed = undefined;
      } finally {
        this.tree = this.reopen();
        this.spent = performance.now() - began;
      }
    }).catch((error) => {
      // Tried again after the next change, and at the end; told once.
      if (this.failed !== error.message) this.report.note?.(error.message);
      this.failed = error.message;
    });
  }
}

async function put(tree: Tree, path: string, spool: string): Promise<void> {
  const [{ size }, there] = [await stat(spool), await tree.stat(path)];
  if (there?.kind === 'directory') throw new PlaceError('EISDIR', placeText(tree, path), 'it is a directory');
  // FAT gives up the old content first: it is not begun what cannot end well.
  if (tree.title !== BOARD && size > (await tree.usage(path)).free + (there?.size ?? 0))
    throw new PlaceError('ENOSPC', placeText(tree, path), 'no space left on device');
  try {
    await tree.write(path, createReadStream(spool));
  } catch (error) {
    if (!there) await tree.remove(path).catch(() => {});
    throw error;
  }
}

/** So many of the first bytes, or all that there are. */
async function taken(content: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let done = 0;
  for await (const piece of content) {
    pieces.push(piece.slice(0, length - done));
    done += pieces[pieces.length - 1].length;
    if (done >= length) break;
  }
  return Buffer.concat(pieces);
}
