import type { BlockDevice, FileSystem } from '../../modules/contract/filesystem';
import { exists, readFile } from '../../modules/vfs';
import { loader, requireModule } from './require';
import { runScript } from './script';
import { scriptFailed } from './trouble';
import { mountVolumes } from './volumes';

/** What a board mounts at one place. */
export interface VolumeDescription {
  point: string;
  /** Names of devices that may carry it; the first that the board has is taken. */
  devices: string[];
  /** The call of `require('vfs')` by which a user makes it anew, printed when it cannot be mounted. */
  format: string;
}

/**
 * Devices that may be there and belong to somebody else, a card or a ROM: each is mounted at its name (`sd` at `/sd`), and
 * never formatted. `rom` is mounted for reading only.
 */
export interface FurtherDevices {
  /** @throws ENODEV or ENOENT if it is not there */
  [name: string]: () => BlockDevice;
}

/** One board, as far as booting goes. */
export interface BoardDescription {
  name: string;
  /** In the order of mounting. The first is the board's own: the place of its scripts, and what a factory reset makes anew. */
  volumes: VolumeDescription[];
  /** Its own volume carries FAT: whole blocks are all that is asked of the device. */
  simple?: boolean;
  /** Its own volume's device is the global `bdev`. */
  bdev?: boolean;
  /** The files of a factory reset: paths, each followed by its text. By default `boards/boot/factory.ts`. */
  factory?: () => string[];
  further?: FurtherDevices;
  /** The device of that name. @throws ENOENT if the board has none */
  open(name: string): BlockDevice;
  /** The file systems in the bundle under their names in the report. */
  kinds: Record<string, new (...args: never[]) => FileSystem>;
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
  /** Every volume is mounted and every script ran to its end. */
  ok: boolean;
  /** `safe`: no script was run. `reset`: nor then, and the first volume was made anew. */
  mode?: 'safe' | 'reset';
}

/**
 * Mounts the board's volumes and what else there is, and runs `boot.js` and `main.js`; `main.js` runs also when `boot.js` has
 * failed. Only a device that is blank to its last byte is formatted, unless the button asked for a factory reset. Never throws
 * for what it finds: the report and the console tell. When it was done before, and the first volume is still mounted, it does
 * nothing but to say so.
 *
 * @param face what `require('vfs')` gives to the scripts; its `bootReport` is set before they run
 * @param further instead of those of the description
 */
export function bootBoard(board: BoardDescription, face: { bootReport?: BootReport }, further?: FurtherDevices): BootReport {
  const dirs = mountVolumes(board, face, further);
  const report = face.bootReport as BootReport;
  if (dirs) {
    loader._face = face;
    (globalThis as { require?: unknown }).require = requireModule;
    for (let k = 0; k < 2 && !report.mode; k++) {
      for (let d = 0; d < dirs.length; d++) {
        const path = dirs[d] + (k ? '/main.js' : '/boot.js');
        const script: ScriptReport = { path: path, state: 'ran', error: '', line: 0 };
        try {
          if (!exists(path)) continue;
          runScript(readFile(path, 'utf8'), path);
        } catch (error) {
          report.ok = false;
          scriptFailed(script, error);
        }
        report.scripts.push(script);
        break;
      }
    }
  }
  return report;
}
