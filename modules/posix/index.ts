/** A directory of the host as a file system: for Node alone. */
import fs from 'node:fs';
import path from 'node:path';
import { expect } from '../contract/errno';
import {
  type Alone,
  type DirEntry,
  type FileSystem,
  type FileSystemType,
  type RawFile,
  type Stat,
  type StatVfs,
  TYPE_DIR,
  TYPE_FILE,
} from '../contract/filesystem';
import { Root } from './beneath';
import { EBUSY, EISDIR, ELOOP, ENODEV, ENOTEMPTY, EOPNOTSUPP, EROFS, refuse, tell } from './errors';

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants;
/** Windows has neither: there is no waiting, and links are checked. */
const O_NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = fs.constants.O_NONBLOCK ?? 0;

/** What tells files of the host apart, whatever their names. */
type Identity = { dev: number | bigint; ino: number | bigint };

const keyOf = ({ dev, ino }: Identity): string => `${dev}:${ino}`;

/** Lets a `VfsPosix` be used by itself: the face of the package puts it here. */
export const posix: Pick<FileSystemType, 'alone'> = { alone: null };

export interface VfsPosix extends Alone {}

/**
 * A directory of the host, and what lies below it, as MicroPython's `VfsPosix`. Nothing outside of it is ever reached: links are followed
 * where they are relative and stay below it, else they are EACCES. On Linux that holds also where links are swapped during a call;
 * elsewhere the directory is looked up before and after, and what is swapped there and back in between is not seen.
 */
export class VfsPosix implements FileSystem {
  /** Where it is, absolute. */
  readonly root: string;
  private top: Root | undefined;
  private readonly = false;
  private files: PosixFile[] = [];

  /**
   * @param root a directory; by default the current one, as it is now
   * @throws TypeError if it is no string
   */
  constructor(root?: string) {
    expect(root === undefined || typeof root === 'string', 'root');
    this.root = path.resolve(root ?? '');
    this._mounted = false;
    posix.alone?.(this);
  }

  /** @throws ENOENT, ENOTDIR, EACCES of the root */
  mount(readonly: boolean, _mkfs: boolean): void {
    this.readonly = readonly;
    this.top = tell('mount', '', () => new Root(this.root));
    this._mounted = true;
  }

  umount(): void {
    this._mounted = false;
    this.top?.close();
    this.top = undefined;
  }

  open(inner: string, mode?: string): RawFile;
  open(inner: string, mode: string): RawFile {
    const writes = /[wax+]/.test(mode);
    const create = mode.includes('x') ? O_CREAT | O_EXCL : /[wa]/.test(mode) ? O_CREAT : 0;
    const flags = (writes ? (mode.includes('+') ? O_RDWR : O_WRONLY) : O_RDONLY) | create | O_NOFOLLOW | O_NONBLOCK;
    return this.run('open', inner, writes, !mode.includes('x'), (place) => {
      const fd = fs.openSync(place, flags, 0o666);
      try {
        const stat = fs.fstatSync(fd, { bigint: true });
        if (stat.isDirectory()) refuse(EISDIR);
        if (!stat.isFile()) refuse(EOPNOTSUPP, 'no file');
        if (writes && this.isOpen(stat, true)) refuse(EBUSY);
        if (mode.includes('w')) fs.ftruncateSync(fd, 0);
        const file = new PosixFile(fd, inner, writes, keyOf(stat), this.files);
        this.files.push(file);
        return file;
      } catch (error) {
        fs.closeSync(fd);
        throw error;
      }
    });
  }

  /** What is neither file nor directory, and a link that leads nowhere, is listed as an empty file. */
  ilistdir(inner: string): DirEntry[] {
    const names = this.run('listdir', inner, false, true, (place) => {
      // Opened first: what is listed is then that directory, and no link.
      const fd = fs.openSync(place, fs.constants.O_DIRECTORY ? fs.constants.O_DIRECTORY | O_NOFOLLOW : O_RDONLY);
      try {
        return fs.readdirSync(place.startsWith('/proc/self/fd/') ? '/proc/self/fd/' + fd : place);
      } finally {
        fs.closeSync(fd);
      }
    });
    const entries: DirEntry[] = [];
    for (const name of names) {
      const below = inner === '/' ? '/' + name : inner + '/' + name;
      let stat: Stat = [TYPE_FILE, 0, 0, 0, 0, 0, 0];
      try {
        stat = this.stat(below);
      } catch {
        // A link that leads outside or nowhere can still be removed; what is gone by now is passed over.
        if (!this.isThere(below)) continue;
      }
      entries.push([name, stat[0] === TYPE_DIR ? TYPE_DIR : TYPE_FILE, 0, stat[6]]);
    }
    return entries;
  }

  mkdir(inner: string): void {
    this.run('mkdir', inner, true, false, (place) => fs.mkdirSync(place));
  }

