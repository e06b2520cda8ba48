/** Espruino's Storage, as far as the file system needs it. Strings are bytes. */
import type { FileSystem } from '../contract/filesystem';

/** `require('Storage').open`: a file in chunks. */
export interface StorageChunks {
  read(length: number): string | undefined;
  write(data: string): void;
  getLength(): number;
  erase(): void;
}

/** `require('Storage')`. */
export interface StorageModule {
  getStats(): { totalBytes: number; freeBytes: number; trashBytes: number };
  read(name: string, offset?: number, length?: number): string | undefined;
  readArrayBuffer(name: string): ArrayBuffer | undefined;
  /** @throws Error where there is no room */
  write(name: string, data: Uint8Array, offset?: number, size?: number): boolean;
  erase(name: string): void;
  list(pattern?: RegExp, filter?: { sf: boolean }): string[];
  open(name: string, mode: string): StorageChunks;
}

/** A mounted Storage. */
export interface StorageState {
  _storage: StorageModule;
  /** Of files that are open: names, and whether they are written. */
  _open: { _name: string; _writes: boolean }[];
}

export interface VfsStorageConstructor {
  /**
   * @param storage `require('Storage')`, which it is by default
   * @throws ENODEV on an engine without Storage; TypeError for what is none
   */
  new (storage?: StorageModule): FileSystem;
}
