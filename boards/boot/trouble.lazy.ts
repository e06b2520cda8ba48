/** What booting needs when something goes wrong. */
import { closeDevice, type Device, openDevice, readPiece, viewAt } from '../../modules/blockdev';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { espruinoE } from '../../modules/engine/native';
import * as reports from './report.lazy';
import type { ScriptReport } from './types';

/** The most that is looked at in one piece. */
const PIECE = 4096;

/** Whether every byte is 0xFF. */
function isErased(bytes: Uint8Array): boolean {
  if (espruinoE && espruinoE.sum) return espruinoE.sum(bytes) === 255 * bytes.length;
  let i = bytes.length;
  while (i && bytes[i - 1] === 255) i--;
  return !i;
}

/** A piece of a device that makes no arrays itself; undefined if it cannot be read. */
function pieceOf(dev: Device, block: number, at: number, size: number): Uint8Array | undefined {
  const piece = new Uint8Array(size);
  return viewAt(dev, block, at, size) || (readPiece(dev, block, at, piece) ? undefined : piece);
}

/** Whether every byte of the device reads as erased. Reads in pieces, and stops at the first other byte. */
export function isBlank(bdev: BlockDevice, simple?: boolean): boolean {
  const dev = openDevice(bdev, 'boot', simple);
  const own = dev._bdev;
  const count = dev._blockCount;
  const length = dev._blockSize;
  const size = length > PIECE && length % PIECE === 0 ? PIECE : length;
  let blank = true;
  // As little as can be: it goes over the whole device.
  for (let block = 0, at = 0; blank && block < count; ) {
    const bytes = (own.readarray && own.readarray(block, at, size)) || pieceOf(dev, block, at, size);
    blank = !!bytes && isErased(bytes);
    at = (at + size) % length;
    if (!at) block++;
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
