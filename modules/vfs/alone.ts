/** Volumes that are used by themselves, without being mounted: a part that a device loads when one is made. */
import { EBUSY, vfsError } from '../errno';
import type { DirEntry, FileSystem } from '../filesystem';
import { chdir, mkdir, rename, rmdir, statvfs } from './changes';
import { open } from './file';
import { ilistdir, type Listing } from './listing';
import { getcwd, remove, stat } from './operations';
import { locate, type Mount, mounts, working } from './table';

type Method = (this: unknown, a?: unknown, b?: unknown, c?: unknown) => unknown;

/** What takes a path, and is the driver's own; what takes none. */
const BY_PATH = ['getattr', 'setattr', 'removeattr', 'listattr'];
const OTHERS = ['sync', 'gc', 'grow', 'shrink', 'repair', 'label', 'setLabel', 'volumeId'];

/**
 * Gives a volume that is not mounted, for as long as it is not, the functions of the VFS as its methods, with a working
 * directory of its own, as MicroPython's volumes have: a tree whose only mount it is. It reads the medium at the first call.
 */
export function standAlone(fs: FileSystem): void {
  const volume = fs as Record<string, Method>;
  const row: Mount = { _fs: fs, _operation: '', _path: '/', _key: '/', _readonly: false, _files: [] };
  const names: string[] = [];
  const own: Record<string, Method> = {};
  let others = [row];
  let dir = '/';
  // Whether the VFS is at work for this volume: what it calls is the driver's own.
  let inside = false;
  let ready = false;

  /** The tree of this volume in place of that of all mounts, and back. */
  function exchange(): void {
    const rows = mounts.splice(0, mounts.length);
    const path = working._path;
    for (let i = 0; i < others.length; i++) mounts.push(others[i]);
    others = rows;
    working._path = dir;
    dir = path;
    inside = !inside;
  }

  /** Calls one of the VFS over this tree, or the driver's own: in the tree of all mounts, where its block device may be at home. */
  function call(method: Method, a: unknown, b: unknown): unknown {
    const failures: unknown[] = [];
    let value: unknown;
    exchange();
    try {
      value = inside ? method(a, b) : method.call(fs, a, b);
    } catch (error) {
      failures.push(error);
    }
    exchange();
    if (failures.length) throw failures[0];
    return value;
  }

  function settle(): void {
    if (row._files.length) throw vfsError(EBUSY, 'umount');
    if (ready) own.umount.call(fs);
    ready = false;
  }

  function put(name: string, method: Method): void {
    names.push(name);
    own[name] = volume[name];
    volume[name] = method;
  }

  function begin(): void {
    if (!ready) own.mount.call(fs, false, false);
    ready = true;
  }

  function face(name: string, method: Method): void {
    put(name, function (a, b) {
      if (inside) return call(own[name], a, b);
      begin();
      return call(method, a, b);
    });
  }

  const faces: [string, unknown][] = [
    ['open', open],
    ['ilistdir', ilistdir],
    ['mkdir', mkdir],
    ['rmdir', rmdir],
    ['remove', remove],
    ['rename', rename],
    ['stat', stat],
    ['statvfs', statvfs],
    ['chdir', chdir],
    ['getcwd', getcwd],
  ];
  put('mount', function (readonly, mkfs) {
    settle();
    for (let i = 0; i < names.length; i++) delete volume[names[i]];
    return own.mount.call(fs, readonly, mkfs);
  });
  put('umount', settle);
  put('listdir', function (path) {
    const list: string[] = [];
    const listing = volume.ilistdir(path) as Listing;
    for (let step = listing.next(); !step.done; step = listing.next()) list.push((step.value as DirEntry)[0]);
    return list;
  });
  for (let i = 0; i < faces.length; i++) face(faces[i][0], faces[i][1] as Method);
  BY_PATH.concat(OTHERS).forEach(function (name, i) {
    if (volume[name])
      put(name, function (a, b, c) {
        begin();
        const path = i < BY_PATH.length ? call(inner as Method, a, name) : a;
        return own[name].call(fs, path, b, c);
      });
  });
}

/** The path as the driver knows it. */
function inner(path: string, operation: string): string {
  return locate(path, operation)._inner;
}
