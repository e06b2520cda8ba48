/** A board as booting sees it, and what booting reports. */
import type { BlockDevice, Driver, FileSystem } from '../../modules/contract/filesystem';
import type { NativePin, NativeSpi } from '../devices/spi';

/** What a board mounts at one place. */
export interface VolumeDescription {
  point: string;
  /** Names of devices that may carry it; the first that the board has is taken. `storage` is the volume in Espruino's Storage. */
  devices: string[];
  /** The call of `require('vfs')` by which a user makes it anew, printed when it cannot be mounted. */
  format: string;
}

/** Where a card is: boot takes the firmware's FAT where there is one that reads it, else `SDCard`. */
export interface CardWiring {
  spi: NativeSpi;
  /** The pin that selects the card. */
  cs: NativePin;
  /** With false the firmware's FAT is left alone. Default true. */
  firmware?: boolean;
  /** The pin of the slot's switch: the card is mounted when it is put in, and unmounted when it is taken out, by `SDCard`. */
  detect?: { read(): unknown; mode?(mode: string): void };
  /** What the pin reads with a card in the slot: by default false, a switch to ground. */
  inserted?: boolean;
  /** The same without a switch: the card is asked each so many milliseconds, and an empty slot tried. */
  poll?: number;
  /** Called when a card that is watched has been mounted or has gone; with the error where one cannot be mounted. */
  onCard?: (point: string, mounted: boolean, error?: unknown) => void;
  /** All others go to `spi.setup` and `SDCard`: `sck`, `mosi`, `miso`, `baudrate`, `onWait`. */
  [setting: string]: unknown;
}

/**
 * Devices that may be there and belong to somebody else, a card or a ROM: each is mounted at its name (`sd` at `/sd`), and
 * never formatted. `rom` is mounted for reading only.
 */
export interface FurtherDevices {
  /**
   * Gives the device, or a file system, as the firmware's own (`VfsNative`). @throws ENODEV or ENOENT if it is not there. In bundles
   * with `-sd` and `-all` also the wiring of a card.
   */
  [name: string]: (() => BlockDevice | FileSystem) | CardWiring | string | number | boolean | undefined;
  /**
   * If the board has no place for its own volume: makes one of so many bytes (also `'128K'`) in Espruino's Storage, behind what is
   * there. Only on boards whose bundle has `StorageVolume`.
   */
  create?: string | number;
  /**
   * Whether `require('fs')` gives Node's `fs` over the volumes to the scripts, by default what the board's file says. Where the bundle has
   * no `installFs`, the report tells, and the boot goes on.
   */
  fs?: boolean;
  /** With false, starts are not counted: see `bootOk`. Default true. */
  safe?: boolean;
}

/** One board, as far as booting goes. */
export interface BoardDescription {
  name: string;
  /** In the order of mounting. The first is the board's own: the place of its scripts, and what a factory reset makes anew. */
  volumes: VolumeDescription[];
  /** Its own volume's device is the global `bdev`. */
  bdev?: boolean;
  /**
   * The files of a factory reset: paths, each followed by its text. By default `boards/boot/factory.ts`. With `'overlay'` what the
   * first ROM holds is the factory content, under the board's own volume: a reset empties that, and lays nothing out.
   */
  factory?: (() => string[]) | 'overlay';
  further?: FurtherDevices;
  /** `require('fs')` gives Node's `fs` over the volumes to the scripts, in bundles that have `installFs`, unless `boot({ fs: false })` says otherwise. */
  fs?: boolean;
  /** How many bytes the flash below Storage programs at once, 1 unless given; at most 16. */
  unit?: number;
  /** The module in which the re-created system has the board's devices, if that is not called like the board. */
  module?: string;
  /** The device of that name. @throws ENOENT if the board has none */
  open(name: string): BlockDevice;
  /** Makes its device `storage`, which is a `StorageVolume`. @throws as `StorageVolume.create` */
  create?: (size: string | number, options: { anywhere: boolean }) => BlockDevice;
  /** The file systems in the bundle, in the order of probing. The first is that of its own volume. */
  drivers: Driver[];
  /** Cards are read by `SDCard`, whatever the firmware has. */
  ownCards?: boolean;
  /** Opens a card by its wiring. Here where a bundle has `SDCard`. @internal */
  _card?: (wiring: CardWiring) => BlockDevice | FileSystem;
  /** Follows a card that comes and goes. Here as `_card`. @internal */
  _watch?: (point: string, wiring: CardWiring) => void;
  /** What is done with ROMs when the board's own volumes are mounted. Here where a bundle names some. @internal */
  _roms?: (boot: BootReport) => void;
}

export interface VolumeReport {
  point: string;
  /** `''` where no device was opened. */
  device: string;
  /** `'littlefs2'`, `''` where nothing is mounted or its kind is not known. */
  fs: string;
  /** `failed`: the device is there, and nothing on it was changed. */
  state: 'mounted' | 'formatted' | 'failed' | 'absent';
  error: string;
}

export interface ScriptReport {
  path: string;
  state: 'ran' | 'failed';
  error: string;
  /** Where the error arose, 0 where the engine does not tell. */
  line: number;
}

export interface BootReport {
  board: string;
  volumes: VolumeReport[];
  /** The scripts that were there. */
  scripts: ScriptReport[];
  /** Every volume is mounted, every script ran to its end, and what was asked for is there. */
  ok: boolean;
  /** Why what was asked for besides is not there: `fs` in a bundle without it. */
  error?: string;
  /** `safe`: no script was run. `reset`: nor then, and the first volume was made anew. */
  mode?: 'safe' | 'reset';
}

/**
 * Mounts the volumes and runs the scripts.
 * @param further devices instead of those of the description, and the options `create` and `fs`, with which alone those stay
 */
export type Boot = (further?: FurtherDevices) => BootReport;

/** What one bundle of a board gives to scripts. All that is named here the board's file exports, under whatever name. */
export interface Bundle {
  /** What `require('vfs')` gives beside the operations of the VFS. */
  names: Record<string, unknown>;
  /** What it knows beside the drivers of the description. If it names these too, all in the order of probing. */
  drivers?: Driver[];
  /** Names of devices where an image of ROMFS may lie. The first that holds one is mounted at `/rom`. */
  roms?: string[];
  /** What plain `boot()` tries besides, as `further` of the description: the card that the firmware reads. */
  further?: { [name: string]: () => FileSystem };
  /** There is no board in it: for block devices of one's own. */
  alone?: boolean;
  /** One volume of littlefs 2 and nothing else (`modules/lean`). By the names of devices, in the order of trying, what opens each, under the name that scripts have for it. */
  small?: { [device: string]: { [name: string]: new () => BlockDevice } };
  /** It is one file on Espruino too, for boards whose Storage has no room for parts. */
  single?: boolean;
  /** With `alone`: a card is the board's own volume, at `/sd`, and boots it. Gives its file system. @throws ENODEV without one */
  card?: () => FileSystem;
  /** What it goes without, of `tools/build/features.ts`: calling it is ENOSYS. */
  without?: string[];
  /** It has descriptors, devices as files, standard streams, `poll`, and `installFs`. */
  faces?: boolean;
}

/** By the suffix of their files. That of `''` is the default, to which the others add theirs; they are built when they are asked for. */
export interface Bundles {
  [suffix: string]: Bundle;
}

/** The most that each file below `dist/BOARD/` may have. */
export interface Budgets {
  [file: string]: { bytes: number; functions: number; parameters: number };
}
