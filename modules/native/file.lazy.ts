/** Open files of the firmware's file system. */
import { EBUSY, EEXIST, EIO, EISDIR, ENOENT, ENOSPC, EOPNOTSUPP, vfsError } from '../contract/errno';
import type { RawFile } from '../contract/filesystem';
import { isEspruino } from '../engine';
import * as trees from './tree.lazy';
import type { NativeFile, NativeState } from './types';

/** The most that is asked for at once: what is read is a string first. */
const PIECE = 512;

/** @returns the bytes of the file that are kept, undefined where it begins empty; @throws ENOENT, EEXIST, EISDIR, ENOTDIR, EBUSY, EIO */
function admit(state: NativeState, path: string, mode: string, writes: boolean): number | undefined {
  const stat = trees.look(state, path) as { size: number; dir: boolean } | undefined;
  if (stat && stat.dir) throw vfsError(EISDIR, 'open', path);
  if (!stat && mode.indexOf('r') >= 0) throw vfsError(ENOENT, 'open', path);
  if (stat && mode.indexOf('x') >= 0) throw vfsError(EEXIST, 'open', path);
  if (!stat) trees.expectParent(state, 'open', path);
  for (let i = 0; i < state._open.length; i++)
    if (state._open[i]._path === path && (writes || state._open[i]._writes)) throw vfsError(EBUSY, 'open', path);
  return stat && mode.indexOf('w') < 0 ? stat.size : undefined;
}

/** Fills the buffer from where the file is. @returns how many bytes there were */
function readOn(file: NativeFile, buf: Uint8Array): number {
  let done = 0;
  while (done < buf.length) {
    const text = file.read(Math.min(PIECE, buf.length - done));
    if (!text) break;
    if (isEspruino) buf.set(text as unknown as ArrayLike<number>, done);
    else for (let i = 0; i < text.length; i++) buf[done + i] = text.charCodeAt(i);
    done += text.length;
  }
  return done;
}

/** @throws ENOENT, EEXIST, EISDIR, ENOTDIR, EBUSY, EIO */
export function openFile(state: NativeState, path: string, mode: string): RawFile {
  const writes = mode.indexOf('r') < 0 || mode.indexOf('+') >= 0;
  const kept = admit(state, path, mode, writes);
  const place = trees.placeOf(state, path) as string;
  const file = trees.ask('open', path, function () {
    // A file that is there, and keeps its bytes, is read as well.
    return state._openFile(place, kept !== undefined ? (writes ? 'r+' : 'r') : mode.indexOf('+') < 0 ? 'w' : 'w+');
  }) as NativeFile;
  const row = { _path: path, _writes: writes };
  let size = kept || 0;
  let at = 0;
  state._open.push(row);

  const go = function (pos: number): void {
    if (pos === at) return;
    if (!file.seek) throw vfsError(EOPNOTSUPP, 'seek', path);
    file.seek(pos);
    at = pos;
  };
  const put = function (data: Uint8Array): void {
    const n = file.write(data);
    at += n;
    if (at > size) size = at;
    if (n !== data.length) throw vfsError(n < data.length ? ENOSPC : EIO, 'write', path);
  };
  return {
    readAt: function (pos: number, buf: Uint8Array): number {
      if (pos >= size) return 0;
      go(pos);
      const done = readOn(file, buf);
      at += done;
      return done;
    },
    writeAt: function (pos: number, buf: Uint8Array): void {
      go(Math.min(pos, size));
      // A gap reads as zeros.
      while (at < pos) put(new Uint8Array(Math.min(PIECE, pos - at)));
      put(buf);
    },
    size: function (): number {
      return size;
    },
    truncate: function (length: number): void {
      if (length < size) throw vfsError(EOPNOTSUPP, 'truncate', path, 'the firmware cannot cut a file');
      if (length > size) go(size);
      while (size < length) put(new Uint8Array(Math.min(PIECE, length - size)));
    },
    // The firmware does so with each write.
    sync: function (): void {},
    close: function (): void {
      const place = state._open.indexOf(row);
      if (place < 0) return;
      state._open.splice(place, 1);
      file.close();
    },
  };
}
