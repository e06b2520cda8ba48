/** What is mounted where, and telling it. */
import { mounts } from '../../modules/vfs/mounts';
import type { BoardDescription, BootReport, VolumeReport } from './types';

declare const print: (text: string) => void;

/** Prints a line on the console. */
export function say(text: string): void {
  if (typeof console !== 'undefined') console.log(text);
  else print(text);
}

/** The kind of file system mounted at `point`: `''` for one that the board does not name, undefined for none. */
export function mountedAt(board: BoardDescription, point: string): string | undefined {
  let kind: string | undefined;
  for (let i = 0; i < mounts.length; i++) {
    if (mounts[i]._path === point) {
      kind = '';
      for (let k = 0; k < board.drivers.length; k++) {
        const driver = board.drivers[k];
        if (driver.volume && mounts[i]._fs instanceof (driver.volume as unknown as typeof Object)) kind = driver.name as string;
      }
    }
  }
  return kind;
}

/** Adds a volume to the report, and prints it; if it cannot be mounted, with the call of `require('vfs')` that formats its device. */
export function tell(board: BoardDescription, boot: BootReport, volume: VolumeReport): void {
  const number = boot.volumes.length;
  const own = board.volumes[number];
  volume.fs = volume.fs || mountedAt(board, volume.point) || '';
  boot.volumes.push(volume);
  let line = board.name + ': ' + [volume.point, volume.device, volume.fs, volume.state].join(' ');
  if (volume.error) {
    boot.ok = false;
    line += ': ' + volume.error;
    if (own && volume.state === 'failed' && volume.device)
      line +=
        "\nLeft untouched. To format it, losing all its files: var v = require('vfs'); v." +
        (board.create && volume.device === 'storage' ? own.format.split('(')[0] + '(new v.StorageVolume())' : own.format);
  }
  say(line);
}
