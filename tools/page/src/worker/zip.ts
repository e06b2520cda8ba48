import { unzipSync, Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { joined, type Tree, walk } from '../../../places/tree';
import type { Given } from './api';

/** The least and the last year that a zip file can tell. */
const FIRST = Date.UTC(1980, 0, 2);
const LAST = Date.UTC(2099, 11, 31);

/** Everything below a directory as a zip file. */
export async function zipOf(tree: Tree, from: string): Promise<Blob> {
  const parts: BlobPart[] = [];
  let failed: Error | undefined;
  const zip = new Zip((error, data) => {
    if (error) failed = error;
    else parts.push(data as Uint8Array<ArrayBuffer>);
  });
  for await (const { path, relative, entry } of walk(tree, from, true)) {
    const mtime = Math.min(Math.max((entry.mtime ?? 0) * 1000, FIRST), LAST);
    const one = entry.kind === 'directory' ? new ZipPassThrough(joined(relative, '')) : new ZipDeflate(relative, { level: 6 });
    one.mtime = mtime;
    zip.add(one);
    if (entry.kind === 'file') for await (const piece of tree.read(path)) one.push(piece.slice());
    one.push(new Uint8Array(0), true);
    if (failed) throw failed;
  }
  zip.end();
  return new Blob(parts, { type: 'application/zip' });
}

/** What a zip file holds. @throws Error if it is none */
export async function unzip(blob: Blob): Promise<Given[]> {
  const content = unzipSync(new Uint8Array(await blob.arrayBuffer()));
  return Object.entries(content).map(([name, bytes]) => {
    const path = name.replace(/^\/+|\/+$/g, '');
    return name.endsWith('/') ? { path } : { path, blob: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
  });
}
