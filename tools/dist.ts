import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The minified bundles for devices and small engines, below `dist/`. */
export const bundles = [
  ...['', '-fat', '-all'].flatMap((kind) => [`esp32/vfs${kind}.min.js`, `esp32/vfs-more${kind}.min.js`]),
  ...['stm32', 'zephyr', 'esp8266', 'rp2', 'nrf52'].flatMap((board) =>
    ['', '-all'].flatMap((kind) => [`${board}/vfs${kind}.min.js`, `${board}/vfs-more${kind}.min.js`]),
  ),
  'sim/chip.js',
  'test/suite.js',
];

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
