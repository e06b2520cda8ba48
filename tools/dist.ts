import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The modules of a device's bundle: `vfs` loads the others when it wants something of them. */
export const moduleNames = ['vfs', 'vfs-boot', 'vfs-more'];

/** The minified bundles for devices and small engines, below `dist/`. */
export const bundles = [
  ...['', '-fat', '-all'].flatMap((kind) => modulesOf('esp32', kind)),
  ...['stm32', 'zephyr', 'esp8266', 'rp2', 'nrf52'].flatMap((board) => ['', '-all'].flatMap((kind) => modulesOf(board, kind))),
  'sim/chip.js',
  'test/suite.js',
];

function modulesOf(board: string, kind: string): string[] {
  return moduleNames.map((name) => `${board}/${name}${kind}.min.js`);
}

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
