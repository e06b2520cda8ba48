import { isEspruino } from '../modules/engine';
import { ENODEV, ENOENT, type VfsError } from '../modules/errno';
import type { BlockDevice, FileSystem } from '../modules/filesystem';
import { exists, mount, readFile } from '../modules/vfs';
import { errorText, runScript } from './script';
import { advice, errorLine, isBlank } from './trouble';

/** What a board mounts at one place. */
export interface VolumeDescription {
  point: string;
  /** Names of devices that may carry it; the first that the board has is taken. */
  devices: string[];
  /** The call of `require('vfs')` by which a user makes it anew, printed when it cannot be mounted. */
  format: string;
}

/** One board, as far as booting goes. */
export interface BoardDescription {
  name: string;
  /** In the order of mounting. */
  volumes: VolumeDescription[];
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
}

declare const print: (text: string) => void;

/** Prints a line on the console. */
function say(text: string): void {
  if (typeof console !== 'undefined') console.log(text);
  else print(text);
}

/** The kind of file system mounted at `point`: `''` for one that the board does not name, undefined for none. */
function mountedAt(board: BoardDescription, point: string): string | undefined {
  const mounts = mount();
  let kind: string | undefined;
  for (let i = 0; i < mounts.length; i++) {
    if (mounts[i][1] === point) {
      kind = '';
      for (const name in board.kinds) if (mounts[i][0] instanceof board.kinds[name]) kind = name;
    }
  }
  return kind;
}

/** What a script or an earlier boot has mounted at its place is taken as it is. */
function mountVolume(board: BoardDescription, volume: VolumeDescription): VolumeReport {
  const point = volume.point;
  const devices = volume.devices;
  const report: VolumeReport = { point: point, device: '', fs: '', state: 'mounted', error: '' };
  let unmountable: unknown;
  let bdev: BlockDevice | undefined;
  for (let i = mountedAt(board, point) === undefined ? 0 : devices.length; i < devices.length; ) {
    try {
      report.state = 'failed';
      bdev = bdev || board.open(devices[i]);
      report.device = devices[i];
      if (unmountable && !isBlank(bdev)) throw unmountable;
      mount(bdev, point, { mkfs: !!unmountable });
      report.state = unmountable ? 'formatted' : 'mounted';
      report.error = '';
      break;
    } catch (failure) {
      report.error = errorText(failure);
      const errno = (failure as VfsError).errno;
      if (!bdev && (errno === ENOENT || errno === ENODEV)) {
        report.state = 'absent';
        i++;
      } else if (!bdev || unmountable) break;
      else unmountable = failure;
    }
  }
  report.fs = mountedAt(board, point) || '';
  return report;
}

/**
 * Mounts the board's volumes and runs `/boot.js` and `/main.js`; `main.js` runs also when `boot.js` has failed. Only a
 * device that is blank to its last byte is formatted. Never throws for what it finds: the report and the console tell.
 * When it was done before, and the first volume is still mounted, it does nothing but to say so.
 *
 * @param face what `require('vfs')` gives to the scripts; its `bootReport` is set before they run
 * @param outer `require` for every other name
 */
export function bootBoard(
  board: BoardDescription,
  face: { bootReport?: BootReport },
  outer: ((name: string) => unknown) | undefined,
): BootReport {
  const before = face.bootReport;
  if (before && mountedAt(board, before.volumes[0].point) !== undefined) {
    say(board.name + ': already booted');
    return before;
  }
  const report: BootReport = { board: board.name, volumes: [], scripts: [], ok: true };
  for (let i = 0; i < board.volumes.length; i++) {
    const volume = mountVolume(board, board.volumes[i]);
    report.volumes.push(volume);
    let line = board.name + ': ' + [volume.point, volume.device, volume.fs, volume.state].join(' ');
    if (volume.error) {
      report.ok = false;
      line += ': ' + volume.error;
      if (volume.device) line += advice(board.volumes[i].format);
    }
    say(line);
  }
  // On Espruino this module is in the module cache, and its `require` is global already.
  if (!isEspruino) {
    (globalThis as { require?: unknown }).require = function (name: string): unknown {
      if (name === 'vfs') return face;
      if (outer) return outer(name);
      throw new Error('no module ' + name);
    };
  }
  face.bootReport = report;
  const paths = ['/boot.js', '/main.js'];
  for (let k = 0; k < 2; k++) {
    const path = paths[k];
    const script: ScriptReport = { path: path, state: 'ran', error: '', line: 0 };
    try {
      if (!exists(path)) continue;
      runScript(readFile(path, 'utf8'), path);
    } catch (error) {
      report.ok = false;
      script.state = 'failed';
      script.error = errorText(error);
      script.line = errorLine(error, path);
      say(path + (script.line ? ':' + script.line : '') + ': ' + script.error);
    }
    report.scripts.push(script);
  }
  return report;
}
