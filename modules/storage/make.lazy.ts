/** Making the file system over Storage: an object whose operations are loaded when they are called. */
import { ENODEV, expect, vfsError } from '../contract/errno';
import type { FileSystem, RawFile, Stat, StatVfs } from '../contract/filesystem';
import * as files from './file.lazy';
import * as trees from './tree.lazy';
import type { StorageModule, StorageState } from './types';

declare const require: ((name: string) => unknown) | undefined;

/** `require('Storage')`. @throws ENODEV */
function ownStorage(): StorageModule {
  try {
    if (typeof require === 'function') return require('Storage') as StorageModule;
  } catch (_absent) {
    // Said below.
  }
  throw vfsError(ENODEV, 'VfsStorage', '', 'no Storage');
}

/** @throws as the constructor of `VfsStorage` does */
export function makeVolume(given: StorageModule | undefined): FileSystem {
  const storage = given === undefined ? ownStorage() : given;
  expect(storage && typeof storage.list === 'function' && typeof storage.read === 'function', 'storage');
  const state: StorageState = { _storage: storage, _open: [] };
  return {
    open: function (path: string, mode: string): RawFile {
      return files.openFile(state, path, mode);
    },
    ilistdir: function (path: string) {
      return trees.listNames(state, path);
    },
    stat: function (path: string): Stat {
      return trees.statName(state, path);
    },
    statvfs: function (): StatVfs {
      return trees.statStorage(state);
    },
    remove: function (path: string): void {
      trees.removeName(state, path);
    },
    rename: function (from: string, to: string): void {
      trees.renameName(state, from, to);
    },
    rmdir: function (path: string): void {
      trees.removeDirectory(state, path);
    },
    replace: function (path: string, data: Uint8Array): void {
      trees.replaceFile(state, path, data);
    },
  };
}
