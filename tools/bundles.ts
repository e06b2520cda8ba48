/** What the build makes for devices, below `dist/`. */
import { boards } from '../boards/sim';
import { storedBundles, wholeBundle } from './dist';

/** One bundle of a board, `vfs` with a suffix. */
export interface BoardBundle {
  board: string;
  suffix: string;
}

export function boardBundles(): BoardBundle[] {
  return Object.entries(boards).flatMap(([board, file]) => Object.keys(file.bundles).map((suffix) => ({ board, suffix })));
}

/** The minified bundles for devices and small engines. */
export const bundles = [
  ...boardBundles().flatMap(({ board, suffix }) => [wholeBundle(board, suffix), ...Object.values(storedBundles(board, suffix))]),
  'sim/chip.js',
  'test/suite.js',
];

export interface Size {
  bytes: number;
  functions: number;
  /** Of all functions: each takes RAM on Espruino. */
  parameters: number;
}

/** The budgets of the boards' files, by bundle. */
export const budgets: { [bundle: string]: Size } = Object.fromEntries(
  Object.entries(boards).flatMap(([board, { budget }]) => Object.entries(budget).map(([file, one]) => [`${board}/${file}`, one])),
);
