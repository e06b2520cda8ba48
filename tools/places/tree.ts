/** What verbs work on, wherever it lies: a directory of the host, a volume in an image, and whatever else has files. */

export interface Entry {
  name: string;
  /** `other`: a device, a pipe, a link that leads nowhere. */
  kind: 'file' | 'directory' | 'other';
  /** Bytes; 0 but for files. */
  size: number;
  /** Of the last change, in seconds since 1970; absent where that is not kept, or was not asked for. */
  mtime?: number;
  /** Whether the file system marks it as hidden, or its name begins with a dot. */
  hidden: boolean;
  /** Whether the file system marks it as read-only. */
  readonly?: boolean;
}

/** How full a volume is, in bytes. */
export interface Usage {
  size: number;
  used: number;
  free: number;
}

/** The title of the tree of a board on a port: its places are written `:/path`. */
export const BOARD = ':';

/** A tree of files. Paths are absolute; those of images are normalised, with `/`. */
export interface Tree {
  /** By which users know it, in messages: `chip.bin#vfs`; '' for the host. */
  readonly title: string;
  /** The name of its format, `lfs2`; `host` for the host. */
  readonly format: string;
  /** Whether times of files are kept, and how exactly, in seconds; 0: none. */
  readonly times: number;
  /** The entries of a directory, sorted by name. @param times whether their times are wanted, which may take as long again */
  list(path: string, times?: boolean): Promise<Entry[]>;
  /** Undefined where nothing is. */
  stat(path: string): Promise<Entry | undefined>;
  /** The content of a file, in pieces that are good until the next. @param from the first byte, by default 0 */
  read(path: string, from?: number): AsyncIterable<Uint8Array>;
  /** Makes a file with that content, or makes it the content of one that is there. @param mtime seconds since 1970; by default now */
  write(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, mtime?: number): Promise<void>;
  mkdir(path: string, mtime?: number): Promise<void>;
  rmdir(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Sets the time of the last change, in seconds since 1970; nothing where none is kept. */
  utime(path: string, mtime: number): Promise<void>;
  /** Of the volume that holds the path. */
  usage(path: string): Promise<Usage>;
  /** Whether a file has that content, where that can be told without fetching it. */
  holds?(path: string, content: AsyncIterable<Uint8Array>): Promise<boolean>;
}

/** What went wrong with a file or directory, in one line that says where. */
export class PlaceError extends Error {
  /** As Node and the VFS have it, `ENOENT`. */
  readonly code: string;
  readonly place: string;
  constructor(code: string, place: string, message: string) {
    super(`${place}: ${message}`);
    this.code = code;
    this.place = place;
  }
}

/** What a VFS says to a path that stands for nothing, or can stand for nothing. */
export const NOTHING = ['ENOENT', 'ENOTDIR', 'EINVAL', 'ENAMETOOLONG'];

/** The reason in a message of a VFS, `CODE: reason, operation 'path'`. */
export function reasonIn(message: string): string {
  return message.replace(/^\w+: /, '').replace(/, \w+(?: '.*')?$/s, '');
}

/** What `statvfs` tells. */
export function usageOf([unit, , blocks, free]: number[]): Usage {
  return { size: unit * blocks, used: unit * (blocks - free), free: unit * free };
}

/** A path in a tree as users write it. */
export function placeText(tree: Tree, path: string): string {
  return tree.title ? `${tree.title === BOARD ? '' : tree.title}:${path}` : path;
}

/** A path below a directory. */
export function joined(directory: string, name: string): string {
  return directory === '' || directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** The last part of a path, '' for the root. */
export function baseName(path: string): string {
  return path.replace(/\/+$/, '').replace(/^.*\//, '');
}

/** The directory that holds it, the root for the root. */
export function parentOf(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  const cut = trimmed.lastIndexOf('/');
  if (cut < 0) return path.startsWith('/') ? '/' : '.';
  return trimmed.slice(0, cut) || '/';
}

/** Whether a path is, or lies below, a directory. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(joined(directory, ''));
}

export interface Step {
  path: string;
  /** From where the walk began, without a leading `/`. */
  relative: string;
  entry: Entry;
}

/** Everything below a directory: a directory before what is in it, names in the order of their characters. */
export async function* walk(tree: Tree, from: string, times = false, relative = ''): AsyncGenerator<Step> {
  for (const entry of await tree.list(from, times)) {
    const step = { path: joined(from, entry.name), relative: relative + entry.name, entry };
    yield step;
    if (entry.kind === 'directory') yield* walk(tree, step.path, times, step.relative + '/');
  }
}

/** All of a file. */
export async function readAll(tree: Tree, path: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const one of tree.read(path)) {
    pieces.push(one.slice());
    length += one.length;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const one of pieces) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}

/** Makes a directory unless it is there. @returns whether it had to be made */
export async function makeDirectory(tree: Tree, path: string, mtime?: number): Promise<boolean> {
  if (await isDirectory(tree, path)) return false;
  await tree.mkdir(path, mtime);
  return true;
}

/** Directories that are missing, down to this one. */
export async function makeDirectories(tree: Tree, path: string): Promise<void> {
  if (await isDirectory(tree, path)) return;
  const parent = parentOf(path);
  if (parent !== path) await makeDirectories(tree, parent);
  await tree.mkdir(path);
}

/** A file or directory with all that is in it. @param entry undefined where nothing was found, which the tree then says */
export async function removeAll(tree: Tree, path: string, entry: Entry | undefined): Promise<void> {
  if (entry?.kind !== 'directory') return tree.remove(path);
  for (const one of await tree.list(path)) await removeAll(tree, joined(path, one.name), one);
  if (path !== '/') await tree.rmdir(path);
}

/** @throws PlaceError if something else is there */
async function isDirectory(tree: Tree, path: string): Promise<boolean> {
  const there = await tree.stat(path);
  if (there && there.kind !== 'directory') throw new PlaceError('ENOTDIR', placeText(tree, path), 'it is a file');
  return !!there;
}

export function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
