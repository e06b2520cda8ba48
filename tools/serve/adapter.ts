/** What is served, as the library asks for it. Who has the address may do all that it allows. */
import type { Adapter, Resource } from 'nephele';
import { baseName } from '../places/tree';
import type { Kept } from './kept';
import { type Library, told } from './library';
import { Locks } from './locks';
import { EntryResource, pathOf } from './resource';
import type { Shared } from './shared';

const HTTP = ['POST', 'PATCH', 'SEARCH', 'TRACE', 'CONNECT'];

export class TreeAdapter implements Adapter {
  private readonly shared: Shared;

  constructor(dav: Library, kept: Kept) {
    this.shared = { dav, kept, adapter: this, locks: new Locks(), since: Date.now() };
  }

  /** Without locks macOS mounts it read-only. */
  async getComplianceClasses(): Promise<string[]> {
    return this.shared.kept.readonly ? [] : ['2'];
  }

  async getAllowedMethods(): Promise<string[]> {
    return [];
  }

  async getOptionsResponseCacheControl(): Promise<string> {
    return 'no-cache';
  }

  async isAuthorized(): Promise<boolean> {
    return true;
  }

  async getResource(url: URL, baseUrl: URL): Promise<Resource> {
    const { dav, kept } = this.shared;
    const path = pathOf(this.shared, url, baseUrl);
    const entry = await kept.stat(path).catch((error) => {
      throw told(dav, error);
    });
    if (!entry) throw new dav.ResourceNotFoundError(`${baseName(path)} is not there.`);
    return new EntryResource(this.shared, baseUrl, path, entry, entry.kind === 'directory');
  }

  async newResource(url: URL, baseUrl: URL): Promise<Resource> {
    return new EntryResource(this.shared, baseUrl, pathOf(this.shared, url, baseUrl), undefined, false);
  }

  async newCollection(url: URL, baseUrl: URL): Promise<Resource> {
    return new EntryResource(this.shared, baseUrl, pathOf(this.shared, url, baseUrl), undefined, true);
  }

  getMethod(method: string): never {
    const { dav } = this.shared;
    throw new dav[HTTP.includes(method) ? 'MethodNotSupportedError' : 'MethodNotImplementedError'](`${method} is not done here.`);
  }
}
