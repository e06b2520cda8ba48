import { ENODEV, ENOENT, type VfsError } from '../modules/errno';
import type { BlockDevice, FileSystem } from '../modules/filesystem';
import { chdir, exists, mount, readFile } from '../modules/vfs';
import { mountFurther } from './further';
import { layOut } from './layout';
import { LAYOUT_EMPTY, LAYOUT_RESET } from './mark';
import { type Button, panel } from './panel';
import { pendingLayout } from './pending';
import { mountedAt, tell } from './report';
import { loader, requireModule } from './require';
import { runScript } from './script';
import { chooseMode } from './select';
import { errorText, isBlank, scriptFailed } from './trouble';

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
  /** The files of a factory reset: paths, each followed by its text. By default `boards/factory.ts`. */
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

declare const BTN1: Button | undefined;
declare const print: (text: string) => void;

/** Prints a line on the console. */
export function say(text: string): void {
  if (typeof console !== 'undefined') console.log(text);
  else print(text);
}

/** What a script or an earlier boot has mounted at its place is taken as it is. */
function mountVolume(board: BoardDescription, volume: VolumeDescription, boot: BootReport): void {
  const point = volume.point;
  const devices = volume.devices;
  const report: VolumeReport = { point: point, device: '', fs: '', state: 'mounted', error: '' };
  const own = !boot.volumes.length;
  const simple = board.simple;
  let unmountable: unknown;
  let bdev: BlockDevice | undefined;
  for (let i = mountedAt(board, point) === undefined ? 0 : devices.length; i < devices.length; ) {
    try {
      report.state = 'failed';
      bdev = bdev || board.open(devices[i]);
      report.device = devices[i];
      let layout = 0;
      if (unmountable) {
        if (!isBlank(bdev, simple)) throw unmountable;
        layout = own && simple ? LAYOUT_EMPTY : 0;
      } else if (own) layout = boot.mode === 'reset' ? LAYOUT_RESET : pendingLayout(bdev, simple);
      if (layout) layOut(bdev, board, layout);
      if (layout === LAYOUT_RESET) boot.mode = 'reset';
      mount(bdev, point, { mkfs: !!unmountable });
      report.state = unmountable || layout ? 'formatted' : 'mounted';
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
  tell(board, boot, report);
}

/**
 * Mounts the board's volumes and what else there is, and runs `boot.js` and `main.js`; `main.js` runs also when `boot.js` has
 * failed. Only a device that is blank to its last byte is formatted, unless the button asked for a factory reset. Never throws
 * for what it finds: the report and the console tell. When it was done before, and the first volume is still mounted, it does
 * nothing but to say so.
 *
 * @param face what `require('vfs')` gives to the scripts; its `bootReport` is set before they run
 * @param outer `require` for every other name
 * @param further instead of those of the description
 */
export function bootBoard(
  board: BoardDescription,
  face: { bootReport?: BootReport },
  outer: ((name: string) => unknown) | undefined,
  further?: FurtherDevices,
): BootReport {
  const before = face.bootReport;
  const point = board.volumes[0].point;
  const root = point === '/' ? '' : point;
  const devices = further || board.further;
  const button = panel.button || (typeof BTN1 !== 'undefined' ? BTN1 : undefined);
  if (before && mountedAt(board, point) !== undefined) {
    say(board.name + ': already booted');
    return before;
  }
  const report: BootReport = { board: board.name, volumes: [], scripts: [], ok: true };
  const mode = button && button.read() && chooseMode(button, board);
  if (mode) report.mode = mode as 'safe' | 'reset';
  for (let i = 0; i < board.volumes.length; i++) mountVolume(board, board.volumes[i], report);
  loader._path.splice(0, loader._path.length, root + '/lib');
  // Where the scripts are: the first directory that has one.
  const dirs = devices ? (mountFurther(board, devices, report) as string[]) : [root];
  if (dirs[0] && exists(dirs[0])) chdir(dirs[0]);
  loader._face = face;
  loader._outer = outer;
  (globalThis as { require?: unknown }).require = requireModule;
  face.bootReport = report;
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
  return report;
}
