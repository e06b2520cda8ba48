/**
 * Counting starts that came to nothing, by which boot notices scripts that do not let the board get ready: without a button the
 * only way out.
 */
import { exists } from '../../modules/vfs';
import { type NativeStorage, native } from '../devices/native';
import { begunIn, FILE, HALF, keep, MAGIC, marksOf, SIZE, storageOf, unitsOf } from './marks';
import * as ready from './ready.lazy';
import * as reports from './report.lazy';
import { loader } from './shared';
import type { BoardDescription, BootReport } from './types';

declare function setTimeout(run: () => void, ms: number): { unref?(): void };

/** So many in a row, and the next start runs no script. */
const LIMIT = 3;
const READY_MS = 30000;

/** How many of the last ones did not go well, at most `LIMIT`. */
function failedIn(text: string, unit: number): number {
  const begun = begunIn(text, unit);
  let failed = 0;
  while (failed < begun && failed < LIMIT && text.charCodeAt(HALF + (begun - 1 - failed) * unit) === 255) failed++;
  return failed;
}

/** Marks a start. @param failed how many before it the next file has to know of */
function mark(storage: NativeStorage, unit: number, failed: number): boolean {
  const begun = begunIn(marksOf(storage), unit);
  if (begun && begun < HALF / unit) return storage.write(FILE, unitsOf(unit), begun * unit);
  // Storage would compact, and move what lies behind: rather nothing is counted.
  if (storage.getStats().freeBytes < SIZE + 64) return false;
  return storage.write(FILE, unitsOf((failed + 1) * unit), 0, SIZE);
}

/** Before the first script: counts this start, or makes it one in safe mode. Whatever fails, the start is a normal one. */
export function begin(board: BoardDescription, report: BootReport, safe: boolean | undefined): void {
  const unit = board.unit || 1;
  const ram = native.retained;
  const point = board.volumes[0].point;
  let failed = 0;
  if (safe === false) return;
  try {
    const storage = ram ? undefined : storageOf();
    if (ram) failed = ram[0] === MAGIC && ram[1] + ram[2] === 255 ? ram[1] : 0;
    else if (storage) failed = failedIn(marksOf(storage), unit);
    else return;
    loader._unit = unit;
    if (failed >= LIMIT && !exists((point === '/' ? '' : point) + '/NOSAFE')) {
      report.mode = 'safe';
      ready.bootOk();
      reports.say(
        board.name +
          ': safe mode, scripts are not run: ' +
          LIMIT +
          ' starts in a row ended before 30 s or vfs.bootOk(). The next one is normal. A file NOSAFE on ' +
          point +
          ' ends this',
      );
      return;
    }
    if (ram) keep(Math.min(failed + 1, LIMIT));
    else if (!mark(storage as NativeStorage, unit, Math.min(failed, LIMIT))) return;
    // An engine without timers has only `bootOk`.
    if (typeof setTimeout === 'undefined') return;
    const timer = setTimeout(function (): void {
      ready.bootOk();
    }, READY_MS);
    // What is simulated does not keep Node waiting.
    if (timer && timer.unref) timer.unref();
  } catch (_failed) {
    // A counter that cannot be written counts nothing.
  }
}
