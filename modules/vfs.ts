/** The face of `require('vfs')`. */

export type { VfsError } from './errno';
export { copy, exists, makedirs, readFile, rmtree, writeFile } from './vfs/conveniences';
export type { VfsFile } from './vfs/file';
export { ilistdir, type Listing, listdir, type Steps, type WalkStep, walk } from './vfs/listing';
export { type MountOptions, mount, register, umount } from './vfs/mount';
export { chdir, getcwd, mkdir, open, remove, remove as unlink, rename, rmdir, stat, statvfs, sync } from './vfs/operations';
