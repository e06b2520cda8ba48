/** `createReadStream` and `createWriteStream`: a descriptor that is read or written piece by piece, and tells by events. */
import { decodeText, isEspruino } from '../engine';
import { type Emitter, makeEmitter } from './emitter';
import * as encodings from './encodings.lazy';
import type { Face, FsOptions } from './types';

export interface StreamOptions extends FsOptions {
  flags?: string;
  fd?: number;
  /** First and last byte. */
  start?: number;
  end?: number;
  highWaterMark?: number;
  autoClose?: boolean;
}

/** What both kinds are. */
interface Stream extends Emitter {
  path: unknown;
  fd: number | null;
  pending: boolean;
  closed: boolean;
  destroyed: boolean;
  destroy(error?: unknown): Stream;
  close(callback?: () => void): void;
}

interface ReadStream extends Stream {
  readable: boolean;
  bytesRead: number;
  pause(): ReadStream;
  resume(): ReadStream;
  isPaused(): boolean;
  setEncoding(encoding: string): ReadStream;
  pipe(to: Writable, options?: { end?: boolean }): Writable;
}

interface Writable extends Partial<Emitter> {
  write(chunk: unknown): unknown;
  end?(): void;
}

type Done = (error?: unknown) => void;

interface WriteStream extends Stream {
  writable: boolean;
  writableEnded: boolean;
  writableFinished: boolean;
  writableNeedDrain: boolean;
  writableLength: number;
  writableHighWaterMark: number;
  bytesWritten: number;
  write(chunk: unknown, encoding?: unknown, done?: Done): boolean;
  end(chunk?: unknown, encoding?: unknown, done?: Done): WriteStream;
}

/** The beginning of both: opens when the script that made it has ended, and closes once. */
function begin(stream: Stream, face: Face, given: StreamOptions, flags: string, opened: () => void): void {
  stream.fd = given.fd === undefined ? null : given.fd;
  stream.pending = true;
  stream.closed = stream.destroyed = false;
  stream.destroy = function (error) {
    if (stream.destroyed) return stream;
    stream.destroyed = true;
    const fd = stream.fd;
    let failure = error;
    if (fd !== null && given.autoClose !== false) {
      stream.fd = null;
      try {
        face.closeSync(fd);
      } catch (late) {
        failure = failure || late;
      }
    }
    face._later(function () {
      if (failure) stream.emit('error', failure);
      stream.closed = true;
      stream.emit('close');
    });
    return stream;
  };
  stream.close = function (callback) {
    if (callback) stream.once('close', callback);
    stream.destroy();
  };
  face._later(function () {
    if (stream.destroyed) return;
    try {
      if (stream.fd === null) stream.fd = face.openSync(stream.path as string, given.flags || flags);
    } catch (error) {
      stream.destroy(error);
      return;
    }
    stream.pending = false;
    stream.emit('open', stream.fd);
    stream.emit('ready');
    opened();
  });
}

