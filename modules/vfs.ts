/** The face of `require('vfs')`. */

export type { VfsError } from './contract/errno';
export { chdir, mkdir, rename, rmdir, statvfs, sync, writeFile } from './vfs/changes';
export { exists, readFile } from './vfs/content';
export { copy, makedirs, rmtree, type Steps, type WalkStep, walk } from './vfs/conveniences';
export { open, type VfsFile } from './vfs/file';
export { ilistdir, type Listing, listdir } from './vfs/listing';
export { type MountOptions, mount } from './vfs/mount';
export { getcwd, remove, remove as unlink, stat } from './vfs/operations';
export { register } from './vfs/register';
export { umount } from './vfs/umount';
