/** A file system that is changed, over one that is not: factory content, and what was made of it. */
import { ENOTDIR, EOPNOTSUPP, expect } from '../contract/errno';
import type { Alone, DirIterator, FileSystem, FileSystemType, RawFile, Stat, StatVfs } from '../contract/filesystem';
import { makeDir, removeEntry, renameEntry, setTimes } from './change';
import { openFile } from './file';
import { fail, isDir, type Layers, look, merged } from './layers';

/** Lets a `VfsOverlay` be used by itself: the face of the package puts it here. */
export const overlay: Pick<FileSystemType, 'alone'> = { alone: null };

export interface VfsOverlay extends Layers, Alone {
  /** The upper's device. @internal */
  _dev: unknown;
  /** Which of the two were mounted by this one. */
  _own: FileSystem[];
}

/**
 * Reads fall through to `lower`, which is never written to; what is changed goes to `upper`. A file is copied there when it is first written
 * to, in one step; what is removed is hidden by a whiteout there. Without what is in `upper`, everything is again as it was.
 *
 * Each operation is one step of the upper: after a cut it is done, or not. That is as good as the upper's own: over littlefs it holds.
 */
export class VfsOverlay implements FileSystem {
  /**
   * @param lower a file system of ours, or one with `open` (whose files have `readAt` and `size`), `ilistdir` and `stat`. Mounted elsewhere,
   *   it has to stay so
   * @param upper one that has all the methods, not mounted, not used by anybody else
   * @throws TypeError if one is no file system
   */
  constructor(lower: FileSystem, upper: FileSystem) {
    expect(lower && lower.open && lower.stat && lower.ilistdir, 'lower');
    expect(upper && upper.open && upper.stat && upper.ilistdir && upper.rename && upper !== lower, 'upper');
    this._lower = lower as Required<FileSystem>;
    this._upper = upper as Required<FileSystem>;
    this._dev = (upper as { _dev?: unknown })._dev;
    this._files = [];
    this._own = [];
    this._operation = '';
    this._path = '';
    this._mounted = false;
    if (overlay.alone) overlay.alone(this);
  }

  /** Mounts both, the lower read-only. `mkfs` is for the upper. @throws what they do */
  mount(readonly: boolean, mkfs: boolean): void {
    const layers = [this._lower, this._upper];
    this._own = [];
    try {
      for (let i = 0; i < 2; i++) {
        if (!layers[i].mount || (layers[i] as unknown as Alone)._mounted) continue;
        layers[i].mount(!i || readonly, i > 0 && mkfs);
        this._own.push(layers[i]);
      }
    } catch (error) {
      this.umount();
      throw error;
    }
    this._mounted = true;
  }

  /** Unmounts what it mounted, the upper first. @throws the first error met */
  umount(): void {
    const failures: unknown[] = [];
    this._mounted = false;
    while (this._own.length) {
      const layer = this._own.pop() as FileSystem;
      try {
        if (layer.umount) layer.umount();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length) throw failures[0];
  }

  open(path: string, mode?: string): RawFile;
  open(path: string, mode: string): RawFile {
    begin(this, 'open', path);
    return openFile(this, path, mode);
  }

  /** The upper's entries in its order, then the lower's in its own. */
  ilistdir(path?: string): DirIterator;
  ilistdir(path: string): DirIterator {
    begin(this, 'listdir', path);
    if (!isDir(look(this, path, false) as Stat)) fail(this, ENOTDIR);
    const next = merged(this, path);
    return {
      next: function () {
        const entry = next();
        return entry ? { done: false, value: entry } : { done: true };
      },
    };
  }

  mkdir(path: string): void {
    begin(this, 'mkdir', path);
    makeDir(this, path);
  }

  rmdir(path: string): void {
    begin(this, 'rmdir', path);
    removeEntry(this, path, true);
  }

  remove(path: string): void {
    begin(this, 'remove', path);
    removeEntry(this, path, false);
  }

  rename(from: string, to: string): void {
    begin(this, 'rename', from);
    renameEntry(this, from, to);
  }

  stat(path: string): Stat {
    begin(this, 'stat', path);
    return look(this, path, false) as Stat;
  }

  /** A file of the lower is copied for it, and has its times with its name. */
  utime(path: string, times: number[]): void {
    begin(this, 'utime', path);
    setTimes(this, path, times);
  }

  /** The upper's. */
  statvfs(path: string): StatVfs {
    begin(this, 'statvfs', path);
    look(this, path, false);
    return this._upper.statvfs ? this._upper.statvfs('/') : fail(this, EOPNOTSUPP);
  }

  sync(): void {
    begin(this, 'sync', '');
    for (let i = 0; i < this._files.length; i++) this._files[i].sync();
    if (this._upper.sync) this._upper.sync();
  }
}

/** Begins an operation. */
function begin(layers: Layers, operation: string, path: string): void {
  layers._operation = operation;
  layers._path = path;
}
