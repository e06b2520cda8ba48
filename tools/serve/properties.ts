/** The properties of a file or directory (RFC 4918, 15), and how full its volume is (RFC 4331). */
import type { Properties, Resource } from 'nephele';
import type { Tree } from '../places/tree';
import type { Shared } from './shared';

/** What has properties. */
export interface Described extends Resource {
  readonly path: string;
  readonly shared: Shared;
  /** Of the last change. */
  time(): Date;
  /** @param paths what is not afterwards what it was @throws what the library knows */
  change(paths: string[], work: (tree: Tree) => Promise<void>): Promise<void>;
  /** Makes of what a tree refuses what the library knows. */
  attempt<T>(work: Promise<T>): Promise<T>;
}

type Value = string | object | object[];

/** Windows sets these after each copy: without them it takes the copy for failed. Only the one time is kept. */
const WINDOWS = 'urn:schemas-microsoft-com:%%Win32';
const TIME = WINDOWS + 'LastModifiedTime';

const ALL = ['creationdate', 'displayname', 'getetag', 'getlastmodified', 'resourcetype', 'supportedlock'];
const OF_FILES = ['getcontentlength', 'getcontenttype'];

const lock = (scope: string): object => ({ lockscope: { [scope]: {} }, locktype: { write: {} } });

export class EntryProperties implements Properties {
  readonly resource: Described;

  constructor(resource: Described) {
    this.resource = resource;
  }

  async get(name: string): Promise<Value> {
    const { resource } = this;
    const { kept, dav } = resource.shared;
    const directory = await resource.isCollection();
    switch (name) {
      case 'creationdate':
        return resource.time().toISOString();
      case 'displayname':
        return kept.root === resource.path ? kept.name : resource.getCanonicalName();
      case 'getetag':
        return `"${await resource.getEtag()}"`;
      case 'getlastmodified':
        return resource.time().toUTCString();
      case 'resourcetype':
        return directory ? { collection: {} } : {};
      case 'supportedlock':
        return kept.readonly ? {} : { lockentry: [lock('exclusive'), lock('shared')] };
      case 'getcontentlength':
        if (!directory) return String(await resource.getLength());
        break;
      case 'getcontenttype':
        if (!directory) return String(await resource.getMediaType());
        break;
      case 'quota-available-bytes':
      case 'quota-used-bytes': {
        const { free, used } = await resource.attempt(kept.use((tree) => tree.usage(resource.path)));
        return String(name === 'quota-used-bytes' ? used : free);
      }
    }
    throw new dav.PropertyNotFoundError(`${name} is not there.`);
  }

  getByUser(name: string): Promise<Value> {
    return this.get(name);
  }

  async set(name: string, value: unknown): Promise<void> {
    const errors = await this.runInstructions([['set', name, value]]);
    if (errors) throw errors[0][1];
  }

  setByUser(name: string, value: unknown): Promise<void> {
    return this.set(name, value);
  }

  async remove(name: string): Promise<void> {
    const errors = await this.runInstructions([['remove', name, undefined]]);
    if (errors) throw errors[0][1];
  }

  removeByUser(name: string): Promise<void> {
    return this.remove(name);
  }

  async runInstructions(instructions: ['set' | 'remove', string, unknown][]): Promise<[string, Error][] | undefined> {
    const { path, shared } = this.resource;
    const known = [...ALL, ...OF_FILES];
    const refused = instructions.filter(([action, name]) => action === 'remove' || !name.startsWith(WINDOWS));
    if (refused.length)
      return refused.map(([, name]) => [
        name,
        known.includes(name)
          ? new shared.dav.PropertyIsProtectedError(`${name} cannot be set.`)
          : new shared.dav.ForbiddenError('There is no place for it.'),
      ]);
    try {
      for (const [, name, value] of instructions) {
        const time = name === TIME ? Date.parse(textOf(value)) : Number.NaN;
        if (!Number.isNaN(time)) await this.resource.change([path], (tree) => tree.utime(path, Math.floor(time / 1000)));
      }
    } catch (error) {
      return [[TIME, error as Error]];
    }
    return undefined;
  }

  runInstructionsByUser(instructions: ['set' | 'remove', string, unknown][]): Promise<[string, Error][] | undefined> {
    return this.runInstructions(instructions);
  }

  async getAll(): Promise<{ [name: string]: Value }> {
    const all: { [name: string]: Value } = {};
    for (const name of await this.list()) all[name] = await this.get(name);
    return all;
  }

  getAllByUser(): Promise<{ [name: string]: Value }> {
    return this.getAll();
  }

  async list(): Promise<string[]> {
    return (await this.resource.isCollection()) ? ALL : [...ALL, ...OF_FILES];
  }

  listByUser(): Promise<string[]> {
    return this.list();
  }

  listLive(): Promise<string[]> {
    return this.list();
  }

  listLiveByUser(): Promise<string[]> {
    return this.list();
  }

  async listDead(): Promise<string[]> {
    return [];
  }

  async listDeadByUser(): Promise<string[]> {
    return [];
  }
}

/** Of an element, which is an object where it has attributes. */
function textOf(value: unknown): string {
  return String((value as { _?: string })?._ ?? value);
}
