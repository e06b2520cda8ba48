/** What booting needs when something goes wrong. */
import { closeDevice, openDevice, readPiece } from '../../modules/blockdev';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { equal, fill } from '../../modules/engine';
import * as reports from './report.lazy';
import type { ScriptReport } from './types';

/** Whether every byte of the device reads as erased. Reads in pieces, and stops at the first other byte. */
export function isBlank(bdev: BlockDevice, simple?: boolean): boolean {
  const dev = openDevice(bdev, 'boot', simple);
  const size = dev._blockSize > 1024 && dev._blockSize % 1024 === 0 ? 1024 : dev._blockSize;
  const piece = new Uint8Array(size);
  const erased = new Uint8Array(size);
  fill(erased, 0xff);
  let blank = true;
  for (let block = 0; blank && block < dev._blockCount; block++) {
    for (let at = 0; blank && at < dev._blockSize; at += size) blank = !readPiece(dev, block, at, piece) && equal(piece, erased);
  }
  closeDevice(dev);
  return blank;
}

/** What an error says, whatever was thrown. */
export function errorText(error: unknown): string {
  try {
    // ECORRUPT and its kind name themselves; `Error: ` before them says nothing.
    return error && (error as { errno?: number }).errno ? (error as Error).message : '' + error;
  } catch (_unprintable) {
    return typeof error;
  }
}

/** Puts into the report, and prints, what a script has ended with. */
export function scriptFailed(script: ScriptReport, error: unknown): void {
  const path = script.path;
  script.state = 'failed';
  script.error = errorText(error);
  script.line = errorLine(error, path);
  reports.say(path + (script.line ? ':' + script.line : '') + ': ' + script.error);
}

/**
 * The line of the script at `path` in which an error arose, 0 where the engine does not tell. Each engine has its own name
 * for evaluated code in stack traces: `input` QuickJS, MicroQuickJS, Duktape; `<eval>` JerryScript (an array, and for
 * syntax errors in the message); `eval (` Espruino; the path itself, or `<anonymous>`, Node and Hermes.
 */
export function errorLine(error: unknown, path: string): number {
  const fields = (error || {}) as Error;
  // Espruino matches what follows a group after its last alternative only.
  const frame = new RegExp('(' + path + '|<input>|\\(input|<eval>|<anonymous>|eval \\():(\\d+)').exec(fields.message + '\n' + fields.stack);
  return frame ? +frame[2] : 0;
}
