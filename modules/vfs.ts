/** The face of `require('vfs')`. */

export type { VfsError } from './errno';
export { exists, readFile, writeFile } from './vfs/content';
export { copy, makedirs, rmtree, type Steps, type WalkStep, walk } from './vfs/conveniences';
export { open, type VfsFile } from './vfs/file';
export { ilistdir, type Listing, listdir } from './vfs/listing';
export { type MountOptions, mount, register } from './vfs/mount';
export { chdir, getcwd, mkdir, remove, remove as unlink, rename, rmdir, stat, statvfs, sync } from './vfs/operations';
export { umount } from './vfs/umount';
