/** Open files in Storage. */
import { EBUSY, EINVAL, ENAMETOOLONG, ENOSPC, EOPNOTSUPP, vfsError } from '../contract/errno';
import type { RawFile } from '../contract/filesystem';
import { fill } from '../engine';
import { bytesText, CHUNKS, NAME_MAX, NOTHING, nameOf, PLAIN, putText, refuseChange, sizeOf, textBytes } from './names';
import * as trees from './tree.lazy';
import type { StorageModule, StorageState } from './types';

/** Bytes of a file in chunks, each of which but the last is full. */
function readChunks(storage: StorageModule, name: string, pos: number, buf: Uint8Array, size: number): number {
  const end = Math.min(size, pos + buf.length);
  let from = 0;
  for (let n = 1; from < end; n++) {
    const chunk = storage.read(name + String.fromCharCode(n));
    if (chunk === undefined) break;
    const first = Math.max(pos, from);
    const last = Math.min(end, from + chunk.length);
    if (last > first) putText(buf, first - pos, chunk.substring(first - from, last - from));
    from += chunk.length;
  }
  return Math.max(0, Math.min(from, end) - pos);
}

/** Bytes, of which `used` are in use, with room for `length`; behind that zeros. */
function resized(bytes: Uint8Array, used: number, length: number): Uint8Array {
  if (length <= bytes.length) {
    if (length < used) fill(bytes.subarray(length, used), 0);
    return bytes;
  }
  const larger = new Uint8Array(Math.max(length, Math.min(bytes.length * 2, bytes.length + 1024)));
  larger.set(bytes.subarray(0, used));
  return larger;
}

/** Writes on at the end of a file in chunks. @throws EINVAL, ENOSPC */
function appendChunk(storage: StorageModule, path: string, name: string, bytes: Uint8Array): void {
  if (bytes.indexOf(255) >= 0) throw vfsError(EINVAL, 'write', path, 'a file in chunks ends at its first byte 255');
  try {
    storage.open(name, 'a').write(bytesText(bytes));
  } catch (_full) {
    throw vfsError(ENOSPC, 'write', path);
  }
}

/** Whether others let a file be opened. @throws EBUSY; ENAMETOOLONG; EOPNOTSUPP for a file in chunks that would be changed elsewhere than at its end */
function expectFree(state: StorageState, path: string, name: string, kind: number, writes: boolean, mode: string): void {
  const appends = mode.indexOf('a') >= 0;
  if (writes) refuseChange(state, 'open', path, name);
  else
    for (let i = 0; i < state._open.length; i++)
      if (state._open[i]._name === name && state._open[i]._writes) throw vfsError(EBUSY, 'open', path);
  if (kind === CHUNKS && writes && !appends && mode.indexOf('r') >= 0)
    throw vfsError(EOPNOTSUPP, 'open', path, 'a file in chunks can only be read, appended to and replaced');
  if (appends && kind !== PLAIN && name.length >= NAME_MAX) throw vfsError(ENAMETOOLONG, 'open', path);
}

/**
 * Opens a file. Reading takes no RAM. What is opened to append, and is not there or in chunks, is written on at once, in chunks;
 * everything else is kept in RAM and written as a whole when it is synced, as Storage's files are.
 * @throws ENOENT, EEXIST, EISDIR, EBUSY, ENAMETOOLONG; EOPNOTSUPP for a file in chunks that would be changed elsewhere than at its end
 */
export function openFile(state: StorageState, path: string, mode: string): RawFile {
  const storage = state._storage;
  const name = nameOf(path);
  const kind = trees.admit(state, path, mode) as number;
  const writes = mode.indexOf('r') < 0 || mode.indexOf('+') >= 0;
  const grows = mode.indexOf('a') >= 0 && kind !== PLAIN;
  expectFree(state, path, name, kind, writes, mode);
  const row = { _name: name, _writes: writes };
  let size = 0;
  // What is written as a whole, as far as it is used.
  let whole: Uint8Array | undefined;
  let dirty = false;
  if (writes && !grows) {
    dirty = kind !== PLAIN || mode.indexOf('w') >= 0;
    whole = dirty ? new Uint8Array(0) : textBytes(storage.read(name) as string);
    size = whole.length;
  } else if (kind) size = sizeOf(storage, name, kind);
  state._open.push(row);

  const sync = function (): void {
    // An empty file is none: it is not there until something is in it.
    if (!whole || !dirty || !size) return;
    trees.writeWhole(storage, 'write', path, whole.subarray(0, size));
    if (kind === CHUNKS) storage.open(name, 'r').erase();
    dirty = false;
  };
  const resize = function (length: number): void {
    whole = resized(whole as Uint8Array, size, length);
    size = length;
    dirty = true;
  };
  return {
    readAt: function (pos: number, buf: Uint8Array): number {
      const n = Math.max(0, Math.min(buf.length, size - pos));
      if (!n) return 0;
      if (whole) buf.set(whole.subarray(pos, pos + n));
      else if (kind === PLAIN) putText(buf, 0, storage.read(name, pos, n) as string);
      else return readChunks(storage, name, pos, buf, size);
      return n;
    },
    writeAt: function (pos: number, buf: Uint8Array): void {
      const end = pos + buf.length;
      if (grows) {
        appendChunk(storage, path, name, buf);
        size = end;
        return;
      }
      if (end > size) resize(end);
      (whole as Uint8Array).set(buf, pos);
      dirty = true;
    },
    size: function (): number {
      return size;
    },
    truncate: function (length: number): void {
      if (!whole && length !== size) throw vfsError(EOPNOTSUPP, 'truncate', path, 'a file in chunks cannot be cut');
      if (whole && length !== size) resize(length);
    },
    view: function (): Uint8Array {
      if (kind !== PLAIN || whole) throw vfsError(EOPNOTSUPP, 'view', path);
      return new Uint8Array(storage.readArrayBuffer(name) as ArrayBuffer);
    },
    sync: sync,
    close: function (): void {
      const at = state._open.indexOf(row);
      if (at >= 0) state._open.splice(at, 1);
      sync();
      // Emptied.
      if (whole && dirty && kind !== NOTHING) trees.removeName(state, path);
    },
  };
}
