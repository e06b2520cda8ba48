/** Booting where there is little room for code: the board's volume and its script, and a line on the console. */
import { EPERM, type VfsError } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { exists, mount, readFile } from '../../modules/lean';
import { runScript } from '../boot/script';

/** What booting has found. */
export interface LeanReport {
  point: string;
  /** Of the first that was there, `''` if none was. */
  device: string;
  state: 'mounted' | 'formatted' | 'failed';
  ok: boolean;
  /** Why it is not mounted, or what `main.js` threw. */
  error: string;
}

interface Button {
  read(): boolean;
}

declare const print: (text: string) => void;
declare const BTN1: Button | undefined;

/**
 * Mounts the first of the devices that is there, where one that is blank to its last byte gets a volume, and runs its `main.js`, unless
 * the button is held. Never throws for what it finds: the report and the console tell.
 *
 * @param devices names, and what opens each
 */
export function bootLean(board: string, point: string, devices: { [name: string]: new () => BlockDevice }): LeanReport {
  const report: LeanReport = { point: point, device: '', state: 'failed', ok: false, error: '' };
  const main = (point === '/' ? '' : point) + '/main.js';
  for (const name in devices) {
    try {
      const bdev = new devices[name]();
      report.device = name;
      report.error = '';
      report.state = mount(bdev, point, { mkfs: true }) ? 'formatted' : 'mounted';
      report.ok = true;
    } catch (error) {
      if ((error as VfsError).errno === EPERM) {
        // It was booted before.
        report.state = 'mounted';
        report.ok = true;
        return report;
      }
      report.error += (report.error && '\n') + (error as Error).message;
    }
    if (report.device) break;
  }
  say([board + ':', point, report.device, report.ok ? 'littlefs2' : '', report.state].join(' ') + (report.error && ': ' + report.error));
  try {
    if (report.ok && !(typeof BTN1 !== 'undefined' && BTN1 && BTN1.read()) && exists(main))
      runScript(readFile(main, 'utf8') as string, main);
  } catch (thrown) {
    report.ok = false;
    report.error = '' + thrown;
    say(main + ': ' + thrown);
  }
  return report;
}

function say(text: string): void {
  if (typeof console !== 'undefined') console.log(text);
  else print(text);
}
