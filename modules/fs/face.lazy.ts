/** The object that `require('fs')` gives: one function for all operations, which calls the part that has the operation. */
import { type VfsError, vfsError } from '../contract/errno';
import { TYPE_DIR } from '../contract/filesystem';
import { TYPE_CHAR } from '../contract/prefix';
import { decodeText, isEspruino } from '../engine';
import { STREAMS, table } from '../fd/table';
import * as change from './change.lazy';
import * as content from './content.lazy';
import * as io from './io.lazy';
import * as look from './look.lazy';
import * as opening from './open.lazy';
import * as promises from './promises.lazy';
import * as settling from './settle.lazy';
import * as streams from './streams.lazy';
import * as trees from './trees.lazy';
import type { Face, Fs, FsError, FsOptions } from './types';

/** The operations of each part, and the system call that errors name where it has another name. */
const OPERATIONS =
  'open close read write readv:read writev:write fstat ftruncate fsync fdatasync futimes:futime fchmod fchown' +
  '|readFile:open writeFile:open appendFile:open copyFile:copyfile truncate:open' +
  '|stat lstat exists access readdir:scandir realpath:lstat readlink statfs' +
  '|mkdir rmdir rename unlink mkdtemp utimes:utime lutimes:lutime chmod lchmod chown lchown symlink link' +
  '|rm:lstat cp:lstat';

/** Those with two paths. (A list: Espruino finds a text also where only its beginning stands at the end of another.) */
const TWO = ['copyFile', 'rename', 'link', 'cp', 'symlink'];

declare function setImmediate(work: () => void): unknown;

type Callback = (error: unknown, value?: unknown, more?: unknown) => void;

// What escapes from a function here must not use another function of this file, which would have to stay: it is made inside.

/** What the parts ask the object for. */
function addHelpers(face: Face): void {
  /** Calls it when the script that runs now has ended; at once where the engine has no events. */
  face._later = function (work: () => void): void {
    if (typeof setImmediate !== 'undefined') setImmediate(work);
    else if (typeof setTimeout !== 'undefined') setTimeout(work, 0);
    else if (typeof Promise !== 'undefined') Promise.resolve().then(work);
    else work();
  };

  face._bad = function (code: string, name: string): never {
    const Kind = code === 'ERR_OUT_OF_RANGE' && typeof RangeError !== 'undefined' ? RangeError : TypeError;
    const error = new Kind('wrong argument: ' + name) as FsError;
    error.code = code;
    throw error;
  };

  face._options = function (value: unknown): FsOptions {
    if (value === undefined || value === null) return {};
    if (typeof value === 'string') return { encoding: value };
    if (typeof value !== 'object') face._bad('ERR_INVALID_ARG_TYPE', 'options');
    return value as FsOptions;
  };
}

/** Makes what takes a path as Node does. */
function makePathOf(face: Face): (path: unknown, name: string) => string {
  return function (path, name) {
    const url = path as { href?: string; pathname: string };
    if (path instanceof Uint8Array) path = decodeText(path);
    else if (url && url.href && url.pathname) path = decodeURIComponent(url.pathname);
    if (typeof path !== 'string') face._bad('ERR_INVALID_ARG_TYPE', name);
    if ((path as string).indexOf('\0') >= 0) face._bad('ERR_INVALID_ARG_VALUE', name);
    return path as string;
  };
}

/** Makes what makes of an error of the VFS one as Node would. */
function makeNodeError(face: Face): (error: unknown, name: string, args: unknown[]) => unknown {
  return function (error, name, args) {
    const from = error as VfsError & FsError;
    if (!from || !from.errno || from.syscall) return error;
    const syscall = face._syscall;
    let path = face._where;
    // What works on a descriptor names no path.
    if (path === undefined && typeof args[0] === 'string' && !/^(f|read$|write$|close)/.test(syscall)) path = args[0];
    const made = vfsError(from.errno, syscall, path, from._detail) as VfsError & FsError;
    made.errno = -from.errno as number;
    made.syscall = syscall;
    if (path === undefined) (made as { path?: string }).path = undefined;
    if (TWO.indexOf(name) >= 0 && face._where === undefined) {
      made.dest = args[1] as string;
      made.message += " -> '" + made.dest + "'";
    }
    return made;
  };
}

/** Makes what does an operation, of part `part` and the first of all if `index` is 0, with its arguments but the callback. */
function makePerform(face: Face): (name: string, part: number, index: number, args: unknown[], callback: unknown) => unknown {
  const pathOf = makePathOf(face);
  return function (name, part, index, args, callback) {
    if ((part || !index) && !(part === 1 && typeof args[0] === 'number' && args[0] % 1 === 0)) {
      // With a callback Espruino's do as Node's.
      if (isEspruino && callback && args[1] === undefined && /^(readFile|l*stat)$/.test(name))
        args[1] = name === 'readFile' ? null : { throwIfNoEntry: true };
      // It lists the root when it is given nothing.
      if (isEspruino && name === 'readdir' && args[0] === undefined) args[0] = '.';
      if (name !== 'exists' || typeof args[0] === 'string') args[0] = pathOf(args[0], 'path');
      if (TWO.indexOf(name) >= 0) args[1] = pathOf(args[1], 'dest');
      // What is written and not synced counts.
      if (table.length > STREAMS) settling.settle(args[0] as string);
    }
    if (part === 0) return index ? io.run(name, args, face) : opening.open(args, face);
    return part === 1
      ? content.run(name, args, face)
      : part === 2
        ? look.run(name, args, face)
        : part === 3
          ? change.run(name, args, face)
          : trees.run(name, args, face);
  };
}

