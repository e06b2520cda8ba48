import { EBADF, ECORRUPT, EEXIST, EISDIR, ENOENT, vfsError } from '../contract/errno';
import type { RawFile } from '../contract/filesystem';
import { putLe32 } from '../engine';
import { checkpoint } from './alloc';
import { begin } from './begin';
import { commit } from './commit';
import { type Content, readOn, sizeOf } from './content';
import { checkUnused, look } from './dir';
import { flushDevice } from './disk';
import { HEADER, wordAt } from './mdir';
import * as tree from './tree.lazy';
import { DIR, FILE, fail, fs, NULL, type Stream, use, type Volume } from './volume';
import { cut, endWriting, LONGEST, write } from './write';

/**
 * An open file. What is written becomes the file's content when it is synced or closed, all at once. It is known by its path
 * and looked up when it is synced: where its entry is, other changes may have changed meanwhile.
 */
export class Lfs1File implements RawFile, Content {
  _fs: Volume;
  _path: string;
  _writable: boolean;
  limit = LONGEST;
  _open = true;
  /** Whether its content is known. */
  _known = false;
  _changed = false;
  _head = NULL;
  _size = 0;
  _clean = 0;
  _seen: number[] = [];
  _stream: Stream | undefined = undefined;
  _wIndex = NULL;
  _wPrev = NULL;
  _wPos = 0;

  constructor(path: string, writable: boolean) {
    this._fs = fs;
    this._path = path;
    this._writable = writable;
  }

  /** Reads into `buf` from `pos`; gives the number of bytes. */
  readAt(pos: number, buf: Uint8Array): number {
    run(this, 'read', false, endWriting, 0, buf);
    const n = Math.min(buf.length, this._size - pos);
    if (n <= 0) return 0;
    readOn(this, pos, buf.subarray(0, n));
    return n;
  }

  /**
   * Writes `buf` at `pos`, zeros before it where the file ended earlier.
   * @throws ENOSPC, EFBIG...; then the file is again what it was when last synced.
   */
  writeAt(pos: number, buf: Uint8Array): void {
    run(this, 'write', true, write, pos, buf);
  }

  size(): number {
    if (!this._known) run(this, 'size', false, endWriting, 0, new Uint8Array(0));
    return sizeOf(this);
  }

  /** Cuts the file off at `size`, or lengthens it with zeros. */
  truncate(size: number): void {
    run(this, 'truncate', true, size < this.size() ? cut : write, size, new Uint8Array(0));
  }

  /** Makes the content written so far the file's content, across a power cut too. */
  sync(): void {
    run(this, 'sync', false, syncFile, 0, new Uint8Array(0));
  }

  close(): void {
    if (!this._open) return;
    const problems: unknown[] = [];
    use(this._fs);
    try {
      if (this._changed) this.sync();
    } catch (error) {
      problems.push(error);
    }
    const files = this._fs._files;
    files.splice(files.indexOf(this), 1);
    this._open = false;
    this._stream = undefined;
    this._fs._free = -1;
    if (problems.length) throw problems[0];
  }
}

/** Does `work`; if it fails, what was written since the last sync is dropped. */
function run(
  f: Lfs1File,
  operation: string,
  change: boolean,
  work: (f: Lfs1File, pos: number, data: Uint8Array) => void,
  pos: number,
  data: Uint8Array,
): void {
  if (!f._open || (change && !f._writable)) throw vfsError(EBADF, operation, f._path);
  begin(f._fs, operation, f._path, f._writable && (change || f._changed));
  if (!f._known) loadEntry(f);
  try {
    work(f, pos, data);
  } catch (problem) {
    // Another volume may be at work, where the device called one and failed.
    use(f._fs);
    if (f._writable) {
      f._changed = f._known = false;
      f._wIndex = NULL;
      fs._free = -1;
    }
    throw problem;
  }
}

/** Takes the content of the file from its entry. */
function loadEntry(f: Lfs1File): void {
  if (look(f._path) !== FILE) fail(ENOENT);
  f._head = wordAt(fs._m, fs._at, 0);
  f._size = wordAt(fs._m, fs._at, 1);
  f._clean = 0;
  f._seen = [];
  if (f._size < 0) fail(ECORRUPT);
  f._known = true;
}

function syncFile(f: Lfs1File): void {
  if (!f._changed || !f._writable) return;
  endWriting(f);
  // Data has to be on the medium before the metadata that names it.
  if (f._size) flushDevice();
  if (look(f._path) !== FILE) fail(ENOENT);
  const m = fs._m;
  const at = fs._at - HEADER + 4;
  const entries = new Uint8Array(m._bytes.subarray(HEADER));
  putLe32(entries, at, f._head);
  putLe32(entries, at + 4, f._size);
  checkpoint();
  // Whoever else has it open goes on reading what was there.
  for (let i = 0; i < fs._files.length; i++) if (fs._files[i] !== f && fs._files[i]._path === f._path) fs._files[i]._changed = true;
  commit(m, entries, m._split, m._tail0, m._tail1);
  f._changed = false;
  f._clean = Math.max(f._clean, 0);
}

export function openFile(v: Volume, path: string, mode: string): Lfs1File {
  const writable = mode.indexOf('r') < 0 || mode.indexOf('+') >= 0;
  begin(v, 'open', path, writable);
  const kind = look(path);
  if (kind === DIR) fail(EISDIR);
  if (kind && mode.indexOf('x') >= 0) fail(EEXIST);
  if (!kind) {
    if (mode.indexOf('r') >= 0) fail(ENOENT);
    tree.append(tree.newEntry(FILE, NULL, 0));
  }
  if (writable) checkUnused(path, true);
  const f = new Lfs1File(path, writable);
  loadEntry(f);
  v._files.push(f);
  if (mode.indexOf('w') >= 0 && f._size) f.truncate(0);
  return f;
}
