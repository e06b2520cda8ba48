/** `fs.promises`, over the forms with callbacks. */
import type { Face, FsOptions } from './types';

type Call = (this: unknown, a?: unknown, b?: unknown, c?: unknown, d?: unknown) => unknown;

/** What an operation comes to, with arguments `first` and `rest`. `shape` makes of the value what the promise gives. */
type Promised = (name: string, first: unknown[], rest: ArrayLike<unknown>, shape?: (value: unknown) => unknown) => Promise<unknown>;

type Handle = { fd: number };

/** Node's `FileHandle`. */
function handles(promised: Promised): new (fd: number) => Handle {
  function FileHandle(this: Handle, fd: number): void {
    this.fd = fd;
  }
  const handle = FileHandle.prototype as Record<string, unknown>;
  // Those that only hand on the descriptor.
  const METHODS =
    'readFile:readFile writeFile:writeFile appendFile:writeFile stat:fstat truncate:ftruncate sync:fsync datasync:fdatasync utimes:futimes chmod:fchmod chown:fchown';
  METHODS.split(' ').forEach(function (both) {
    const names = both.split(':');
    handle[names[0]] = function (this: Handle): Promise<unknown> {
      return promised(names[1], [this.fd], arguments);
    };
  });
  handle.close = function (this: Handle): Promise<unknown> {
    const fd = this.fd;
    // A second time is none, as with Node.
    this.fd = -1;
    return fd < 0 ? Promise.resolve() : promised('close', [fd], []);
  };
  ['read', 'write'].forEach(function (name) {
    handle[name] = function (this: Handle, first: unknown): Promise<unknown> {
      let args: ArrayLike<unknown> = arguments;
      const given = first as (FsOptions & { buffer?: Uint8Array; byteLength?: number }) | undefined;
      if (name === 'read' && (!given || given.byteLength === undefined)) {
        const own = (given && given.buffer) || new Uint8Array(16384);
        args = [own, given || {}];
      }
      const buffer = args[0];
      return promised(name, [this.fd], args, function (count) {
        return name === 'read' ? { bytesRead: count, buffer: buffer } : { bytesWritten: count, buffer: buffer };
      });
    };
  });
  if (typeof Symbol !== 'undefined' && (Symbol as { asyncDispose?: symbol }).asyncDispose)
    handle[(Symbol as unknown as { asyncDispose: string }).asyncDispose] = handle.close;
  return FileHandle as unknown as new (
    fd: number,
  ) => Handle;
}

/** Undefined where the engine has no promises. */
export function makePromises(face: Face): object | undefined {
  if (typeof Promise === 'undefined') return undefined;
  const forms = face as unknown as Record<string, Call>;
  const promised: Promised = function (name, first, rest, shape) {
    for (let i = 0; i < rest.length; i++) first.push(rest[i]);
    return new Promise(function (resolve, reject) {
      first.push(function (error: unknown, value: unknown) {
        if (error) reject(error);
        else resolve(shape ? shape(value) : value);
      });
      forms[name].apply(face, first as never);
    });
  };
  const FileHandle = handles(promised);

  /** All operations on paths, by their names. */
  function call(this: string): Promise<unknown> {
    return promised('' + this, [], arguments);
  }

  const made: Record<string, unknown> = {};
  const NAMES =
    'access appendFile chmod chown copyFile cp lchmod lchown link lstat lutimes mkdir mkdtemp readFile readdir readlink realpath rename rm rmdir stat ' +
    'statfs symlink truncate unlink utimes writeFile';
  NAMES.split(' ').forEach(function (name) {
    made[name] = call.bind(name);
  });
  made.open = function (): Promise<unknown> {
    return promised('open', [], arguments, function (fd) {
      return new FileHandle(fd as number);
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
