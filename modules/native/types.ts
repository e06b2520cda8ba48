/** What Espruino has on boards whose firmware reads cards by itself. */
import type { FileSystem } from '../contract/filesystem';

/** A file of `E.openFile`. */
export interface NativeFile {
  /** At most so many bytes, undefined at the end. */
  read(length: number): string | undefined;
  /** How many bytes were written. */
  write(data: Uint8Array): number;
  seek?(position: number): void;
  close(): void;
}

/** `require('fs')` of Espruino. */
export interface NativeFs {
  /** Undefined for what is no directory. */
  readdirSync(path: string): string[] | undefined;
  statSync(path: string): { size: number; dir: boolean; mtime?: Date } | undefined;
  unlinkSync(path: string): boolean;
  mkdirSync?(path: string): boolean;
  /** Ours, in whose place that of the firmware was. */
  _own?: NativeFs;
  /** In few builds. */
  getFree?(path: string): { freeSectors: number; totalSectors: number; sectorSize: number; clusterSize: number } | undefined;
}

export interface NativeOptions {
  /** The directory of the firmware's that is the root here, by default its own. */
  root?: string;
}

export interface NativeState {
  _fs: NativeFs;
  _openFile: (path: string, mode: string) => NativeFile | undefined;
  _root: string;
  _open: { _path: string; _writes: boolean }[];
}

export interface VfsNativeConstructor {
  /**
   * A card has to be connected before, with `E.connectSDCard` where the firmware does not know its pins.
   * @throws ENODEV on a firmware without `fs`; TypeError for options that are none
   */
  new (options?: NativeOptions): FileSystem;
}
