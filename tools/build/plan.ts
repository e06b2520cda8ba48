/** What goes into a bundle of a board: one of those in the board's file, or one that is put together on the command line. */

import { driversOf } from '../../boards/boot/host';
import type { Bundle } from '../../boards/boot/types';
import { type BoardFile, descriptionOf } from '../../boards/sim';
import type { Driver } from '../../modules/contract/filesystem';
import { features } from './features';

export interface Plan {
  /** What `require('vfs')` gives beside the operations of the VFS. */
  names: Record<string, unknown>;
  /** In the order of probing. */
  drivers: Driver[];
  /** There is no board in it. */
  alone: boolean;
  /** It is made of `modules/lean`: what opens each device of the board, as in the board's file. */
  small?: Bundle['small'];
  /** The board's own volume, where that is a card. */
  card?: (() => unknown) | undefined;
  /** What plain `boot()` tries besides. */
  further?: { [name: string]: () => unknown } | undefined;
  /** It has descriptors, devices as files, standard streams, `poll` and `installFs`. */
  faces?: boolean | undefined;
  /** Devices where an image of ROMFS may lie. */
  roms?: string[] | undefined;
  /** The features that it goes without. */
  without: string[];
  /** The kind of the board's own volume, where the board's file has another. */
  own?: Driver;
  /** Where to get what the board's file does not export. */
  outside?: Map<unknown, { name: string; from: string }>;
}

/** A bundle of the board's file. @throws Error for a feature that is none */
export function planOf(name: string, board: BoardFile, suffix: string): Plan {
  const bundle = board.bundles[suffix];
  const { alone = false, small, names, card, faces, further, roms, without = [] } = bundle;
  for (const one of without) if (!features[one]) throw new Error(`${name}${suffix} goes without ${one}, which is no feature`);
  return {
    names: { ...(alone || small ? {} : board.bundles[''].names), ...names, ...Object.assign({}, ...Object.values(small ?? {})) },
    drivers: small ? [] : driversOf(descriptionOf(name, board), bundle),
    alone,
    small,
    card,
    faces,
    further,
    roms,
    without,
  };
}

/** A file system that a bundle can be made with. */
export interface Format {
  about: string;
  /** Its room in `modules/`. */
  room: string;
  from: string;
  driver?: string;
  names: string[];
}

/** By the names that the command line takes, in the order of probing. */
export const formats: { [key: string]: Format } = {
  lfs2: { about: 'littlefs 2', room: 'littlefs2', from: 'modules/littlefs2/index.ts', driver: 'littlefs2', names: ['VfsLfs2'] },
  lfs1: { about: 'littlefs 1', room: 'littlefs1', from: 'modules/littlefs1/index.ts', driver: 'littlefs1', names: ['VfsLfs1'] },
  rom: { about: 'ROMFS', room: 'romfs', from: 'modules/romfs/vfsrom.ts', driver: 'romfs', names: ['VfsRom'] },
  exfat: { about: 'exFAT', room: 'exfat', from: 'modules/exfat/index.ts', driver: 'exfat', names: ['VfsExFat'] },
  wlfat: { about: "FAT under ESP-IDF's wear levelling", room: 'fat', from: 'modules/fat/levelled.ts', driver: 'levelledFat', names: [] },
  fat: { about: 'FAT', room: 'fat', from: 'modules/fat/index.ts', driver: 'fat', names: ['VfsFat'] },
  overlay: { about: 'one file system over another', room: 'overlay', from: 'modules/overlay/index.ts', names: ['VfsOverlay'] },
};

/** The bundle of the board's file that has a part, `vfs` with its suffix; nothing if none has. */
export function whereIs(name: string, board: BoardFile, part: string): string {
  const [, room] = /^modules\/(\w+)\//.exec(part) ?? [];
  const format = Object.values(formats).find((one) => one.room === room && one.names.length);
  const suffix = Object.keys(board.bundles).find((one) => {
    const { names, without, alone, small } = planOf(name, board, one);
    return (
      !alone && !small && !without.some((other) => features[other].part.test(part)) && (!format || format.names.every((key) => names[key]))
    );
  });
  return suffix === undefined ? '' : 'vfs' + suffix;
}
