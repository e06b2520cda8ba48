/** What the build makes for devices, below `dist/`. */
import { type BoardFile, boards, descriptionOf } from '../boards/sim';

/** One bundle of a board, `vfs` with a suffix. */
export interface BoardBundle {
  board: string;
  suffix: string;
  /** The file systems in it. */
  drivers: string[];
}

export function boardBundles(): BoardBundle[] {
  return Object.entries(boards).flatMap(([board, file]) =>
    Object.keys(file.bundles).map((suffix) => ({
      board,
      suffix,
      drivers: driversOf(board, file, suffix).map((driver) => driver.name ?? ''),
    })),
  );
}

export function driversOf(board: string, file: BoardFile, suffix: string) {
  const { drivers = [], alone } = file.bundles[suffix];
  return alone ? drivers : [...descriptionOf(board, file).drivers, ...drivers];
}

/** The modules of a device's bundle: `vfs` loads the others when it wants something of them. The last one comes with FAT. */
const moduleNames = ['vfs', 'vfs-boot', 'vfs-more', 'vfs-portable', 'vfs-check'];

/**
 * The names of a board's modules and their files below `dist/`.
 * @param kind the suffix of the bundle: `-fat` and `-all` stand for those with FAT, alone or beside littlefs 2
 */
export function boardModules(board: string, kind = ''): [name: string, bundle: string][] {
  const names = driversOf(board, boards[board], kind).some(({ name }) => name === 'fat') ? moduleNames : moduleNames.slice(0, 4);
  return names.map((name) => [name, `${board}/${name}${kind}.min.js`]);
}

/** The minified bundles for devices and small engines. */
export const bundles = [
  ...boardBundles().flatMap(({ board, suffix }) => boardModules(board, suffix).map(([, file]) => file)),
  'sim/chip.js',
  'test/suite.js',
];

export interface Budget {
  bytes: number;
  functions: number;
}

/** The budgets of the boards' files, by bundle. */
export const budgets: { [bundle: string]: Budget } = Object.fromEntries(
  Object.entries(boards).flatMap(([board, { budget }]) => Object.entries(budget).map(([file, one]) => [`${board}/${file}`, one])),
);
