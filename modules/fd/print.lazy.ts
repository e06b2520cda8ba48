/** What is printed while a standard stream leads elsewhere. */
import { EINVAL, type VfsError, vfsError } from '../contract/errno';
import { encodeText } from '../engine';
import * as terminal from '../engine/console.lazy';
import * as io from './io.lazy';
import * as back from './restore.lazy';
import { streamState } from './table';

/** One line of what `console.log` was given: text as it is, all else as JSON where it can be. */
function lineOf(all: IArguments | unknown[]): string {
  const parts: string[] = [];
  for (let i = 0; i < all.length; i++) {
    let part = all[i];
    if (part && typeof part === 'object' && !(part instanceof Error)) {
      try {
        part = JSON.stringify(part);
      } catch (_cycle) {
        // As text, then.
      }
    }
    parts.push(String(part));
  }
  return parts.join(' ');
}

/** Prints to a stream. What its target cannot take goes to the console, and so does everything after it. */
export function printTo(fd: number, all: unknown[]): void {
  const line = lineOf(all);
  // The target itself prints something.
  if (streamState._printing) {
    terminal.writeConsole(encodeText(line + '\n'));
    return;
  }
  streamState._printing = true;
  try {
    const bytes = encodeText(line + '\n');
    for (let done = 0; done < bytes.length; ) {
      const n = io.write(fd, bytes.subarray(done));
      if (!n) throw vfsError(EINVAL, 'write');
      done += n;
    }
  } catch (error) {
    streamState._printing = false;
    back.restore(fd);
    terminal.writeConsole(encodeText(line + '\nstream ' + fd + ' is back: ' + (error as VfsError).message + '\n'));
  }
  streamState._printing = false;
}
