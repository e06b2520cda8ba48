import { flag, optionsOf } from '../contract/arguments';
import { EBUSY, EDEADLK, EINVAL, type VfsError, vfsError } from '../contract/errno';
import type { FileSystem } from '../contract/filesystem';
import { invoke, refuse } from './call';
import { locate, mounts, working } from './mounts';

/**
 * Unmounts by mount point or by file system object. Mounts below it stay reachable. If the
 * working directory was on it, it becomes `/`. If the file system fails to unmount, it is gone from the tree
 * nevertheless.
 *
 * @param options `force`: open files are closed, and every later use of them is EBADF; what they, the file system and its device
 *   say is passed over, as of a card that is no more there
 * @throws EINVAL if there is no such mount; EBUSY if files are open, and what the file system says, unless forced; EDEADLK from a
 *   method of its own device.
 * Source: MicroPython `vfs.umount`. Differs: open files are EBUSY unless forced.
 */
export function umount(target: string | FileSystem, options?: { force?: boolean }): void {
  const force = options !== undefined && flag(optionsOf(options).force, 'force');
  const place = target && typeof target === 'string' ? locate(target, 'umount') : undefined;
  let row = mounts.length;
  while (row-- && (place ? mounts[row]._key !== place._key : mounts[row]._fs !== target));
  if (row < 0) throw vfsError(EINVAL, 'umount', place ? place._path : '', 'target is not mounted');
  const mount = mounts[row];
  const files = mount._files;
  if (mount._busy) refuse(mount, EDEADLK);
  mount._operation = 'umount';
  if (files.length && !force) refuse(mount, EBUSY);
  while (files.length) {
    try {
      files[0].close();
    } catch (error) {
      // Forced: the handle is free also when close() throws, but for a device that unmounts its own volume.
      if (error && (error as VfsError).errno === EDEADLK) throw error;
    }
  }
  const away = locate(working._path, 'umount')._mount === mount;
  let failures: unknown[] | undefined;
  try {
    if (mount._fs.umount) invoke(mount._fs, 'umount', mount);
  } catch (late) {
    if (late && (late as VfsError).errno === EDEADLK) throw late;
    failures = [late];
  }
  if (away) working._path = '/';
  mounts.splice(mounts.indexOf(mount), 1);
  if (failures && !force) throw failures[0];
}
