import type { BlockDevice, FileSystem } from '../contract/filesystem';
import type { MountOptions } from './mount.lazy';
import * as mounting from './mount.lazy';

export type { MountOptions };

/**
 * Mounts a file system, or a block device whose file system is found out by the registered kinds, at an absolute path.
 * Nested mount points may have any depth and come in any order; the longest that matches a path wins. The point needs no
 * directory below it. Without arguments: the `[fs, mountPoint]` pairs in the order of mounting, registered drivers with their prefixes among them.
 *
 * @param fsobj an object with the methods of a file system, or with `readblocks`
 * @param mountPoint absolute path; `/` is the root
 * @throws EINVAL if the point is empty or relative; EPERM if something is mounted there, or the object elsewhere; EBUSY if its
 *   device is mounted elsewhere, as far as that can be told; ENODEV if nothing is recognised
 *   on the block device; what the file system says (ECORRUPT for a damaged volume); TypeError for another object.
 * Source: MicroPython `vfs.mount`. Differs: conflicts are found before the file system is touched, `/` twice is EPERM,
 * points are normalised, one object has one mount point, a recognised volume is never formatted by `mkfs` and reports
 * its own error.
 */
export function mount(): [FileSystem, string][];
export function mount(fsobj: FileSystem | BlockDevice, mountPoint: string, options?: MountOptions): void;
export function mount(fsobj?: FileSystem | BlockDevice, mountPoint?: string, options?: MountOptions): [FileSystem, string][] | undefined {
  if (fsobj === undefined && mountPoint === undefined) return mounting.mounted();
  // In two: what finds out the file system is gone while that reads its medium, which is where the most is needed at once.
  mounting.finish(mounting.prepare(fsobj as FileSystem, mountPoint as string, options));
  return undefined;
}
