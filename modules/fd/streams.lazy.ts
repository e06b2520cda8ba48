/** The standard streams: where they lead, and what they read. */
import { EBADF, expect, isWhole, vfsError } from '../contract/errno';
import type { VfsFile } from '../contract/filesystem';
import { decodeText } from '../engine';
import { consoleState } from '../engine/console-state';
import { open } from '../vfs/file';
import { locate } from '../vfs/mounts';
import * as io from './io.lazy';
import * as descriptors from './open.lazy';
import * as printing from './print.lazy';
import * as back from './restore.lazy';
import { streamState } from './table';

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

/** Puts printers of ours in the places of the engine's. */
function follow(fd: number): void {
  const own = globals.console;
  for (let i = 0; own && i < PRINTERS.length; i++) if (PRINTERS[i][1] === fd) replace(own, PRINTERS[i][0], fd);
  if (fd === 1 && globals.print) replace(globals as never, 'print', fd);
}

function replace(owner: { [name: string]: unknown }, name: string, fd: number): void {
  const before = owner[name];
  const kept = streamState._printers;
  if (!before) return;
  for (let i = 0; i < kept.length; i++) if (kept[i]._owner === owner && kept[i]._name === name) return;
  try {
    owner[name] = function (): void {
      const all: unknown[] = [];
      for (let k = 0; k < arguments.length; k++) all.push(arguments[k]);
      printing.printTo(fd, all);
    };
  } catch (_fixed) {
    // An engine whose printers are fixed keeps them; so does the next that does not say so.
  }
  if (owner[name] === before) return;
  kept.push({ _owner: owner, _name: name, _fd: fd, _own: before });
  if (name === 'log' || !globals.console) consoleState._log = before as Print;
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
  if (target === undefined || target === null) {
    back.restore(fd);
    return;
  }
  streamState._held[fd] = undefined;
  if (typeof target === 'number') descriptors.dup2(target, fd);
  else if (typeof target === 'string') descriptors.install(fd, open(target, fd ? 'ab' : 'rb'), locate(target, 'redirect')._path);
  else {
    expect(typeof target === 'object' && (fd ? own.write : own.readinto || own.read), 'target');
    descriptors.install(fd, lent(target as VfsFile), '');
  }
  follow(fd);
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
