import { EBADF, EEXIST, EISDIR, EOPNOTSUPP } from '../contract/errno';
import type { RawFile } from '../contract/filesystem';
import { checkUnused, raise, raiseParents } from './change';
import { fail, isDir, type Layers, look, type OverlayFile } from './layers';

/** An open file: of the lower until something is written, then of the upper. */
class File implements OverlayFile {
  _layers: Layers;
  _path: string;
  _writable: boolean;
  _risen: boolean;
  _raw: RawFile;
  limit: number | undefined;

  constructor(layers: Layers, path: string, writable: boolean, raw: RawFile, risen: boolean) {
    this._layers = layers;
    this._path = path;
    this._writable = writable;
    this._risen = risen;
    this._raw = raw;
    this.limit = raw.limit;
    layers._files.push(this);
  }

  readAt(pos: number, buf: Uint8Array): number {
    return this._raw.readAt(pos, buf);
  }

  size(): number {
    return this._raw.size();
  }

  writeAt(pos: number, buf: Uint8Array): void {
    rise(this, 'write');
    this._raw.writeAt(pos, buf);
  }

  truncate(size: number): void {
    rise(this, 'truncate');
    this._raw.truncate(size);
  }

  reserve(bytes: number): void {
    rise(this, 'reserve');
    if (!this._raw.reserve) fail(this._layers, EOPNOTSUPP);
    this._raw.reserve(bytes);
  }

  view(): Uint8Array {
    const raw = this._raw;
    begin(this, 'view');
    return raw.view ? raw.view() : fail(this._layers, EOPNOTSUPP);
  }

  sync(): void {
    if (this._risen) this._raw.sync();
  }

  close(): void {
    const files = this._layers._files;
    const at = files.indexOf(this);
    if (at >= 0) files.splice(at, 1);
    this._raw.close();
  }
}

function begin(file: File, operation: string): void {
  file._layers._operation = operation;
  file._layers._path = file._path;
}

/** Before something is written. */
function rise(file: File, operation: string): void {
  begin(file, operation);
  if (!file._writable || file._layers._files.indexOf(file) < 0) fail(file._layers, EBADF);
  if (!file._risen) raise(file._layers, file._path);
}

export function openFile(layers: Layers, path: string, mode: string): File {
  const writable = mode.indexOf('r') < 0 || mode.indexOf('+') >= 0;
  const reads = mode.indexOf('r') >= 0;
  const seen = look(layers, path, writable && !reads);
  let risen = !!layers._u;
  if (seen) {
    if (isDir(seen)) fail(layers, EISDIR);
    if (mode.indexOf('x') >= 0) fail(layers, EEXIST);
    if (writable) checkUnused(layers, path, true);
    // What was there stays until something is synced.
    if (!risen && mode.indexOf('w') >= 0) {
      raise(layers, path);
      risen = true;
    }
  } else {
    raiseParents(layers, path);
    risen = true;
  }
  return new File(layers, path, writable, (risen ? layers._upper.open(path, mode) : layers._lower.open(path, 'r')) as RawFile, risen);
}
