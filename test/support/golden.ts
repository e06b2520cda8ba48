import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const repoRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
/** The shared folder beside the repository: reference pages and golden images. May be absent. */
export const sharedRoot = path.join(repoRoot, '..', 'shared');

export interface GoldenEntry {
  path: string;
  type: 'file' | 'dir';
  size?: number;
  crc32?: string;
  mtime?: number;
  attrs?: Record<string, string>;
}

/** What the reference implementation says of an image; the fields are described in golden/README.md. */
export interface GoldenManifest {
  format: string;
  note: string;
  block_size: number;
  block_count: number;
  read_size?: number;
  prog_size?: number;
  cache_size?: number;
  block_cycles?: number;
  readsize?: number;
  progsize?: number;
  mount?: number;
  disk_version?: string;
  name_max?: number;
  file_max?: number;
  attr_max?: number;
  blocks_used?: number;
  statvfs?: number[];
  entries: GoldenEntry[];
  root_attrs?: Record<string, string>;
}

/** Names of the golden images of one kind (`lfs2`, `fat`, `flash`, ...), none where the shared folder is absent. */
export function goldenNames(kind: string): string[] {
  const folder = path.join(sharedRoot, 'golden', kind);
  if (!existsSync(folder)) {
    console.log(`skipped: no golden images of ${kind} beside the repository`);
    return [];
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith('.img.gz'))
    .map((name) => name.slice(0, -'.img.gz'.length))
    .sort();
}

/** A fresh copy of the raw medium. */
export function goldenImage(kind: string, name: string): Uint8Array {
  return new Uint8Array(gunzipSync(readFileSync(path.join(sharedRoot, 'golden', kind, name + '.img.gz'))));
}

export function goldenManifest<T = GoldenManifest>(kind: string, name: string): T {
  return JSON.parse(readFileSync(path.join(sharedRoot, 'golden', kind, name + '.json'), 'utf8'));
}

/** `tests(name)` for each image; one printed line instead where there are none. */
export function forGolden(kind: string, tests: (name: string) => void): void {
  goldenNames(kind).forEach(tests);
}
