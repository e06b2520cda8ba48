/** Volumes that are used by themselves, without being mounted. */
import type { Alone, DirEntry, FileSystem } from '../contract/filesystem';
import * as changes from './change.lazy';
import { open } from './file';
import { ilistdir, type Listing } from './listing';
import { type Mount, mounts, working } from './mounts';
import { getcwd, remove, stat } from './operations';
import * as replacing from './replace.lazy';
import * as tree from './tree.lazy';

type Method = (this: unknown, a?: unknown, b?: unknown) => unknown;

/** What a volume has of the VFS. */
function operations(): Record<string, unknown> {
  return {
    open,
    ilistdir,
    mkdir: changes.mkdir,
    rmdir: changes.rmdir,
    remove,
    rename: changes.rename,
    stat,
    statvfs: tree.statvfs,
    utime: replacing.utime,
    chdir: tree.chdir,
    getcwd,
  };
}

/** MicroPython's `listdir`, of the volume. */
function listNames(this: unknown, path?: unknown): string[] {
  const listing = (this as Record<string, Method>).ilistdir(path) as Listing;
  const names: string[] = [];
  for (let step = listing.next(); !step.done; step = listing.next()) names.push((step.value as DirEntry)[0]);
  return names;
}

/**
 * Gives a volume that is not mounted, for as long as it is not, the functions of the VFS as its methods, with a working
 * directory of its own, as MicroPython's volumes have: a tree whose only mount it is. It reads the medium at the first call.
 */
export function standAlone(fs: FileSystem & Alone): void {
  const volume = fs as unknown as Record<string, Method>;
  const mount = volume.mount;
  let faces = operations();
  let others: Mount[] = [{ _fs: fs, _operation: '', _path: '/', _key: '/', _readonly: false, _files: [] }];
  let dir = '/';
  // Whether the VFS is at work for this volume: what it calls is the driver's own.
  let inside = false;

  /** The tree of this volume in place of that of all mounts, and back. */
  let exchange = function (): void {
    const path = working._path;
    others = mounts.splice.apply(mounts, [0, mounts.length].concat(others as never) as never) as Mount[];
    working._path = dir;
    dir = path;
    inside = !inside;
  };

  Object.keys(faces).forEach(function (name) {
    const own = volume[name];
    volume[name] = function (a, b) {
      let value: unknown;
      if (!inside && !fs._mounted) mount.call(fs, false, false);
      // The driver itself works in the tree of all mounts, where its block device may be at home.
      exchange();
      try {
        value = inside ? (faces[name] as Method)(a, b) : own.call(fs, a, b);
      } catch (error) {
        exchange();
        throw error;
      }
      exchange();
      return value;
    };
  });

  volume.listdir = listNames;

  volume.mount = function (readonly, mkfs) {
    if (fs._mounted) volume.umount();
    for (const name in faces) delete volume[name];
    delete volume.mount;
    delete volume.listdir;
    // These functions know what is around them, and that knows them: Espruino would not see that nobody uses them.
    if (!inside) {
      faces = {};
      exchange = mount as () => void;
    }
    mount.call(fs, readonly, mkfs);
  };
}
