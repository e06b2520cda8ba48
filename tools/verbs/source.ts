/** What a new volume is to hold: a directory or another volume, gathered before anything is made. */
import type { Places } from '../places/open';
import { type Entry, PlaceError, placeText, type Tree, walk } from '../places/tree';
import { VolumeTree } from '../places/volume';

export interface SourceFile {
  /** In the new volume: `/lib/a.js`. */
  target: string;
  path: string;
  entry: Entry;
}

export interface Source {
  tree: Tree;
  /** A directory before what is in it, names in the order of their characters. */
  files: SourceFile[];
  bytes: number;
}

/** @throws PlaceError, UsageError if it is not there or no directory */
export async function gather(places: Places, from: string | undefined): Promise<Source | undefined> {
  if (from === undefined) return undefined;
  const { tree, path } = places.open(from, 'volume');
  return gatherFrom(tree, path);
}

/** The same of a directory of a tree. @throws PlaceError */
export async function gatherFrom(tree: Tree, path: string): Promise<Source> {
  const root = await tree.stat(path);
  if (root?.kind !== 'directory') throw new PlaceError('ENOTDIR', placeText(tree, path), root ? 'it is a file' : 'no such directory');
  const files: SourceFile[] = [];
  for await (const { path: full, relative, entry } of walk(tree, path, true))
    if (entry.kind !== 'other') files.push({ target: '/' + relative, path: full, entry });
  return { tree, files, bytes: files.reduce((sum, { entry }) => sum + entry.size, 0) };
}

/** The time of what is made: the one given, else that of what was changed last, else 1980. */
export function epochOf(source: Source | undefined, given?: number): number {
  return given ?? Math.max(315532800, ...(source?.files ?? []).map(({ entry }) => entry.mtime ?? 0));
}

/** Attributes of littlefs 2 that are no times: MicroPython's is 1, other drivers' `t`. */
const TIMES = [1, 't'.charCodeAt(0)];

/** Attributes that users have set go along where both have such. */
export function copyAttributes(from: Tree, path: string, to: VolumeTree, target: string): void {
  if (!(from instanceof VolumeTree) || !from.volume.listattr || !to.volume.setattr) return;
  for (const type of from.volume.listattr(path))
    if (!TIMES.includes(type)) to.volume.setattr(target, type, from.volume.getattr?.(path, type) ?? new Uint8Array(0));
}
