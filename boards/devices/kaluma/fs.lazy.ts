/** What is mounted in our tree as a file system of Kaluma's `fs`, beside its own. */
import { EBADF, EEXIST, ENOENT, expect, vfsError } from '../../../modules/contract/errno';
import * as vfs from '../../../modules/vfs';
import type { Kaluma, KalumaKind } from './types';

declare const global: Kaluma;

/** The flags that Kaluma's `fs` makes of `'r'`, `'w+'`... */
const READ = 1;
const WRITE = 2;
const APPEND = 8;
const EXCLUSIVE = 16;
const TRUNCATE = 32;

type Open = ReturnType<typeof vfs.open>;

function modeOf(flags: number): string {
  const letter = flags & APPEND ? 'a' : flags & EXCLUSIVE ? 'x' : flags & TRUNCATE ? 'w' : 'r';
  return letter + (flags & READ && flags & (WRITE | APPEND) ? 'b+' : 'b');
}

/** @param tree the place in our tree @param point the place in Kaluma's */
function makeKind(point: string): KalumaKind {
  return function (this: object, tree: string) {
    const files: (Open | undefined)[] = [];
    function at(path: string): string {
      return (tree === '/' ? '' : tree) + path || '/';
    }
    /** Kaluma gives the paths of a renaming with their mount point. */
    function inside(path: string): string {
      return at(point !== '/' && path.indexOf(point + '/') === 0 ? path.slice(point.length) : path);
    }
    function fileOf(id: number): Open {
      const file = files[id];
      if (!file) throw vfsError(EBADF, 'fs');
      return file;
    }
    function place(file: Open, position: number | undefined): void {
      if (position !== undefined && position >= 0) file.seek(position);
    }
    return {
      mkfs: function (): void {},
      mount: function (): void {
        if (!vfs.exists(tree)) throw vfsError(ENOENT, 'mount', tree);
      },
      unmount: function (): void {
        for (let id = 0; id < files.length; id++) {
          const file = files[id];
          if (file) file.close();
        }
      },
      open: function (path: string, flags: number): number {
        if (flags & APPEND && flags & EXCLUSIVE && vfs.exists(at(path))) throw vfsError(EEXIST, 'open', path);
        let id = 0;
        while (files[id]) id++;
        files[id] = vfs.open(at(path), modeOf(flags));
        return id;
      },
      read: function (id: number, buffer: Uint8Array, offset?: number, length?: number, position?: number): number {
        const file = fileOf(id);
        const from = offset || 0;
        place(file, position);
        return file.readinto(buffer.subarray(from, length === undefined ? buffer.length : from + length)) as number;
      },
      write: function (id: number, buffer: Uint8Array, offset?: number, length?: number, position?: number): number {
        const file = fileOf(id);
        const from = offset || 0;
        place(file, position);
        return file.write(buffer.subarray(from, length === undefined ? buffer.length : from + length)) as number;
      },
      close: function (id: number): void {
        fileOf(id).close();
        files[id] = undefined;
      },
      stat: function (path: string): { type: number; size: number } {
        const found = vfs.stat(at(path));
        return { type: found[0] & 0x4000 ? 2 : 1, size: found[6] };
      },
      unlink: function (path: string): void {
        vfs.remove(at(path));
      },
      rename: function (from: string, to: string): void {
        vfs.rename(inside(from), inside(to));
      },
      mkdir: function (path: string): void {
        vfs.mkdir(at(path));
      },
      rmdir: function (path: string): void {
        vfs.rmdir(at(path));
      },
      readdir: function (path: string): string[] {
        return vfs.listdir(at(path));
      },
    };
  } as unknown as KalumaKind;
}

/**
 * Shows a place of our tree at a place of Kaluma's `fs`, whose functions then work on it.
 * @param point the place in Kaluma's tree
 * @param tree the place in ours, the same unless given
 * @throws ENOENT for a place that is not there; TypeError for what is no path
 */
export function kalumaFs(point: string, tree?: string): void {
  expect(typeof point === 'string', 'point');
  expect(tree === undefined || typeof tree === 'string', 'tree');
  const fs = global.require('fs');
  const kind = 'microvfs ' + point;
  fs.register(kind, makeKind(point));
  fs.mount(point, tree === undefined ? point : tree, kind);
}
