/** A file or directory of what is served, as the library asks for it. */
import { Readable } from 'node:stream';
import type { Adapter, Lock, User } from 'nephele';
import { baseName, type Entry, joined, type Tree } from '../places/tree';
import { listingOf, mediaTypeOf } from './browser';
import { told } from './library';
import { type Described, EntryProperties } from './properties';
import type { Shared } from './shared';

export class EntryResource implements Described {
  readonly adapter: Adapter;
  readonly baseUrl: URL;
  readonly path: string;
  readonly shared: Shared;
  /** Undefined for what is to be made. */
  readonly entry: Entry | undefined;
  private readonly directory: boolean;
  private listing: Buffer | undefined;

  constructor(shared: Shared, baseUrl: URL, path: string, entry: Entry | undefined, directory: boolean) {
    this.shared = shared;
    this.adapter = shared.adapter;
    this.baseUrl = baseUrl;
    this.path = path;
    this.entry = entry;
    this.directory = directory;
  }

  async getLocks(): Promise<Lock[]> {
    return this.shared.locks.of(this.path);
  }

  getLocksByUser(): Promise<Lock[]> {
    return this.getLocks();
  }

  async createLockForUser(_user: User): Promise<Lock> {
    return this.shared.locks.make(this, this.path);
  }

  async getProperties(): Promise<EntryProperties> {
    return new EntryProperties(this);
  }

  async getStream(range?: { start: number; end: number }): Promise<Readable> {
    const { start, end } = range ?? { start: 0, end: (await this.getLength()) - 1 };
    if (this.directory) return Readable.from([(await this.list()).subarray(start, end + 1)]);
    return Readable.from(this.shared.kept.read(this.path, start, end + 1), { objectMode: false });
  }

  async setStream(input: Readable): Promise<void> {
    await this.attempt(this.shared.kept.write(this.path, input));
  }

  async create(): Promise<void> {
    const { kept } = this.shared;
    if (this.directory) await this.change([this.path], (tree) => tree.mkdir(this.path));
    else await this.attempt(kept.write(this.path, Readable.from([])));
  }

  async delete(): Promise<void> {
    await this.change([this.path], (tree) => (this.directory ? tree.rmdir(this.path) : tree.remove(this.path)));
  }

  /** A directory without what is in it. */
  async copy(destination: URL, baseUrl: URL): Promise<void> {
    const to = this.pathOf(destination, baseUrl);
    if (!this.directory) return this.attempt(this.shared.kept.copy(this.path, to));
    await this.change([to], async (tree) => {
      const there = await tree.stat(to);
      if (there?.kind === 'directory') return;
      if (there) await tree.remove(to);
      await tree.mkdir(to);
    });
  }

  async move(destination: URL, baseUrl: URL): Promise<void> {
    const to = this.pathOf(destination, baseUrl);
    await this.change([this.path, to], (tree) => tree.rename(this.path, to));
    this.shared.locks.drop(this.path);
  }

  /** Bytes of what GET gives. */
  async getLength(): Promise<number> {
    return this.directory ? (await this.list()).length : (this.entry?.size ?? 0);
  }

  /** By size and time, and by what was changed through here: not all formats have times, and none has finer ones than seconds. */
  async getEtag(): Promise<string> {
    const { since, kept } = this.shared;
    const { size = 0, mtime = 0 } = this.entry ?? {};
    return [since, kept.lastChange(this.path).change, size, mtime].map((part) => part.toString(36)).join('-');
  }

  async getMediaType(): Promise<string> {
    return this.directory ? 'text/html; charset=utf-8' : mediaTypeOf(this.path);
  }

  async getCanonicalName(): Promise<string> {
    return baseName(this.path);
  }

  async getCanonicalPath(): Promise<string> {
    const inside = this.path.slice(this.shared.kept.root.length).replace(/^\/?/, '/');
    return this.directory && inside !== '/' ? inside + '/' : inside;
  }

  async getCanonicalUrl(): Promise<URL> {
    const path = (await this.getCanonicalPath()).split('/').map(encodeURIComponent).join('/');
    return new URL(this.baseUrl.pathname.replace(/\/$/, '') + path, this.baseUrl);
  }

  async isCollection(): Promise<boolean> {
    return this.directory;
  }

  async getInternalMembers(): Promise<EntryResource[]> {
    const entries = await this.attempt(this.shared.kept.use((tree) => tree.list(this.path, true)));
    return entries.map(
      (entry) => new EntryResource(this.shared, this.baseUrl, joined(this.path, entry.name), entry, entry.kind === 'directory'),
    );
  }

  /** Of the last change; where that is not kept, of the last one through here. */
  time(): Date {
    const { kept, since } = this.shared;
    return new Date(this.entry?.mtime !== undefined ? this.entry.mtime * 1000 : kept.lastChange(this.path).time || since);
  }

  change(paths: string[], work: (tree: Tree) => Promise<void>): Promise<void> {
    return this.attempt(this.shared.kept.change(paths, work));
  }

  async attempt<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw told(this.shared.dav, error);
    }
  }

  private pathOf(url: URL, baseUrl: URL): string {
    return pathOf(this.shared, url, baseUrl);
  }

  /** For who looks with a browser. */
  private async list(): Promise<Buffer> {
    const title = this.path === this.shared.kept.root ? this.shared.kept.title : this.path;
    this.listing ??= await listingOf(title, await this.getInternalMembers());
    return this.listing;
  }
}

/** The path in the tree that an address stands for. @throws BadGatewayError, ForbiddenError of the library */
export function pathOf({ dav, kept }: Pick<Shared, 'dav' | 'kept'>, url: URL, baseUrl: URL): string {
  const base = baseUrl.pathname.replace(/\/?$/, '/');
  if (!url.pathname.replace(/\/?$/, '/').startsWith(base)) throw new dav.BadGatewayError('It is not served here.');
  const names = url.pathname.slice(base.length).split('/').map(decodeURIComponent).filter(Boolean);
  if (names.some((name) => name.includes('/') || name.includes('\0'))) throw new dav.ForbiddenError('A name holds neither / nor NUL.');
  return names.reduce(joined, kept.root);
}
