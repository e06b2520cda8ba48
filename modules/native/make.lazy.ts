/** Making the file system over the firmware's own: an object whose operations are loaded when they are called. */
import { optionsOf } from '../contract/arguments';
import { ENODEV, expect, vfsError } from '../contract/errno';
import type { FileSystem, RawFile, Stat, StatVfs } from '../contract/filesystem';
import * as files from './file.lazy';
import * as renaming from './rename.lazy';
import * as trees from './tree.lazy';
import type { NativeFs, NativeOptions, NativeState } from './types';

declare const require: ((name: string) => unknown) | undefined;
declare const E: { openFile?: NativeState['_openFile'] & { _own?: NativeState['_openFile'] } } | undefined;

/** The firmware's, not Node's. */
const MODULE = 'fs';

/** `require('fs')` of the firmware, also where ours stands in its place. @throws ENODEV; an `fs` without `E.openFile` is another's */
function ownFs(): NativeFs {
  try {
    if (typeof require === 'function' && typeof E !== 'undefined' && E.openFile) {
      const found = require(MODULE) as NativeFs;
      return found._own || found;
    }
  } catch (_absent) {
    // Said below.
  }
  throw vfsError(ENODEV, 'VfsNative', '', 'the firmware has no fs');
}

/** @throws as the constructor of `VfsNative` does */
export function makeVolume(options: NativeOptions | undefined): FileSystem {
  const root = optionsOf(options).root;
  expect(root === undefined || typeof root === 'string', 'root');
  const state: NativeState = {
    _fs: ownFs(),
    _openFile: function (path: string, mode: string) {
      const found = (E as Required<NonNullable<typeof E>>).openFile;
      return (found._own || found).call(E, path, mode);
    },
    _root: root || '',
    _open: [],
  };
  return {
    copies: true,
    open: function (path: string, mode: string): RawFile {
      return files.openFile(state, path, mode);
    },
    ilistdir: function (path: string) {
      return trees.listDirectory(state, path);
    },
    stat: function (path: string): Stat {
      return trees.statPath(state, path);
    },
    statvfs: function (path: string): StatVfs {
      return trees.statCard(state, path);
    },
    mkdir: function (path: string): void {
      trees.makeDirectory(state, path);
    },
    rmdir: function (path: string): void {
      trees.removePath(state, path, true);
    },
    remove: function (path: string): void {
      trees.removePath(state, path, false);
    },
    rename: function (from: string, to: string): void {
      renaming.renameFile(state, from, to);
    },
  };
}
