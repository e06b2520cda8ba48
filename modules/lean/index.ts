/**
 * `require('vfs')` in one small piece, for boards with little room for code: one littlefs 2 volume, mounted at one point. The names are
 * those of the whole VFS. The format is followed to the bit; what is left out of it: metadata is not moved for wear nor out of bad
 * blocks, and blocks of the volume are blocks of the device.
 */
import { EBUSY, EEXIST, EINVAL, EISDIR, ENODEV, ENOENT, ENOSYS, ENOTDIR, EPERM, expect, type VfsError, vfsError } from '../contract/errno';
import { type BlockDevice, type DirEntry, type Stat, type StatVfs, TYPE_DIR, TYPE_FILE, type VfsFile } from '../contract/filesystem';
import { namesIn } from '../contract/path';
import { byteText } from '../engine';
import { recall } from './begin';
import * as changes from './change.lazy';
import { openFile } from './file';
import * as free from './free.lazy';
import * as listing from './list.lazy';
import * as mounting from './mount.lazy';
import { find, isDirectory, sizeOfEntry } from './tree';
import { fail, v } from './volume';

/** Where the volume is mounted. */
let point: string[] = [];

/** Begins an operation: its path and its name are in its errors. */
function start(path: string, operation: string): string[] {
  expect(typeof path === 'string', 'path');
  const names: string[] = [];
  namesIn(byteText(path), names);
  v._operation = operation;
  v._path = '/' + names.join('/');
  if (!path || path.indexOf('\0') >= 0) fail(path ? EINVAL : ENOENT);
  return names;
}

/** The names on the volume that a path leads to; nothing for a parent of the mount point. @throws ENODEV for what is not on it */
function resolve(path: string, operation: string): string[] | undefined {
  const names = start(path, operation);
  let k = 0;
  while (k < point.length && k < names.length && names[k] === point[k]) k++;
  if (k === point.length && v._bdev) {
    recall();
    return names.slice(k);
  }
  if (k < names.length) fail(ENODEV);
  return undefined;
}

/** The same for what has to be on the volume: the mount point itself and what leads to it is `errno`. */
function inside(path: string, operation: string, errno: number): string[] {
  const names = resolve(path, operation);
  return names && names.length ? names : fail(errno);
}

/**
 * Mounts a block device.
 * @param mountPoint absolute path
 * @param options `readonly`: every change is EROFS; `mkfs`: a device that is blank to its last byte gets a volume
 * @returns whether it got one
 * @throws EPERM where one is mounted; ENODEV without a littlefs 2; EINVAL for another version or geometry; ECORRUPT; TypeError.
 * Source: MicroPython `vfs.mount`. Differs: one volume.
 */
export function mount(bdev: BlockDevice, mountPoint: string, options?: { readonly?: boolean; mkfs?: boolean }): boolean {
  const names = start(mountPoint, 'mount');
  if (mountPoint[0] !== '/') fail(EINVAL);
  if (v._bdev) fail(EPERM, 'one volume at a time');
  const made = mounting.mountVolume(bdev, !!options && !!options.readonly, !!options && !!options.mkfs);
  point = names;
  return made;
}

/** Unmounts. @param options `force`: open files are closed, whatever they say @throws EINVAL for another point; EBUSY while files are open */
export function umount(mountPoint: string, options?: { force?: boolean }): void {
  const names = start(mountPoint, 'umount');
  if (!v._bdev || names.join('/') !== point.join('/')) fail(EINVAL, 'target is not mounted');
  if (v._files.length && !(options && options.force)) fail(EBUSY);
  while (v._files.length) {
    try {
      (v._files[0] as unknown as VfsFile).close();
    } catch (_forced) {
      // It is closed nevertheless.
    }
  }
  mounting.close();
  point = [];
}

/** Opens a file. @param mode `r` (default), `w`, `a` or `x`, perhaps `+`, perhaps `b` or `t` @throws as in the whole VFS */
export function open(path: string, mode?: string): VfsFile {
  return openFile(inside(path, 'open', EISDIR), mode === undefined ? 'r' : mode) as unknown as VfsFile;
}

