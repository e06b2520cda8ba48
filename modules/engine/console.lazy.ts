/** The console of the engine. It takes lines; what has no end yet waits. */
import { consoleState } from './console-state';
import { isEspruino } from './native';
import { decodeText } from './text';

declare const E: { getConsole(): string | null };
declare function print(line: string): void;

export function writeConsole(bytes: Uint8Array): number {
  const text = decodeText(bytes);
  const device = isEspruino && E.getConsole && E.getConsole();
  const port = device && (globalThis as unknown as Record<string, { write?(text: string): void }>)[device];
  if (port && port.write) port.write(text);
  else {
    const lines = (consoleState._line + text).split('\n');
    consoleState._line = lines.pop() as string;
    for (let i = 0; i < lines.length; i++) writeLine(lines[i]);
  }
  return bytes.length;
}

function writeLine(line: string): void {
  // What was there before somebody put another in its place.
  if (consoleState._log) consoleState._log.call(typeof console !== 'undefined' ? console : undefined, line);
  else if (typeof console !== 'undefined') console.log(line);
  else print(line);
}
