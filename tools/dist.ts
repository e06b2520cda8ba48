import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The modules of a device's bundle: `vfs` loads the others when it wants something of them. The last one comes with FAT. */
const moduleNames = ['vfs', 'vfs-boot', 'vfs-more', 'vfs-portable', 'vfs-check'];

/** The minified bundles for devices and small engines, below `dist/`. */
export const bundles = [
  ...['', '-fat', '-all'].flatMap((kind) => filesOf('esp32', kind)),
  ...['stm32', 'zephyr', 'esp8266', 'rp2', 'nrf52'].flatMap((board) => ['', '-all'].flatMap((kind) => filesOf(board, kind))),
  'sim/chip.js',
  'test/suite.js',
];

/**
 * The names of a board's modules and their files below `dist/`.
 * `kind`: `-fat` and `-all` stand for the bundles with FAT, alone or beside littlefs 2.
 */
export function boardModules(board: string, kind = ''): [name: string, bundle: string][] {
  const names = kind || board === 'stm32' ? moduleNames : moduleNames.slice(0, 4);
  return names.map((name) => [name, `${board}/${name}${kind}.min.js`]);
}

function filesOf(board: string, kind: string): string[] {
  return boardModules(board, kind).map(([, file]) => file);
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
