/** Files that the user gives, as a tree that volumes are made of. */
import { byName, type Entry, joined, makeDirectories, makeDirectory, PlaceError, parentOf, type Tree } from '../../../places/tree';
import type { Given } from './api';

const PIECE = 65536;
const TOLD = 4096;

/** With the directories that no entry names. */
function withParents(given: Given[]): Map<string, Given> {
  const all = new Map<string, Given>();
  for (const one of given) {
    const names = one.path.split('/').filter(Boolean);
    for (let n = 1; n < names.length; n++) {
      const path = names.slice(0, n).join('/');
      if (!all.has(path)) all.set(path, { path });
    }
    all.set(names.join('/'), one);
  }
  return all;
}

export function givenTree(given: Given[]): Tree {
  const all = withParents(given);
  const entryOf = (path: string, { blob, mtime }: Given): Entry => {
    const name = path.replace(/^.*\//, '');
    const kind = blob ? 'file' : 'directory';
    return { name, kind, size: blob?.size ?? 0, hidden: name.startsWith('.'), ...(mtime !== undefined && { mtime }) };
  };
  const refuse = async (): Promise<never> => {
    throw new PlaceError('EROFS', '/', 'these are files of the computer');
  };
  return {
    title: 'the files',
    format: 'host',
    times: 1,
    list: async (path) => {
      const start = joined(path, '').slice(1);
      const inside = [...all].filter(([one]) => one.startsWith(start) && !one.slice(start.length).includes('/'));
      return inside.map(([one, what]) => entryOf(one, what)).sort(byName);
    },
    stat: async (path) => {
      if (path === '/') return { name: '', kind: 'directory', size: 0, hidden: false };
      const there = all.get(path.slice(1));
      return there && entryOf(path.slice(1), there);
    },
    async *read(path) {
      const blob = all.get(path.slice(1))?.blob as Blob;
      yield* pieces(blob);
    },
    write: refuse,
    mkdir: refuse,
    rmdir: refuse,
    remove: refuse,
    rename: refuse,
    utime: refuse,
    usage: refuse,
  };
}

export async function* pieces(blob: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < blob.size; at += PIECE) yield new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
}

/**
 * Puts files into a directory, over what has the same names.
 * @param progress is told so many bytes of all of them
 */
export async function addGiven(tree: Tree, into: string, given: Given[], progress?: (done: number, total: number) => void): Promise<void> {
  const total = given.reduce((sum, { blob }) => sum + (blob?.size ?? 0), 0);
  let done = 0;
  const counted = async function* (blob: Blob): AsyncGenerator<Uint8Array> {
    for await (const bytes of pieces(blob)) {
      // Who is told wants to hear of it more often.
      const step = progress ? TOLD : PIECE;
      for (let at = 0; at < bytes.length; at += step) {
        const part = bytes.subarray(at, at + step);
        yield part;
        done += part.length;
        progress?.(done, total);
      }
    }
  };
  for (const { path, blob, mtime } of given) {
    const target = joined(into, path);
    if (!blob) await makeDirectory(tree, target, mtime);
    else {
      await makeDirectories(tree, parentOf(target));
      await tree.write(target, counted(blob), mtime);
    }
  }
}
