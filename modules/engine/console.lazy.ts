/** The console of the engine. It takes lines; what has no end yet waits. */
import { consoleState } from './console-state';
import { isEspruino } from './native';
import { decodeText } from './text';

declare const E: { getConsole(): string | null };
declare function print(line: string): void;

export function writeConsole(bytes: Uint8Array): number {
  const device = isEspruino && E.getConsole && E.getConsole();
  const port = device && (globalThis as unknown as Record<string, { write?(text: string): void }>)[device];
  if (port && port.write) port.write(decodeText(bytes));
  else writeLines(bytes);
  return bytes.length;
}

/** Text is made of whole lines only: a character may come in pieces. */
function writeLines(bytes: Uint8Array): void {
  const before = consoleState._line ? consoleState._line.length : 0;
  const all = new Uint8Array(before + bytes.length);
  if (consoleState._line) all.set(consoleState._line);
  all.set(bytes, before);
  let end = all.length;
  while (end && all[end - 1] !== 10) end--;
  consoleState._line = all.subarray(end);
  const lines = end ? decodeText(all.subarray(0, end - 1)).split('\n') : [];
  for (let i = 0; i < lines.length; i++) writeLine(lines[i]);
}

function writeLine(line: string): void {
  // What was there before somebody put another in its place.
  if (consoleState._log) consoleState._log.call(typeof console !== 'undefined' ? console : undefined, line);
  else if (typeof console !== 'undefined') console.log(line);
  else print(line);
}
