/** What a stream that reads and one that writes have in common. */
import type { Emitter } from './emitter';
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
export interface Stream extends Emitter {
  path: unknown;
  fd: number | null;
  pending: boolean;
  closed: boolean;
  destroyed: boolean;
  destroy(error?: unknown): Stream;
  close(callback?: () => void): void;
}

/** The beginning of both: opens when the script that made it has ended, and closes once. */
export function begin(stream: Stream, face: Face, given: StreamOptions, flags: string, opened: () => void): void {
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