/** `[mode, inode, dev, nlink, uid, gid, size, atime, mtime, ctime]`: mode 0x4000 or 0x8000, size in bytes, the rest zeros. @throws ENOENT, ENOTDIR, ENODEV */
export function stat(path: string): Stat {
  const names = resolve(path, 'stat');
  let size = 0;
  let mode = TYPE_DIR;
  if (names && names.length) {
    const id = find(names)._id;
    if (id < 0) fail(ENOENT);
    size = sizeOfEntry(id);
    if (!isDirectory(id)) mode = TYPE_FILE;
  }
  return [mode, 0, 0, 0, 0, 0, size, 0, 0, 0];
}

/** Whether there is a file or directory of that path. @throws EIO, ECORRUPT */
export function exists(path: string): boolean {
  try {
    stat(path);
    return true;
  } catch (error) {
    if (!error || [ENOENT, ENODEV, ENOTDIR].indexOf((error as VfsError).errno) < 0) throw error;
    return false;
  }
}

/** The names in a directory, in the order of their bytes, of two that begin alike the longer first; by default in `/`. @throws ENOENT, ENOTDIR, ENODEV */
export function listdir(path?: string): string[] {
  const names = resolve(path === undefined ? '/' : path, 'listdir');
  if (names) return listing.list(names);
  if (!v._bdev) fail(ENODEV);
  return [point[v._path === '/' ? 0 : v._path.split('/').length - 1]];
}

/** Lists a directory: `[name, type, inode, size]` each. @returns an iterator object @throws as `listdir` */
export function ilistdir(path?: string): { next(): { done: boolean; value?: DirEntry } } {
  const names = listdir(path);
  const dir = v._path;
  let at = 0;
  return {
    next: function () {
      while (at < names.length) {
        const name = names[at++];
        try {
          const about = stat(dir + '/' + name);
          return { done: false, value: [name, about[0], 0, about[6]] };
        } catch (gone) {
          // What was removed meanwhile is passed over.
          if (exists(dir + '/' + name)) throw gone;
        }
      }
      return { done: true };
    },
  };
}

/** Makes a directory. @throws EEXIST, ENOENT, ENOTDIR, ENOSPC, EROFS */
export function mkdir(path: string): void {
  changes.mkdir(inside(path, 'mkdir', EEXIST));
}

/** Removes an empty directory. @throws ENOENT, ENOTDIR, ENOTEMPTY, EBUSY, EROFS */
export function rmdir(path: string): void {
  changes.remove(inside(path, 'rmdir', EBUSY), true);
}

/** Removes a file. @throws ENOENT, EISDIR, EROFS; EBUSY while it is open */
export function remove(path: string): void {
  changes.remove(inside(path, 'remove', EBUSY), false);
}

/** Gives a file or directory another name, also in place of what has it. @throws as the whole VFS */
export function rename(from: string, to: string): void {
  const target = inside(to, 'rename', EBUSY);
  changes.rename(inside(from, 'rename', EBUSY), target);
}

/** The content of a file: a `Uint8Array`, with an encoding a string. @throws ENOENT, EISDIR, ENOTDIR */
export function readFile(path: string, encoding?: string): string | Uint8Array {
  const file = open(path, encoding ? 'r' : 'rb');
  try {
    return file.read();
  } finally {
    file.close();
  }
}

/** Makes `data` the content of a file: after a power cut it has the old one or all of this. @throws as `open` and `write` */
export function writeFile(path: string, data: string | Uint8Array): void {
  const file = open(path, 'w');
  try {
    file.write(data);
  } finally {
    file.close();
  }
}

/** `[bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax]` of the volume. @throws ENODEV */
export function statvfs(path?: string): StatVfs {
  if (!resolve(path || '/' + point.join('/'), 'statvfs')) fail(ENODEV);
  free.countFree();
  return [v._size, v._size, v._blocks, v._free, v._free, 0, 0, 0, v._readonly ? 1 : 0, v._nameMax];
}

/** The class, of which only `mkfs` is here. */
export const VfsLfs2 = {
  /** Makes an empty volume, whatever is there. @throws EINVAL for a geometry; EIO; EBUSY while one is mounted */
  mkfs: function (bdev: BlockDevice): void {
    start('/', 'mkfs');
    mounting.makeVolume(bdev);
  },
};

/** What the whole VFS has besides. @throws ENOSYS */
export function left(): never {
  throw vfsError(ENOSYS, 'vfs-small', '', 'not in this bundle, but in vfs');
}
