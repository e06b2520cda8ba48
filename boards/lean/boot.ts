/** Booting where there is little room for code: the board's volume, and a line on the console. */
import { ENODEV, type VfsError } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { mount, statvfs } from '../../modules/lean';

/** What booting has found. */
export interface LeanReport {
  point: string;
  ok: boolean;
  error: string;
}

declare const print: (text: string) => void;

/**
 * Mounts the first of the devices that is there; one that is blank to its last byte gets a volume. Never throws for what it
 * finds: the report and the console tell.
 */
export function bootLean(board: string, point: string, devices: (() => BlockDevice)[]): LeanReport {
  const report: LeanReport = { point: point, ok: false, error: '' };
  for (let k = 0; k < devices.length && !report.ok; k++) {
    try {
      const bdev = devices[k]();
      report.error = '';
      mount(bdev, point, { mkfs: true });
      report.ok = true;
    } catch (error) {
      report.error += (report.error && '\n') + (error as Error).message;
      if ((error as VfsError).errno !== ENODEV) break;
    }
  }
  const line = board + ': ' + point + ' ' + (report.ok ? statvfs(point)[3] + ' blocks free' : report.error);
  if (typeof console !== 'undefined') console.log(line);
  else print(line);
  return report;
}
