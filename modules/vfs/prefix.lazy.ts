/** Registering drivers by prefix, and taking them away again. */
import { EINVAL, ENOMEM, EPERM, expect, vfsError } from '../contract/errno';
import type { FileSystem, VfsFile } from '../contract/filesystem';
import type { PrefixDriver } from '../contract/prefix';
import { limits } from './limits';
import { locate, mounts, working } from './mounts';

/** ESP-IDF's `ESP_VFS_PATH_MAX`. */
const LONGEST = 15;

/** The row of a prefix as the table has it, and the path. */
function pointOf(prefix: string, operation: string): { _key: string; _path: string } {
  expect(typeof prefix === 'string', 'prefix');
  return prefix ? locate(prefix, operation) : { _key: '', _path: '' };
}

/**
 * Registers a driver for all paths that are `prefix` or lie below it. Drivers and mounts are in one table: the longest prefix or
 * mount point that matches a path decides, and what is not found there is looked for nowhere else.
 * @param prefix 2 to 15 characters, begins with `/` and does not end with it; or `''`, the driver for paths where no mount and
 *   no other prefix matches
 * @param context given to each operation as its first argument, unless it is undefined
 * @throws EINVAL for another prefix; ENOMEM beyond `vfs.fd.limits.prefixes` of them; EPERM if something has that place;
 *   TypeError for a driver that is no object
 * Source: ESP-IDF `esp_vfs_register_fs`. Differs: dots in a prefix and in paths are resolved; a second driver in one place is
 * EPERM.
 */
export function register(prefix: string, driver: PrefixDriver, context?: unknown): void {
  const point = pointOf(prefix, 'register');
  expect(driver && typeof driver === 'object', 'driver');
  const last = prefix.length - 1;
  if (prefix && (last < 1 || last >= LONGEST || prefix[0] !== '/' || prefix[last] === '/' || point._key === '/'))
    throw vfsError(EINVAL, 'register', prefix, 'no prefix of 2 to ' + LONGEST + ' characters');
  let count = 0;
  for (let i = 0; i < mounts.length; i++) {
    if (mounts[i]._key === point._key) throw vfsError(EPERM, 'register', prefix);
    if (mounts[i]._context) count++;
  }
  if (count >= limits.prefixes) throw vfsError(ENOMEM, 'register', prefix, 'more than ' + limits.prefixes + ' prefixes');
  mounts.push({
    _fs: driver as FileSystem,
    _operation: '',
    _path: point._path,
    _key: point._key,
    _readonly: false,
    _files: [],
    _context: context === undefined ? [] : [context],
  });
}

/**
 * Takes a driver away. Its open files are closed, whatever they say, and their numbers with them. If the working directory was
 * there, it becomes `/`.
 * @throws EINVAL if no driver is registered there
 * Source: ESP-IDF `esp_vfs_unregister`. Differs: the driver's `close` is called for what is open.
 */
export function unregister(prefix: string): void {
  const point = pointOf(prefix, 'unregister');
  for (let i = 0; i < mounts.length; i++) {
    const row = mounts[i];
    if (row._key !== point._key || !row._context) continue;
    const files: VfsFile[] = row._files.slice();
    for (let k = 0; k < files.length; k++) {
      try {
        files[k].close();
      } catch (_error) {
        // The handle is free also when close() throws.
      }
    }
    if (locate(working._path, 'unregister')._mount === row) working._path = '/';
    mounts.splice(mounts.indexOf(row), 1);
    return;
  }
  throw vfsError(EINVAL, 'unregister', prefix, 'no driver is registered there');
}
