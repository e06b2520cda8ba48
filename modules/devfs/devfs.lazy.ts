/** A driver for devices that are read and written as files, to be registered as `/dev`. */
import { EACCES, EAGAIN, EBADF, EINVAL, ENOENT, ENOSPC, ENOSYS, expect } from '../contract/errno';
import { type DirEntry, TYPE_DIR } from '../contract/filesystem';
import { F_GETFL, F_SETFL, O_ACCMODE, O_NONBLOCK, O_RDONLY, O_WRONLY, type PrefixDriver, TYPE_CHAR } from '../contract/prefix';
import { fill } from '../engine';
import * as terminal from '../engine/console.lazy';
import type { CharDevice } from './device';
import * as serial from './uart.lazy';

interface OpenDevice {
  _device: CharDevice;
  _flags: number;
}

interface OpenDir {
  _entries: DirEntry[];
  _at: number;
}

/** What a driver keeps, with what its operations share: they are called when this part has gone. */
interface State {
  _own: { [name: string]: CharDevice };
  _more: { [name: string]: CharDevice };
  _files: (OpenDevice | undefined)[];
  _deviceAt(path: string): CharDevice | undefined;
  _entriesOf(path: string): DirEntry[];
  _ask(fd: number, other: number, name: string, a?: unknown, b?: unknown): unknown;
}

type Methods = Record<string, ((a?: unknown, b?: unknown) => unknown) | undefined>;

/** Always both: to be read and to be written. */
function always(events: number, changed?: () => void): unknown {
  return changed ? function (): void {} : events & 3;
}

function zeros(buf: Uint8Array): number {
  fill(buf, 0);
  return buf.length;
}

function takeAll(bytes: Uint8Array): number {
  return bytes.length;
}

declare const E: { hwRand?(): number } | undefined;
declare const crypto: { getRandomValues(buf: Uint8Array): unknown } | undefined;

/** Random bytes from the hardware or the system; nothing where there is no such source. */
function randomDevice(): CharDevice | undefined {
  const hardware = typeof E !== 'undefined' && E.hwRand;
  const system = typeof crypto !== 'undefined' && crypto && crypto.getRandomValues;
  if (!hardware && !system) return undefined;
  return {
    read: function (buf: Uint8Array): number {
      // More than this at once is refused by some systems.
      const n = Math.min(buf.length, 512);
      if (hardware) for (let i = 0; i < n; i++) buf[i] = (E as Required<NonNullable<typeof E>>).hwRand() & 0xff;
      else (crypto as NonNullable<typeof crypto>).getRandomValues(buf.subarray(0, n));
      return n;
    },
    select: always,
  };
}

/** `null`, `zero`, `full`, `console`, and `random` where there is a source. */
function common(): { [name: string]: CharDevice } {
  const all: { [name: string]: CharDevice } = {
    null: {
      read: function () {
        return 0;
      },
      write: takeAll,
      select: always,
    },
    zero: {
      read: zeros,
      write: takeAll,
      select: always,
    },
    full: {
      read: zeros,
      write: function () {
        return -ENOSPC;
      },
      select: always,
    },
    console: {
      read: function () {
        return -EAGAIN;
      },
      write: function (bytes) {
        return terminal.writeConsole(bytes);
      },
      select: function (events, changed) {
        return changed ? function (): void {} : events & 2;
      },
    },
  };
  const random = randomDevice();
  if (random) all.random = random;
  return all;
}

function deviceAt(this: State, path: string): CharDevice | undefined {
  const name = path.substring(1);
  const globals = globalThis as unknown as Record<string, serial.SerialPort | undefined>;
  const port = this._more[name] || this._own[name] || !/^uart\/[0-9]$/.test(name) ? undefined : globals['Serial' + name[5]];
  if (port && typeof port.write === 'function') this._own[name] = serial.uart(port);
  return this._more[name] || this._own[name];
}

/** What lies in a directory. */
function entriesOf(this: State, path: string): DirEntry[] {
  const begin = path === '/' ? '' : path.substring(1) + '/';
  const found: DirEntry[] = [];
  const seen: string[] = [];
  for (let i = 0; i < 10; i++) this._deviceAt('/uart/' + i);
  Object.keys(this._own)
    .concat(Object.keys(this._more))
    .forEach(function (name) {
      if (name.indexOf(begin)) return;
      const rest = name.substring(begin.length).split('/');
      if (seen.indexOf(rest[0]) >= 0) return;
      seen.push(rest[0]);
      found.push([rest[0], rest.length > 1 ? TYPE_DIR : TYPE_CHAR, 0, 0]);
    });
  return found;
}