/**
 * All operations as one function: by the number, twice, and one more for the synchronous form. (As text: JerryScript loses a number that
 * is bound.)
 */
function makeCall(face: Face, names: string[], syscalls: string[], parts: number[]): (this: number | string) => unknown {
  const perform = makePerform(face);
  const nodeError = makeNodeError(face);
  return function (this: number | string): unknown {
    const index = +this >> 1;
    const name = names[index];
    let args: unknown[] = [];
    for (let i = 0; i < arguments.length; i++) args.push(arguments[i]);
    const last = args[args.length - 1];
    const callback = typeof last === 'function' && (isEspruino || !(+this & 1)) ? (last as Callback) : undefined;
    const given = args;
    let value: unknown;
    let failures: unknown[] | undefined;
    if (callback) args = given.slice(0, -1);
    else if (!isEspruino && !(+this & 1)) face._bad('ERR_INVALID_ARG_TYPE', 'callback');
    // One operation may call another.
    const outer = face._syscall;
    face._syscall = syscalls[index];
    face._where = undefined;
    try {
      value = perform(name, parts[index], index, args, callback);
    } catch (error) {
      if (name === 'exists') value = false;
      else failures = [nodeError(error, name, args)];
    }
    face._syscall = outer;
    if (failures && (!callback || !(failures[0] as FsError).syscall)) throw failures[0];
    if (!callback) return value;
    face._later(function () {
      if (failures) callback(failures[0]);
      else if (name === 'exists') callback(value);
      else if (value === undefined) callback(null);
      else if (/^(read|write)v*$/.test(name)) callback(null, value, args[1]);
      else callback(null, value);
    });
    return undefined;
  };
}

/** `Stats` and `Dirent`. */
function addKinds(face: Face): void {
  // MicroQuickJS has no dates.
  let dated = true;
  try {
    dated = new Date(0).getTime() === 0;
  } catch (_none) {
    dated = false;
  }

  function Stats(this: Record<string, unknown>, entry: number[], readonly: boolean): void {
    const dir = (entry[0] & 0xf000) === TYPE_DIR;
    const rights = entry[0] & 0xfff;
    const mode = (entry[0] & 0xf000) | (rights || (dir ? 511 : 438) & (readonly ? 365 : 511));
    const fields = ['dev', 0, 'ino', entry[1], 'nlink', entry[3] || 1, 'uid', entry[4], 'gid', entry[5], 'rdev', 0, 'blksize', 4096];
    const times = ['mtime', entry[8], 'atime', entry[7], 'ctime', entry[9], 'birthtime', entry[9]];
    this.mode = mode;
    this.size = entry[6];
    for (let i = 0; i < fields.length && !isEspruino; i += 2) this[fields[i]] = fields[i + 1];
    if (isEspruino) this.dir = dir;
    else this.blocks = Math.ceil(entry[6] / 512);
    for (let k = 0; k < (isEspruino ? 2 : times.length); k += 2) {
      const ms = (times[k + 1] as number) * 1000;
      this[times[k] + 'Ms'] = ms;
      if (dated) this[times[k]] = new Date(ms);
    }
  }

  function Dirent(this: Record<string, unknown>, name: string, parent: string, type: number): void {
    this.name = name;
    this.parentPath = this.path = parent;
    this.mode = type;
  }

  const kinds: Record<string, () => boolean> = {
    isFile: function (this: { mode: number }): boolean {
      return (this.mode & 0xf000) === 0x8000;
    },
    isDirectory: function (this: { mode: number }): boolean {
      return (this.mode & 0xf000) === TYPE_DIR;
    },
    isCharacterDevice: function (this: { mode: number }): boolean {
      return (this.mode & 0xf000) === TYPE_CHAR;
    },
  };
  function never(): boolean {
    return false;
  }
  'SymbolicLink BlockDevice FIFO Socket'.split(' ').forEach(function (kind) {
    kinds['is' + kind] = never;
  });
  for (const kind in kinds) Stats.prototype[kind] = Dirent.prototype[kind] = kinds[kind];
  face.Stats = Stats as never;
  face.Dirent = Dirent as never;
}

/** One function for each operation, and one for its synchronous form. */
function addOperations(face: Face): void {
  const names: string[] = [];
  const syscalls: string[] = [];
  const parts: number[] = [];
  const call = makeCall(face, names, syscalls, parts);
  const operations = OPERATIONS.split('|');
  for (let part = 0; part < operations.length; part++) {
    const list = operations[part].split(' ');
    for (let k = 0; k < list.length; k++) {
      const both = list[k].split(':');
      const number = names.push(both[0]) * 2 - 1;
      syscalls.push(both[1] || both[0]);
      parts.push(part);
      // A text takes one variable more there.
      const sync = call.bind(isEspruino ? number : '' + number);
      const members = face as unknown as Record<string, unknown>;
      members[both[0] + 'Sync'] = sync;
      // Espruino's are synchronous unless they get a callback.
      members[both[0]] = isEspruino ? sync : call.bind('' + (number - 1));
    }
  }
}

/** Makes the object. */
export function makeFs(): Fs {
  const face = {} as Face;
  addHelpers(face);
  addKinds(face);
  addOperations(face);
  Object.defineProperty(face, 'constants', { enumerable: true, get: look.constants });
  let made: object | undefined;
  Object.defineProperty(face, 'promises', {
    enumerable: true,
    get: function () {
      made = made || promises.makePromises(face);
      return made;
    },
  });
  face.createReadStream = function (path, options) {
    return streams.createReadStream(face, path, options) as never;
  };
  face.createWriteStream = function (path, options) {
    return streams.createWriteStream(face, path, options) as never;
  };
  return face;
}
