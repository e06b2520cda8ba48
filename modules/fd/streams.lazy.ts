/** The standard streams: where they lead, and what they read. */
import { EBADF, EINVAL, expect, isWhole, type VfsError, vfsError } from '../contract/errno';
import type { VfsFile } from '../contract/filesystem';
import { decodeText, encodeText } from '../engine';
import * as terminal from '../engine/console.lazy';
import { consoleState } from '../engine/console-state';
import { open } from '../vfs/file';
import * as io from './io.lazy';
import * as descriptors from './open.lazy';
import { streamState, table } from './table';

type Print = (...all: unknown[]) => void;

interface Globals {
  print?: Print;
  console?: { [name: string]: Print | undefined };
}

const globals = globalThis as unknown as Globals;

/** What prints to which stream. */
const PRINTERS: [name: string, fd: number][] = [
  ['log', 1],
  ['info', 1],
  ['debug', 1],
  ['warn', 2],
  ['error', 2],
];

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
    redirect(fd);
    terminal.writeConsole(encodeText(line + '\nstream ' + fd + ' is back: ' + (error as VfsError).message + '\n'));
  }
  streamState._printing = false;
}

/** Puts printers of ours in the places of the engine's, or these back. */
function follow(fd: number, away: boolean): void {
  const own = globals.console as Required<Globals>['console'];
  for (let i = 0; own && i < PRINTERS.length; i++)
    if (PRINTERS[i][1] === fd) exchange(own, PRINTERS[i][0], 'console ' + PRINTERS[i][0], fd, away);
  if (fd === 1 && globals.print) exchange(globals as never, 'print', 'print', fd, away);
  consoleState._log = streamState._printers['console log'] as Print | undefined;
  if (!own) consoleState._log = streamState._printers.print as Print | undefined;
}

function exchange(owner: { [name: string]: unknown }, name: string, key: string, fd: number, away: boolean): void {
  const kept = streamState._printers;
  if (!owner[name] || away === !!kept[key]) return;
  try {
    if (away) {
      const before = owner[name];
      owner[name] = printer(fd);
      // An engine whose printers are fixed keeps them.
      if (owner[name] !== before) kept[key] = before;
    } else {
      owner[name] = kept[key];
      kept[key] = undefined;
    }
  } catch (_fixed) {
    // The same, where it says so.
  }
}

function printer(fd: number): Print {
  return function () {
    const all: unknown[] = [];
    for (let i = 0; i < arguments.length; i++) all.push(arguments[i]);
    printTo(fd, all);
  };
}

/**
 * Leads a standard stream elsewhere: 0 for input, 1 for output, 2 for errors. `print` and `console.log` follow 1, `console.warn` and
 * `console.error` 2, where the engine lets its own be replaced.
 * @param target a path, which is opened (written to at its end); a descriptor, as `dup2`; an open file, or whatever has `write`, or
 *   `readinto` or `read` for 0; nothing for the console
 * @throws what opening says, and the stream is as it was; EBADF; TypeError for another target
 * Source: POSIX `freopen`, ESP-IDF's `freopen("/dev/uart/0", "w", stdout)`.
 */
export function redirect(fd: number, target?: string | number | object): void {
  expect(typeof fd === 'number', 'fd');
  if (!isWhole(fd, 0, 2)) throw vfsError(EBADF, 'redirect', '', 'no standard stream: ' + fd);
  const own = target as { write?: unknown; read?: unknown; readinto?: unknown };
  streamState._held[fd] = undefined;
  if (target === undefined || target === null) {
    if (table[fd]) {
      try {
        descriptors.close(fd);
      } catch (_error) {
        // The console comes back, whatever the target says.
      }
    }
    table[fd] = 0;
    follow(fd, false);
    return;
  }
  if (typeof target === 'number') descriptors.dup2(target, fd);
  else if (typeof target === 'string') descriptors.install(fd, open(target, fd ? 'ab' : 'rb'), target);
  else {
    expect(typeof target === 'object' && (fd ? own.write : own.readinto || own.read), 'target');
    descriptors.install(fd, lent(target as VfsFile), '');
  }
  follow(fd, true);
}

/** A file that is not closed with the stream: it is its owner's. */
function lent(file: VfsFile): VfsFile {
  const shown: { [name: string]: unknown } = {
    write: function (bytes: Uint8Array): unknown {
      return file.write(bytes);
    },
    flush: function (): void {
      if (file.flush) file.flush();
    },
    close: function (): void {},
  };
  if (file.readinto)
    shown.readinto = function (buf: Uint8Array): number {
      return file.readinto(buf);
    };
  else if (file.read)
    shown.read = function (n: number): unknown {
      return file.read(n);
    };
  return shown as unknown as VfsFile;
}

/** Up to `n` bytes as text, by default up to 512: what is there. */
export function readText(fd: number, n?: number): string {
  const buf = new Uint8Array(n === undefined || n < 0 ? 512 : n);
  const held = streamState._held[fd];
  if (!held || !held.length) return decodeText(buf.subarray(0, io.read(fd, buf)));
  const end = Math.min(held.length, buf.length);
  streamState._held[fd] = held.slice(end);
  return decodeText(new Uint8Array(held.slice(0, end)));
}

/** Up to and with the next LF; at the end what there is. What has come of a line stays where there is no more yet (EAGAIN). */
export function readLine(fd: number): string {
  const line = streamState._held[fd] || [];
  const one = new Uint8Array(1);
  streamState._held[fd] = line;
  while (line[line.length - 1] !== 10 && io.read(fd, one)) line.push(one[0]);
  streamState._held[fd] = undefined;
  return decodeText(new Uint8Array(line));
}
