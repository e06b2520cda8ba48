/** `fs.promises`, over the forms with callbacks. */
import type { Face, FsOptions } from './types';

type Call = (this: unknown, a?: unknown, b?: unknown, c?: unknown, d?: unknown) => unknown;

/** Undefined where the engine has no promises. */
export function makePromises(face: Face): object | undefined {
  if (typeof Promise === 'undefined') return undefined;
  const forms = face as unknown as Record<string, Call>;

  /** What an operation comes to. `shape` makes of the value what the promise gives. */
  function promised(name: string, args: unknown[], shape?: (value: unknown) => unknown): Promise<unknown> {
    return new Promise(function (resolve, reject) {
      forms[name].apply(
        face,
        args.concat(function (error: unknown, value: unknown) {
          if (error) reject(error);
          else resolve(shape ? shape(value) : value);
        }) as never,
      );
    });
  }

  function listOf(all: ArrayLike<unknown>): unknown[] {
    const list: unknown[] = [];
    for (let i = 0; i < all.length; i++) list.push(all[i]);
    return list;
  }

  /** All operations on paths, by their names. */
  function call(this: string): Promise<unknown> {
    return promised('' + this, listOf(arguments));
  }

  /** All methods of handles that only hand on the descriptor. */
  function onHandle(this: { fd: number }, name: string, args: ArrayLike<unknown>): Promise<unknown> {
    return promised(name, [this.fd as unknown].concat(listOf(args)));
  }

  function FileHandle(this: { fd: number }, fd: number): void {
    this.fd = fd;
  }
  const handle = FileHandle.prototype as Record<string, unknown>;
  const METHODS =
    'readFile:readFile writeFile:writeFile appendFile:writeFile stat:fstat truncate:ftruncate sync:fsync datasync:fdatasync utimes:futimes chmod:fchmod chown:fchown';
  METHODS.split(' ').forEach(function (both) {
    const names = both.split(':');
    handle[names[0]] = function (this: { fd: number }): Promise<unknown> {
      return onHandle.call(this, names[1], arguments);
    };
  });
  handle.close = function (this: { fd: number }): Promise<unknown> {
    const fd = this.fd;
    // A second time is none, as with Node.
    this.fd = -1;
    return fd < 0 ? Promise.resolve() : promised('close', [fd]);
  };
  ['read', 'write'].forEach(function (name) {
    handle[name] = function (this: { fd: number }, first: unknown): Promise<unknown> {
      let args = listOf(arguments);
      const given = first as (FsOptions & { buffer?: Uint8Array; byteLength?: number }) | undefined;
      if (name === 'read' && (!given || given.byteLength === undefined)) {
        const buffer = (given && given.buffer) || new Uint8Array(16384);
        args = [buffer, given || {}];
      }
      return promised(name, [this.fd as unknown].concat(args), function (count) {
        return name === 'read' ? { bytesRead: count, buffer: args[0] } : { bytesWritten: count, buffer: args[0] };
      });
    };
  });
  if (typeof Symbol !== 'undefined' && (Symbol as { asyncDispose?: symbol }).asyncDispose)
    handle[(Symbol as unknown as { asyncDispose: string }).asyncDispose] = handle.close;

  const made: Record<string, unknown> = {};
  const NAMES =
    'access appendFile chmod chown copyFile cp lchmod lchown link lstat lutimes mkdir mkdtemp readFile readdir readlink realpath rename rm rmdir stat ' +
    'statfs symlink truncate unlink utimes writeFile';
  NAMES.split(' ').forEach(function (name) {
    made[name] = call.bind(name);
  });
  made.open = function (): Promise<unknown> {
    return promised('open', listOf(arguments), function (fd) {
      return new (FileHandle as unknown as new (fd: unknown) => object)(fd);
    });
  };
  Object.defineProperty(made, 'constants', {
    enumerable: true,
    get: function () {
      return face.constants;
    },
  });
  return made;
}
