/** A standard stream is the console again. */
import { consoleState } from '../engine/console-state';
import * as descriptors from './open.lazy';
import { streamState, table } from './table';

export function restore(fd: number): void {
  streamState._held[fd] = undefined;
  if (table[fd]) {
    try {
      descriptors.close(fd);
    } catch (_error) {
      // The console comes back, whatever the target says.
    }
  }
  table[fd] = 0;
  const others = [];
  for (let i = 0; i < streamState._printers.length; i++) {
    const one = streamState._printers[i];
    if (one._fd === fd) one._owner[one._name] = one._own;
    else others.push(one);
  }
  streamState._printers = others;
  if (fd === 1) consoleState._log = undefined;
}