  rmdir(inner: string): void {
    this.run('rmdir', inner, true, false, (place) => fs.rmdirSync(place));
  }

  /** A link is removed itself. */
  remove(inner: string): void {
    this.run('remove', inner, true, false, (place) => {
      const stat = fs.lstatSync(place, { bigint: true });
      if (stat.isDirectory()) refuse(EISDIR);
      if (this.isOpen(stat, false)) refuse(EBUSY);
      fs.unlinkSync(place);
    });
  }

  /** A link is renamed itself, and replaced itself. */
  rename(from: string, to: string): void {
    this.run('rename', from, true, false, (source) => {
      const stat = fs.lstatSync(source, { bigint: true });
      if (this.isOpen(stat, false)) refuse(EBUSY);
      this.run('rename', to, true, false, (target) => {
        const old = fs.lstatSync(target, { bigint: true, throwIfNoEntry: false });
        if (old && this.isOpen(old, false)) refuse(EBUSY);
        try {
          fs.renameSync(source, target);
        } catch (error) {
          // POSIX leaves the choice.
          if ((error as NodeJS.ErrnoException).code === 'EEXIST') refuse(ENOTEMPTY);
          throw error;
        }
      });
    });
  }

  /** The host's, but for the mode, which has no permissions, and the size of a directory, which is 0. */
  stat(inner: string): Stat {
    return this.run('stat', inner, false, true, (place) => {
      const stat = fs.lstatSync(place);
      // It has become one.
      if (stat.isSymbolicLink()) refuse(ELOOP);
      const times = [stat.atimeMs, stat.mtimeMs, stat.ctimeMs].map((ms) => Math.floor(ms / 1000));
      return [stat.mode & 0xf000, stat.ino, stat.dev, stat.nlink, stat.uid, stat.gid, stat.isDirectory() ? 0 : stat.size, ...times];
    });
  }

  utime(inner: string, [atime, mtime]: number[]): void {
    this.run('utime', inner, true, true, (place) => {
      // It has become one.
      if (fs.lstatSync(place).isSymbolicLink()) refuse(ELOOP);
      fs.lutimesSync(place, atime, mtime);
    });
  }

  statvfs(inner: string): StatVfs {
    return this.run('statvfs', inner, false, true, (place) => {
      fs.lstatSync(place);
      const { bsize, blocks, bfree, bavail, files, ffree } = fs.statfsSync(place);
      return [bsize, bsize, blocks, bfree, bavail, files, ffree, ffree, this.readonly ? 1 : 0, 255];
    });
  }

  sync(): void {
    for (const file of this.files) file.sync();
  }

  private isOpen(file: Identity, writers: boolean): boolean {
    return this.files.some((one) => one.key === keyOf(file) && (one.writes || !writers));
  }

  private isThere(inner: string): boolean {
    try {
      return this.run('listdir', inner, false, false, (place) => !!fs.lstatSync(place, { throwIfNoEntry: false }));
    } catch {
      return false;
    }
  }

  private run<T>(operation: string, inner: string, changes: boolean, follow: boolean, work: (place: string) => T): T {
    return tell(operation, inner, () => {
      const { top } = this;
      if (!top) return refuse(ENODEV);
      if (changes && this.readonly) refuse(EROFS);
      return top.at(inner, follow, work);
    });
  }
}

class PosixFile implements RawFile {
  readonly key: string;
  readonly writes: boolean;
  private fd: number;
  private path: string;
  private files: PosixFile[];
  private changed = false;

  constructor(fd: number, inner: string, writes: boolean, key: string, files: PosixFile[]) {
    this.fd = fd;
    this.path = inner;
    this.writes = writes;
    this.key = key;
    this.files = files;
  }

  readAt(pos: number, buf: Uint8Array): number {
    return tell('read', this.path, () => {
      let done = 0;
      for (let n = 1; n && done < buf.length; done += n) n = fs.readSync(this.fd, buf, done, buf.length - done, pos + done);
      return done;
    });
  }

  writeAt(pos: number, buf: Uint8Array): void {
    this.changed = true;
    tell('write', this.path, () => {
      for (let done = 0; done < buf.length; ) done += fs.writeSync(this.fd, buf, done, buf.length - done, pos + done);
    });
  }

  size(): number {
    return tell('read', this.path, () => fs.fstatSync(this.fd).size);
  }

  truncate(size: number): void {
    this.changed = true;
    tell('truncate', this.path, () => fs.ftruncateSync(this.fd, size));
  }

  sync(): void {
    if (this.changed) tell('sync', this.path, () => fs.fsyncSync(this.fd));
    this.changed = false;
  }

  close(): void {
    const at = this.files.indexOf(this);
    if (at < 0) return;
    this.files.splice(at, 1);
    try {
      this.sync();
    } finally {
      tell('close', this.path, () => fs.closeSync(this.fd));
    }
  }
}
