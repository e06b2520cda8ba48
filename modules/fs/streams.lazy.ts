/** `createReadStream` and `createWriteStream`: a descriptor that is read or written piece by piece, and tells by events. */
import { decodeText, isEspruino } from '../engine';
import { type Emitter, makeEmitter } from './emitter';
import * as encodings from './encodings.lazy';
import { begin, type Stream, type StreamOptions } from './stream';
import type { Face } from './types';

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

/** What a stream that reads keeps; its methods are called when this part has gone. */
interface Reading {
  _owner: ReadStream;
  _face: Face;
  _size: number;
  _encoding: string | null | undefined;
  /** -1 for the file's own. */
  _at: number;
  _left: number;
  /** The beginning of a character. */
  _rest: Uint8Array;
  _flowing: boolean;
  /** The next piece, undefined at the end. */
  _next(): unknown;
  _ask(): void;
}

function nextPiece(this: Reading): unknown {
  const encoding = this._encoding;
  for (;;) {
    const rest = this._rest;
    const buffer = new Uint8Array(rest.length + Math.max(Math.min(this._size, this._left), 0));
    buffer.set(rest);
    const room = buffer.subarray(rest.length);
    const pos = this._at;
    const n = room.length ? this._face.readSync(this._owner.fd as number, room, 0, room.length, pos < 0 ? null : pos) : 0;
    let bytes = buffer.subarray(0, rest.length + n);
    if (pos >= 0) this._at += n;
    this._left -= n;
    this._owner.bytesRead += n;
    this._rest = new Uint8Array(0);
    if (encoding && n) {
      const more = encodings.unfinished(bytes, encoding);
      this._rest = new Uint8Array(bytes.subarray(bytes.length - more));
      bytes = bytes.subarray(0, bytes.length - more);
      if (!bytes.length) continue;
    }
    if (!bytes.length) return undefined;
    if (encoding) return /^utf-*8$/i.test(encoding) ? decodeText(bytes) : encodings.decode(bytes, encoding);
    return typeof Buffer !== 'undefined' && encodings.hasBuffer() ? encodings.bufferOf(bytes) : bytes;
  }
}

function addFlow(stream: ReadStream, reading: Reading): void {
  stream.resume = function () {
    reading._flowing = true;
    reading._ask();
    return stream;
  };
  stream.pause = function () {
    reading._flowing = false;
    return stream;
  };
  stream.isPaused = function () {
    return !reading._flowing;
  };
  stream.setEncoding = function (name) {
    reading._encoding = name;
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
}

/** What `for await` asks. */
function addIteration(stream: ReadStream, reading: Reading): void {
  (stream as unknown as Record<symbol, unknown>)[Symbol.asyncIterator] = function () {
    return {
      next: function () {
        return new Promise(function (resolve, reject) {
          function give(): void {
            let chunk: unknown;
            try {
              chunk = stream.destroyed ? undefined : reading._next();
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
}

/** Reads a file piece by piece as soon as somebody listens to `data`, pipes or iterates. */
export function createReadStream(face: Face, path: unknown, options: unknown): ReadStream {
  const given = face._options(options) as StreamOptions;
  const start = given.start === undefined ? -1 : given.start;
  const stream = { path: path, readable: true, bytesRead: 0 } as ReadStream;
  let asked = false;

  function step(): void {
    asked = false;
    if (!reading._flowing || stream.destroyed) return;
    let chunk: unknown;
    try {
      chunk = reading._next();
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
    reading._ask();
  }

  const reading: Reading = {
    _owner: stream,
    _face: face,
    _size: given.highWaterMark || (isEspruino ? 512 : 65536),
    _encoding: given.encoding,
    _at: start,
    _left: given.end === undefined ? Infinity : given.end - Math.max(start, 0) + 1,
    _rest: new Uint8Array(0),
    _flowing: false,
    _next: nextPiece,
    _ask: function () {
      if (asked || !reading._flowing || stream.pending || stream.destroyed) return;
      asked = true;
      face._later(step);
    },
  };
  makeEmitter(stream, function (event) {
    if (event === 'data') stream.resume();
  });
  addFlow(stream, reading);
  if (typeof Symbol !== 'undefined' && typeof Promise !== 'undefined' && Symbol.asyncIterator) addIteration(stream, reading);
  begin(stream, face, given, 'r', reading._ask);
  return stream;
}

/** What a stream that writes keeps; its method is called when this part has gone. */
interface Writing {
  _owner: WriteStream;
  _face: Face;
  _given: StreamOptions;
  /** -1 for the file's own. */
  _at: number;
  _waiting: [bytes: Uint8Array | string, done: Done | undefined][];
  _drain(): void;
}

/** Writes what waits; and closes when that was all. */
function drain(this: Writing): void {
  const face = this._face;
  const stream = this._owner;
  if (stream.pending || stream.destroyed) return;
  while (this._waiting.length) {
    const one = this._waiting.shift() as Writing['_waiting'][0];
    const bytes = one[0];
    const fd = stream.fd as number;
    const pos = this._at < 0 ? null : this._at;
    let failures: unknown[] | undefined;
    try {
      const n = typeof bytes === 'string' ? face.writeSync(fd, bytes, pos) : face.writeSync(fd, bytes, 0, bytes.length, pos);
      if (pos !== null) this._at += n;
      stream.bytesWritten += n;
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
    const last = stream.fd;
    try {
      if (this._given.autoClose !== false) {
        stream.fd = null;
        face.closeSync(last as number);
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

/** Writes a file piece by piece. What is written before it is open waits. */
export function createWriteStream(face: Face, path: unknown, options: unknown): WriteStream {
  const given = face._options(options) as StreamOptions;
  const most = given.highWaterMark || 16384;
  const stream = { path: path, writable: true, bytesWritten: 0, writableLength: 0, writableHighWaterMark: most } as WriteStream;
  stream.writableEnded = stream.writableFinished = stream.writableNeedDrain = false;
  const writing: Writing = {
    _owner: stream,
    _face: face,
    _given: given,
    _at: given.start === undefined ? -1 : given.start,
    _waiting: [],
    _drain: drain,
  };
  function go(): void {
    writing._drain();
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
    writing._waiting.push([bytes, done]);
    stream.writableLength += bytes.length;
    const full = stream.writableLength >= most;
    if (full) stream.writableNeedDrain = true;
    if (writing._waiting.length === 1 && !stream.pending) face._later(go);
    return !full;
  };
  stream.end = function (chunk, encoding, done) {
    const last = [chunk, encoding, done].filter(function (one) {
      return typeof one === 'function';
    })[0] as (() => void) | undefined;
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function')
      stream.write(chunk, typeof encoding === 'string' ? encoding : undefined);
    if (last) stream.once('finish', last);
    if (!stream.writableEnded) face._later(go);
    stream.writableEnded = true;
    stream.writable = false;
    return stream;
  };
  begin(stream, face, given, 'w', go);
  return stream;
}
