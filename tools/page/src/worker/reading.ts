/** What is read of a tree for the page. */
import { type Tree, walk } from '../../../places/tree';
import type { Content, Found } from './api';

/** The most that a search gives. */
const MOST_FOUND = 500;

/** The beginning of a file. */
export async function beginning(tree: Tree, path: string, most: number): Promise<Content> {
  const size = (await tree.stat(path))?.size ?? 0;
  const bytes = new Uint8Array(Math.min(size, most));
  let done = 0;
  for await (const one of tree.read(path)) {
    bytes.set(one.subarray(0, bytes.length - done), done);
    done += one.length;
    if (done >= bytes.length) break;
  }
  return { bytes, size };
}

export async function blobOf(tree: Tree, path: string): Promise<Blob> {
  const parts: BlobPart[] = [];
  for await (const one of tree.read(path)) parts.push(one.slice() as Uint8Array<ArrayBuffer>);
  return new Blob(parts, { type: 'application/octet-stream' });
}

/** Paths whose names hold a text, in whatever case. */
export async function findNames(tree: Tree, text: string): Promise<Found[]> {
  const wanted = text.toLowerCase();
  const found: Found[] = [];
  for await (const { path, entry } of walk(tree, '/')) {
    if (entry.name.toLowerCase().includes(wanted)) found.push({ ...entry, path });
    if (found.length === MOST_FOUND) break;
  }
  return found;
}
