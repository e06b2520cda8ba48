/** What is read of a tree for the page. */
import { type Tree, walk } from '../../../places/tree';
import type { Content, Found, Search } from './api';

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

/**
 * Paths whose names hold a text, in whatever case, or whose content does.
 * @param most bytes of content that are looked at
 */
export async function search(tree: Tree, text: string, most: number): Promise<Search> {
  const wanted = text.toLowerCase();
  const found: Found[] = [];
  let left = most;
  let unread = 0;
  for await (const { path, entry } of walk(tree, '/')) {
    let holds = entry.name.toLowerCase().includes(wanted);
    if (!holds && most && entry.kind === 'file') {
      if (entry.size <= left) {
        left -= entry.size;
        holds = await contains(tree, path, wanted);
      } else unread++;
    }
    if (holds) found.push({ ...entry, path });
    if (found.length === MOST_FOUND) break;
  }
  return { found, unread };
}

/** Whether a file holds a text, as UTF-8; what of it may go on in the next piece is kept. */
async function contains(tree: Tree, path: string, wanted: string): Promise<boolean> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of tree.read(path)) {
    const text = rest + decoder.decode(bytes, { stream: true }).toLowerCase();
    if (text.includes(wanted)) return true;
    rest = text.slice(Math.max(0, text.length - wanted.length + 1));
  }
  return false;
}
