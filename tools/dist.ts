import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The bundle with everything in one file, below `dist/`.
 * `kind`: `-fat` and `-all` stand for the bundles with FAT, alone or beside littlefs 2.
 */
export function wholeBundle(board: string, kind = ''): string {
  return `${board}/vfs${kind}.min.js`;
}

/** Whether a bundle is a file of parts, each a script. */
export const isParts = (bundle: string) => /vfs-parts[^/]*$/.test(bundle);

/** The package's folder, seen from `tools/` as well as from the built `dist/tools/`. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export function packagePath(path: string): string {
  return join(packageRoot(), path);
}

export function distPath(path: string): string {
  return packagePath(join('dist', path));
}
