/** The face of `require('vfs')`. */

export type { VfsError } from './contract/errno';
export type { VfsFile } from './contract/filesystem';
export { makedirs, mkdir, rename, rmdir, rmtree } from './vfs/change.lazy';
export { open } from './vfs/file';
export { ilistdir, type Listing, listdir } from './vfs/listing';
export { type MountOptions, mount } from './vfs/mount';
export { exists, getcwd, readFile, remove, remove as unlink, stat } from './vfs/operations';
export { register, unregister } from './vfs/prefix.lazy';
export { type CopyOptions, copy, utime, writeFile } from './vfs/replace.lazy';
export {
  chdir,
  type Steps,
  statvfs,
  sync,
  type WalkStep,
  walk,
} from './vfs/tree.lazy';
export { addDriver } from './vfs/types';
export { umount } from './vfs/umount.lazy';
