/** What the build makes for devices, below `dist/`. */
import { existsSync, readdirSync } from 'node:fs';
import { boards } from '../boards/sim';
import { packagePath, wholeBundle } from './dist';
import { storedBundles } from './stored';

/** One bundle of a board, `vfs` with a suffix. */
export interface BoardBundle {
  board: string;
  /** `''` for the default one. The others are made when they are asked for. */
  suffix: string;
  /** It is one file on Espruino too. */
  single: boolean;
}

export function boardBundles(): BoardBundle[] {
  return Object.entries(boards).flatMap(([board, file]) =>
    Object.entries(file.bundles).map(([suffix, { single = false }]) => ({ board, suffix, single })),
  );
}

const filesOf = ({ board, suffix }: BoardBundle) => [
  ...new Set([wholeBundle(board, suffix), ...Object.values(storedBundles(board, suffix))]),
];

const roomsFolder = packagePath('test/rooms');
/** What tests run in engines beside the boards' bundles: a file each. The package has none. */
export const testRooms = existsSync(roomsFolder) ? readdirSync(roomsFolder).map((file) => file.replace(/\.ts$/, '')) : [];

/** The minified bundles for devices and small engines that the build makes, and those that it makes when it is asked for them. */
export const bundles = [
  ...boardBundles()
    .filter(({ suffix }) => !suffix)
    .flatMap(filesOf),
  'sim/chip.js',
];
export const furtherBundles = [
  ...boardBundles()
    .filter(({ suffix }) => suffix)
    .flatMap(filesOf),
  'test/suite.js',
  ...testRooms.map((name) => `test/${name}.js`),
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

/** The most bytes that each format may have in the bundle of the ESP32 with all of them, by its room: what is loaded on demand counts too. */
export const formatBudgets: { [room: string]: number } = {
  littlefs2: 34500,
  littlefs1: 17300,
  romfs: 4600,
  fat: 34500,
  exfat: 22000,
  overlay: 5200,
};
