import { closeDevice, openDevice, readAt } from '../modules/blockdev';
import { equal, fill, isEspruino } from '../modules/engine';
import { ECORRUPT, ENODEV, ENOENT, type VfsError } from '../modules/errno';
import type { BlockDevice, FileSystem } from '../modules/filesystem';
import { exists, mount, readFile } from '../modules/vfs';
import { errorLine, errorText, runScript } from './script';

/** What a board mounts at one place. */
export interface VolumeDescription {
  point: string;
  /** Names of devices that may carry it; the first that the board has is taken. */
  devices: string[];
  /** How a user makes it anew by hand, printed when it cannot be mounted. */
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
  fileSystems: Record<string, new (...args: never[]) => FileSystem>;
}

export interface VolumeReport {
  point: string;
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

declare const print: ((text: string) => void) | undefined;

/** Prints a line on the console. */
function say(text: string): void {
  if (typeof console !== 'undefined' && console.log) console.log(text);
  else if (typeof print !== 'undefined') print(text);
}

/** Whether every byte of the device reads as erased. Reads in pieces, and stops at the first other byte. */
export function isBlank(bdev: BlockDevice): boolean {
  const dev = openDevice(bdev, 'boot');
  const size = dev._blockSize > 1024 && dev._blockSize % 1024 === 0 ? 1024 : dev._blockSize;
  const piece = new Uint8Array(size);
  const erased = new Uint8Array(size);
  fill(erased, 0xff);
  let blank = true;
  for (let block = 0; blank && block < dev._blockCount; block++) {
    for (let at = 0; blank && at < dev._blockSize; at += size) blank = !readAt(dev, block, at, piece) && equal(piece, erased);
  }
  closeDevice(dev);
  return blank;
}

function mountVolume(board: BoardDescription, volume: VolumeDescription): VolumeReport {
  const point = volume.point;
  const report: VolumeReport = { point: point, device: '', fs: '', state: 'absent', error: '' };
  let bdev: BlockDevice | undefined;
  try {
    for (let i = 0; !bdev && i < volume.devices.length; i++) {
      try {
        bdev = board.open(volume.devices[i]);
        report.device = volume.devices[i];
      } catch (missing) {
        const lack = (missing as VfsError).errno;
        if (lack !== ENOENT && lack !== ENODEV) report.state = 'failed';
        if (i + 1 === volume.devices.length || report.state === 'failed') throw missing;
      }
    }
    try {
      mount(bdev as BlockDevice, point);
      report.state = 'mounted';
    } catch (unmountable) {
      report.state = 'failed';
      const errno = (unmountable as VfsError).errno;
      if ((errno !== ENODEV && errno !== ECORRUPT) || !isBlank(bdev as BlockDevice)) throw unmountable;
      mount(bdev as BlockDevice, point, { mkfs: true });
      report.state = 'formatted';
    }
    const mounts = mount();
    const fs = mounts[mounts.length - 1][0];
    for (const name in board.fileSystems) if (fs instanceof board.fileSystems[name]) report.fs = name;
  } catch (failure) {
    report.error = errorText(failure);
  }
  return report;
}

function runIfPresent(path: string, boot: BootReport): void {
  const report: ScriptReport = { path: path, state: 'ran', error: '', line: 0 };
  try {
    if (!exists(path)) return;
    runScript(readFile(path, 'utf8') as string, path);
  } catch (error) {
    boot.ok = false;
    report.state = 'failed';
    report.error = errorText(error);
    report.line = errorLine(error, path);
    say(path + (report.line ? ':' + report.line : '') + ': ' + report.error);
  }
  boot.scripts.push(report);
}

/**
 * Mounts the board's volumes and runs `/boot.js` and `/main.js`; `main.js` runs also when `boot.js` has failed. Only a
 * device that is blank to its last byte is formatted. Never throws for what it finds: the report and the console tell.
 *
 * @param face what `require('vfs')` gives to the scripts; its `bootReport` is set before they run
 * @param outer `require` for every other name
 */
export function bootBoard(
  board: BoardDescription,
  face: { bootReport?: BootReport },
  outer: ((name: string) => unknown) | undefined,
): BootReport {
  const report: BootReport = { board: board.name, volumes: [], scripts: [], ok: true };
  for (let i = 0; i < board.volumes.length; i++) {
    const volume = mountVolume(board, board.volumes[i]);
    report.volumes.push(volume);
    let line = board.name + ': ' + volume.point + ' ' + volume.device + ' ' + volume.fs + ' ' + volume.state;
    if (volume.error) {
      report.ok = false;
      line += ': ' + volume.error;
      if (volume.device) line += '\nLeft untouched. To format it, losing all its files: ' + board.volumes[i].format;
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
  runIfPresent('/boot.js', report);
  runIfPresent('/main.js', report);
  return report;
}
