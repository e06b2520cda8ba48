import { EBADF, EEXIST, EISDIR, ENOENT, vfsError } from '../contract/errno';
import type { RawFile } from '../contract/filesystem';
import { readContent } from './content';
import * as directory from './directory.lazy';
import { fetch } from './mdir';
import { begin } from './operation';
import * as relocate from './relocate.lazy';
import { KIND_DIR } from './table';
import { CUT, FLUSH, NOTHING, NULL, SYNC, WRITE } from './tags';
import { checkUnused, loadStruct, look } from './tree';
import { fail, fs, type OpenFile, type Stream, use, type Volume } from './volume';
import * as write from './write.lazy';

/** An open file. What is written becomes the file's content when it is synced or closed, all at once. */
export class Lfs2File implements RawFile, OpenFile {
  _fs: Volume;
  _path: string;
  _writable: boolean;
  _a: number;
  _b: number;
  _id: number;
  /** How long it can get. */
  limit: number;
  _changed!: boolean;
  _inline: Uint8Array | undefined;
  _head!: number;
  _size!: number;
  _clean!: number;
  _seen!: number[];
  _stream: Stream | undefined;
  _wIndex!: number;
  _wPrev!: number;
  _wPos!: number;
  _shared!: number;
  declare _second?: number;
  declare _timeAt?: number;

  /** At the entry just looked up. */
  constructor(path: string, writable: boolean) {
    this._fs = fs;
    this.limit = fs._fileMax;
    this._path = path;
    this._writable = writable;
    this._a = fs._m._a;
    this._b = fs._m._b;
    this._id = fs._id;
    loadStruct(this);
  }

  /** Reads into `buf` from `pos`; gives the number of bytes. */
  readAt(pos: number, buf: Uint8Array): number {
    perform(this, 'read', FLUSH, 0, NOTHING);
    const n = Math.min(buf.length, this._size - pos);
    if (n <= 0) return 0;
    readContent(this, pos, buf.subarray(0, n));
    return n;
  }

  /**
   * Writes `buf` at `pos`, zeros before it where the file ended earlier.
   * @throws ENOSPC, EFBIG...; then the file is again what it was when last synced.
   */
  writeAt(pos: number, buf: Uint8Array): void {
    perform(this, 'write', WRITE, pos, buf);
  }

  size(): number {
    return this._wIndex < 0 ? this._size : Math.max(this._size, this._wPos);
  }

  /** Cuts the file off at `size`, or lengthens it with zeros. */
  truncate(size: number): void {
    perform(this, 'truncate', size < this.size() ? CUT : WRITE, size, NOTHING);
  }

  /** Makes the content written so far the file's content, across a power cut too. */
  sync(): void {
    perform(this, 'sync', SYNC, 0, NOTHING);
  }

  close(): void {
    if (this._id === -1) return;
    const problems: unknown[] = [];
    use(this._fs);
    try {
      this.sync();
    } catch (error) {
      problems.push(error);
    }
    const files = this._fs._files;
    files.splice(files.indexOf(this), 1);
    if (this._writable) write.letGo();
    this._id = -1;
    this._inline = this._stream = undefined;
    if (problems.length) throw problems[0];
  }
}

/** Begins an operation and does `kind` of work with a file that is written; if that fails, what was written since the last sync is dropped. */
function perform(f: Lfs2File, operation: string, kind: number, pos: number, data: Uint8Array): void {
  const change = kind >= WRITE;
  if (f._id < 0 || (change && !f._writable)) throw vfsError(EBADF, operation, f._path);
  begin(f._fs, operation, f._path, f._writable && (change || f._changed));
  // A reader counts as changed while somebody else has written what it reads.
  if (!f._writable || !(change || (kind === SYNC ? f._changed : f._wIndex >= 0))) return;
  try {
    const left = write.work(f, kind, pos, data);
    if (left) relocate.carryOn(fetch(f._a, f._b), left);
    if (kind === SYNC) f._changed = false;
  } catch (problem) {
    // Another volume may be at work, where the device called one and failed.
    use(f._fs);
    fs._free = f._wIndex = NULL;
    f._changed = false;
    if (!fs._stale) loadStruct(f);
    throw problem;
  }
}

export function openFile(path: string, mode: string, writable: boolean): Lfs2File {
  const kind = look(path);
  if (kind === KIND_DIR) fail(EISDIR);
  if (kind && mode.indexOf('x') >= 0) fail(EEXIST);
  if (!kind) {
    if (mode.indexOf('r') >= 0) fail(ENOENT);
    directory.makeFile(path);
  }
  if (writable) checkUnused(true);
  const f = new Lfs2File(path, writable);
  fs._files.push(f);
  if (mode.indexOf('w') >= 0 && f._size) f.truncate(0);
  // Also an empty file that is emptied has been written.
  if (kind && mode.indexOf('w') >= 0 && fs._mtime) f._changed = true;
  return f;
}
