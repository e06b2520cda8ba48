/** What Espruino's own scripts use besides `fs`: `E.openFile` with its `File`, and `fs.pipe`, which is the firmware's. */
import type { VfsFile } from '../contract/filesystem';
import { exists, open } from '../vfs';
import type { Fs } from './types';

interface Open {
  (path: string, mode?: string): EspruinoFile | undefined;
  /** The firmware's. */
  _own?: Open;
}

interface Espruino {
  openFile: Open;
  getFlags?(): { unsyncFiles?: number };
}

/** The firmware's way from one to another, chunk by chunk while it is idle. */
type Pipe = (source: unknown, destination: unknown, options?: object) => void;

/** Espruino's `File`: text whose characters are bytes. */
export interface EspruinoFile {
  /** Up to so many bytes; undefined at the end, and where the mode is one of writing. */
  read(length: number): string | undefined;
  /** Writes, and syncs unless `E.setFlags({unsyncFiles:1})`; gives how many bytes. */
  write(data: string | Uint8Array): number;
  skip(count: number): void;
  seek(position: number): void;
  close(): void;
  pipe(destination: unknown, options?: object): void;
}

interface Own extends EspruinoFile {
  _file: VfsFile;
  /** Bits: 1 it may be read, 2 written. */
  _bits: number;
}

/**
 * Puts `E.openFile` in place of the firmware's, and its `pipe` into `fs`. A file system over the firmware's own finds that there.
 * @param E Espruino's utility object
 * @param own `require('fs')` of the firmware
 */
export function give(fs: Fs, E: Espruino, own: { pipe: Pipe }): void {
  const face = fs as Fs & { pipe?: Pipe; _own?: unknown };
  const openOwn = E.openFile;
  function pipe(source: unknown, destination: unknown, options?: object): void {
    own.pipe(source, destination, options);
  }
  face.pipe = pipe;
  face._own = own;

  function File(this: Own, file: VfsFile, bits: number): void {
    this._file = file;
    this._bits = bits;
  }
  const methods = File.prototype as Own;
  methods.read = function (this: Own, length) {
    return ((this._bits & 1 && length > 0 && (this._file.read(length) as string)) || undefined) as string | undefined;
  };
  methods.write = function (this: Own, data) {
    if (!(this._bits & 2)) return 0;
    const count = this._file.write(typeof data === 'string' || data instanceof Uint8Array ? data : new Uint8Array(data));
    if (!E.getFlags || !E.getFlags().unsyncFiles) this._file.flush();
    return count;
  };
  methods.skip = function (this: Own, count) {
    if (count >= 0) this._file.seek(count, 1);
  };
  methods.seek = function (this: Own, position) {
    if (position >= 0) this._file.seek(position);
  };
  methods.close = function (this: Own) {
    this._file.close();
  };
  methods.pipe = function (this: Own, destination, options) {
    pipe(this, destination, options);
  };

  E.openFile = function (path, mode) {
    if (mode === undefined) mode = 'r';
    const at = ['r', 'w', 'a', 'r+', 'w+'].indexOf(mode);
    if (at < 0) return undefined;
    // FatFs empties nothing then.
    const file = open(path, mode === 'w+' && exists(path) ? 'r+' : mode);
    return new (File as unknown as new (file: VfsFile, bits: number) => Own)(file, [1, 2, 2, 3, 3][at]);
  };
  E.openFile._own = openOwn;
}
