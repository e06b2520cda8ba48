/** Espruino's Storage itself as a file system. Nothing of it takes RAM until it is used. */
import * as making from './make.lazy';
import type { StorageModule, VfsStorageConstructor } from './types';

export type { StorageChunks, StorageModule, VfsStorageConstructor } from './types';

/**
 * What lies in Espruino's Storage, to be mounted, usually at `/storage`: the files of `Storage.write`, and those in chunks of
 * `Storage.open`. A `/` in a name makes directories. See `docs/storage.md` for what Storage cannot do.
 */
export const VfsStorage = function (storage?: StorageModule) {
  return making.makeVolume(storage);
} as unknown as VfsStorageConstructor;