/** Reads a file piece by piece as soon as somebody listens to `data`, pipes or iterates. */
export function createReadStream(face: Face, path: unknown, options: unknown): ReadStream {
  const given = face._options(options) as StreamOptions;
  const size = given.highWaterMark || (isEspruino ? 512 : 65536);
  const stream = { path: path, readable: true, bytesRead: 0 } as ReadStream;
  let encoding = given.encoding;
  let pos = given.start === undefined ? -1 : given.start;
  let left = given.end === undefined ? Infinity : given.end - Math.max(pos, 0) + 1;
  let rest = new Uint8Array(0);
  let flowing = false;
  let asked = false;

  /** The next piece, undefined at the end. */
  function next(): unknown {
    for (;;) {
      const buffer = new Uint8Array(rest.length + Math.max(Math.min(size, left), 0));
      buffer.set(rest);
      const room = buffer.subarray(rest.length);
      const n = room.length ? face.readSync(stream.fd as number, room, 0, room.length, pos < 0 ? null : pos) : 0;
      let bytes = buffer.subarray(0, rest.length + n);
      if (pos >= 0) pos += n;
      left -= n;
      stream.bytesRead += n;
      rest = new Uint8Array(0);
      if (encoding && n) {
        const more = encodings.unfinished(bytes, encoding);
        rest = new Uint8Array(bytes.subarray(bytes.length - more));
        bytes = bytes.subarray(0, bytes.length - more);
        if (!bytes.length) continue;
      }
      if (!bytes.length) return undefined;
      if (encoding) return /^utf-*8$/i.test(encoding) ? decodeText(bytes) : encodings.decode(bytes, encoding);
      return typeof Buffer !== 'undefined' && encodings.hasBuffer() ? encodings.bufferOf(bytes) : bytes;
    }
  }

  function step(): void {
    asked = false;
    if (!flowing || stream.destroyed) return;
    let chunk: unknown;
    try {
      chunk = next();
    } catch (error) {
      stream.destroy(error);
      return;
    }
    if (chunk === undefined) {
      stream.readable = false;
      stream.emit('end');
      stream.destroy();
      return;
    }
    stream.emit('data', chunk);
    ask();
  }

  function ask(): void {
    if (asked || !flowing || stream.pending || stream.destroyed) return;
    asked = true;
    face._later(step);
  }

  makeEmitter(stream, function (event) {
    if (event === 'data') stream.resume();
  });
  stream.resume = function () {
    flowing = true;
    ask();
    return stream;
  };
  stream.pause = function () {
    flowing = false;
    return stream;
  };
  stream.isPaused = function () {
    return !flowing;
  };
  stream.setEncoding = function (name) {
    encoding = name;
    return stream;
  };
  stream.pipe = function (to, how) {
    stream.on('data', function (chunk) {
      if (to.write(chunk) !== false || !to.once) return;
      stream.pause();
      to.once('drain', function () {
        stream.resume();
      });
    });
    stream.on('end', function () {
      if (to.end && !(how && how.end === false)) to.end();
    });
    if (to.emit) to.emit('pipe', stream);
    return to;
  };
  if (typeof Symbol !== 'undefined' && typeof Promise !== 'undefined' && Symbol.asyncIterator)
    (stream as unknown as Record<symbol, unknown>)[Symbol.asyncIterator] = function () {
      return {
        next: function () {
          return new Promise(function (resolve, reject) {
            function give(): void {
              let chunk: unknown;
              try {
                chunk = stream.destroyed ? undefined : next();
              } catch (error) {
                stream.once('error', reject);
                stream.destroy(error);
                return;
              }
              if (chunk === undefined) stream.destroy();
              resolve({ done: chunk === undefined, value: chunk });
            }
            stream.once('error', reject);
            if (stream.pending) stream.once('ready', give);
            else give();
          });
        },
        return: function () {
          stream.destroy();
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    };
  begin(stream, face, given, 'r', ask);
  return stream;
}

/** Writes a file piece by piece. What is written before it is open waits. */
export function createWriteStream(face: Face, path: unknown, options: unknown): WriteStream {
  const given = face._options(options) as StreamOptions;
  const most = given.highWaterMark || 16384;
  const stream = { path: path, writable: true, bytesWritten: 0, writableLength: 0, writableHighWaterMark: most } as WriteStream;
  const waiting: [bytes: Uint8Array | string, done: Done | undefined][] = [];
  let pos = given.start === undefined ? -1 : given.start;
  stream.writableEnded = stream.writableFinished = stream.writableNeedDrain = false;

  function put(bytes: Uint8Array | string): void {
    const fd = stream.fd as number;
    const n =
      typeof bytes === 'string'
        ? face.writeSync(fd, bytes, pos < 0 ? null : pos)
        : face.writeSync(fd, bytes, 0, bytes.length, pos < 0 ? null : pos);
    if (pos >= 0) pos += n;
    stream.bytesWritten += n;
  }

  /** Writes what waits; and closes when that was all. */
  function drain(): void {
    if (stream.pending || stream.destroyed) return;
    while (waiting.length) {
      const one = waiting.shift() as (typeof waiting)[0];
      let failures: unknown[] | undefined;
      try {
        put(one[0]);
      } catch (error) {
        failures = [error];
      }
      if (one[1]) one[1](failures ? failures[0] : null);
      if (failures) {
        stream.destroy(failures[0]);
        return;
      }
    }
    stream.writableLength = 0;
    if (stream.writableEnded) {
      stream.writableFinished = true;
      // What the file says when it is closed is an error, and no end.
      const fd = stream.fd;
      try {
        if (given.autoClose !== false) {
          stream.fd = null;
          face.closeSync(fd as number);
        }
      } catch (late) {
        stream.destroy(late);
        return;
      }
      stream.emit('finish');
      stream.destroy();
    } else if (stream.writableNeedDrain) {
      stream.writableNeedDrain = false;
      stream.emit('drain');
    }
  }

  makeEmitter(stream, function () {});
  stream.write = function (chunk, encoding, done) {
    if (typeof encoding === 'function') {
      done = encoding as Done;
      encoding = undefined;
    }
    const bytes = encodings.bytesOf(chunk, encoding || given.encoding, face);
    if (stream.writableEnded || stream.destroyed) {
      const error = new Error('write after end') as Error & { code?: string };
      error.code = stream.writableEnded ? 'ERR_STREAM_WRITE_AFTER_END' : 'ERR_STREAM_DESTROYED';
      if (done) done(error);
      if (stream.writableEnded) stream.destroy(error);
      return false;
    }
    waiting.push([bytes, done]);
    stream.writableLength += bytes.length;
    const full = stream.writableLength >= most;
    if (full) stream.writableNeedDrain = true;
    if (waiting.length === 1 && !stream.pending) face._later(drain);
    return !full;
  };
  stream.end = function (chunk, encoding, done) {
    const last = [chunk, encoding, done].filter(function (one) {
      return typeof one === 'function';
    })[0] as (() => void) | undefined;
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function')
      stream.write(chunk, typeof encoding === 'string' ? encoding : undefined);
    if (last) stream.once('finish', last);
    if (!stream.writableEnded) face._later(drain);
    stream.writableEnded = true;
    stream.writable = false;
    return stream;
  };
  begin(stream, face, given, 'w', drain);
  return stream;
}