/** Calls a method of what is open. */
function ask(this: State, fd: number, other: number, name: string, a?: unknown, b?: unknown): unknown {
  const file = this._files[fd];
  if (!file || (file._flags & O_ACCMODE) === other) return -EBADF;
  const device = file._device as unknown as Methods;
  return device[name] ? (device[name] as (a: unknown, b: unknown) => unknown)(a, b === undefined ? file._flags : b) : -ENOSYS;
}

/** The operations on what is open. */
function fileOperations(state: State): PrefixDriver {
  return {
    open: function (path, flags) {
      const device = state._deviceAt(path);
      const files = state._files;
      let fd = 0;
      if (!device) return -ENOENT;
      const result = device.open ? device.open(flags) : 0;
      if ((result as number) < 0) return result;
      while (files[fd]) fd++;
      files[fd] = { _device: device, _flags: flags };
      return fd;
    },
    close: function (fd) {
      const file = state._files[fd];
      if (!file) return -EBADF;
      state._files[fd] = undefined;
      if (file._device.close) file._device.close();
      return 0;
    },
    read: function (fd, buf) {
      return state._ask(fd, O_WRONLY, 'read', buf) as number;
    },
    write: function (fd, bytes) {
      return state._ask(fd, O_RDONLY, 'write', bytes) as number;
    },
    /** As ESP-IDF's `/dev/null`: there is no place but the beginning. */
    lseek: function (_fd, _offset, whence) {
      return whence > 2 ? -EINVAL : 0;
    },
    fstat: function () {
      return [TYPE_CHAR, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    },
    fsync: function (fd) {
      const file = state._files[fd];
      return file && file._device.fsync ? file._device.fsync() : 0;
    },
    /** `F_GETFL` and `F_SETFL`, of which only `O_NONBLOCK`. */
    fcntl: function (fd, command, argument) {
      const file = state._files[fd];
      if (!file) return -EBADF;
      if (command === F_GETFL) return file._flags;
      if (command !== F_SETFL) return -ENOSYS;
      file._flags = (file._flags & ~O_NONBLOCK) | ((argument as number) & O_NONBLOCK);
      return 0;
    },
    ioctl: function (fd, command, argument) {
      return state._ask(fd, -1, 'ioctl', command, argument === undefined ? null : argument);
    },
    select: function (fd, events, changed) {
      return state._ask(fd, -1, 'select', events, changed === undefined ? null : changed);
    },
  };
}

/** Adds the operations on paths and directories. */
function addNames(driver: PrefixDriver, state: State): void {
  driver.stat = function (path) {
    const type = state._deviceAt(path) ? TYPE_CHAR : state._entriesOf(path).length ? TYPE_DIR : 0;
    return type ? [type, 0, 0, 0, 0, 0, 0, 0, 0, 0] : -ENOENT;
  };
  driver.access = function (path, mode) {
    return !state._deviceAt(path) ? -ENOENT : mode & 1 ? -EACCES : 0;
  };
  driver.opendir = function (path) {
    const entries = state._entriesOf(path);
    return entries.length ? { _entries: entries, _at: 0 } : -ENOENT;
  };
  driver.readdir = function (dir) {
    const open = dir as OpenDir;
    return open._entries[open._at++];
  };
  driver.telldir = function (dir) {
    return (dir as OpenDir)._at;
  };
  driver.seekdir = function (dir, place) {
    (dir as OpenDir)._at = place;
    return 0;
  };
}

/**
 * Makes a driver: `vfs.register('/dev', vfs.devfs({ led: device }))`.
 * @param devices besides `null`, `zero`, `full`, `console`, `random`, and `uart/1` for the engine's `Serial1`, or instead of one, by the path below the prefix: `led`, `uart/1`.
 *   Kept as it is: what is put into it later is there, too
 * @throws TypeError for what is no object
 * Source: ESP-IDF's `/dev/null`, `/dev/uart`, `/dev/console`, Linux's `/dev/zero`, `/dev/full`, `/dev/random`.
 */
export function devfs(devices?: { [path: string]: CharDevice }): PrefixDriver {
  const more = devices === undefined ? {} : devices;
  expect(more && typeof more === 'object', 'devices');
  const state: State = { _own: common(), _more: more, _files: [], _deviceAt: deviceAt, _entriesOf: entriesOf, _ask: ask };
  const driver = fileOperations(state);
  addNames(driver, state);
  return driver;
}
