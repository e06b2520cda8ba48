/** What is mounted in our tree as Kaluma's `fs` uses a file system. */
import { EBADF, EEXIST, ENOENT, vfsError } from '../../../modules/contract/errno';
import * as vfs from '../../../modules/vfs';

/** The flags that Kaluma's `fs` makes of `'r'`, `'w+'`... */
const READ = 1;
const WRITE = 2;
const APPEND = 8;
const EXCLUSIVE = 16;
const TRUNCATE = 32;

type Open = ReturnType<typeof vfs.open>;

function modeOf(flags: number): string {
  const letter = flags & APPEND ? 'a' : flags & EXCLUSIVE ? 'x' : flags & TRUNCATE ? 'w' : 'r';
  return letter + (flags & READ && flags & (WRITE | APPEND) ? 'b+' : 'b');
}

/** A place of our tree. */
export class KalumaVolume {
  private _point: string;
  private _tree: string;
  private _files: { [id: number]: Open | undefined } = {};
  /** None is given twice: Kaluma keeps the number of a file whose closing has failed. */
  private _next = 0;

  /** @param point the place in Kaluma's tree @param tree the place in ours */
  constructor(point: string, tree: string) {
    this._point = point;
    this._tree = tree;
  }

  mkfs(): void {}

  mount(): void {
    if (!vfs.exists(this._tree)) throw vfsError(ENOENT, 'mount', this._tree);
  }

  /** @throws what the first that could not be closed well says; then all are closed */
  unmount(): void {
    const failures: unknown[] = [];
    for (let id = 0; id < this._next; id++) {
      try {
        this.close(id);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length) throw failures[0];
  }

  open(path: string, flags: number): number {
    const at = this._at(path);
    if (flags & APPEND && flags & EXCLUSIVE && vfs.exists(at)) throw vfsError(EEXIST, 'open', path);
    this._files[this._next] = vfs.open(at, modeOf(flags));
    return this._next++;
  }

  read(id: number, buffer: Uint8Array, offset?: number, length?: number, position?: number): number {
    return this._file(id, position).readinto(pieceOf(buffer, offset, length)) as number;
  }

  write(id: number, buffer: Uint8Array, offset?: number, length?: number, position?: number): number {
    return this._file(id, position).write(pieceOf(buffer, offset, length)) as number;
  }

  /** A second time does nothing. The file is closed also when this throws. */
  close(id: number): void {
    const file = this._files[id];
    delete this._files[id];
    if (file) file.close();
  }

  stat(path: string): { type: number; size: number } {
    const found = vfs.stat(this._at(path));
    return { type: found[0] & 0x4000 ? 2 : 1, size: found[6] };
  }

  unlink(path: string): void {
    vfs.remove(this._at(path));
  }

  rename(from: string, to: string): void {
    vfs.rename(this._inside(from), this._inside(to));
  }

  mkdir(path: string): void {
    vfs.mkdir(this._at(path));
  }

  rmdir(path: string): void {
    vfs.rmdir(this._at(path));
  }

  readdir(path: string): string[] {
    return vfs.listdir(this._at(path));
  }

  private _at(path: string): string {
    return (this._tree === '/' ? '' : this._tree) + path || '/';
  }

  /** Kaluma gives the paths of a renaming with their mount point. */
  private _inside(path: string): string {
    const point = this._point;
    return this._at(point !== '/' && path.indexOf(point + '/') === 0 ? path.slice(point.length) : path);
  }

  private _file(id: number, position?: number): Open {
    const file = this._files[id];
    if (!file) throw vfsError(EBADF, 'fs');
    if (position !== undefined && position >= 0) file.seek(position);
    return file;
  }
}

function pieceOf(buffer: Uint8Array, offset: number | undefined, length: number | undefined): Uint8Array {
  const from = offset || 0;
  return buffer.subarray(from, length === undefined ? buffer.length : from + length);
}
