/** Espruino's native objects as the boards use them. */

/** One page or free area, as `Flash` tells it. */
export interface FlashArea {
  addr: number;
  length: number;
}

/** Espruino's `require('Flash')`. Nearly no chip reports a failure. */
export interface NativeFlash {
  /** The page that holds `addr`, undefined beyond the chip. */
  getPage(addr: number): FlashArea | undefined;
  getFree(): FlashArea[];
  /** Erases the page that holds `addr`, which must be an integer to Espruino too: a whole float, as a quotient gives, throws. */
  erasePage(addr: number): void;
  /** A string, a number, an array (also of these) or a typed array. */
  write(data: unknown, addr: number): void;
  /** A new array; undefined for a length of 0. */
  read(length: number, addr: number): Uint8Array | undefined;
}

/** Where `process.memory()` says that the firmware, and then Storage, lie. Absent on some chips. */
export interface MemoryMap {
  flash_start?: number;
  flash_binary_end?: number;
  flash_code_start?: number;
}

/** What `require('Storage')` has in it. Erased files are trash until it compacts. */
export interface StorageStats {
  totalBytes: number;
  freeBytes: number;
  fileBytes: number;
  fileCount: number;
  trashBytes: number;
  trashCount: number;
}

/** `require('Storage').open`: a file in chunks, which can grow. */
export interface NativeStorageFile {
  /** At most so many bytes; undefined at the end. */
  read(length: number): string | undefined;
  write(data: string): void;
  getLength(): number;
  erase(): void;
}

/** Espruino's `require('Storage')`. Strings are bytes. */
export interface NativeStorage {
  getStats(): StorageStats;
  /** Undefined for a name that is not there; without `length`, or with 0, all of it. */
  read(name: string, offset?: number, length?: number): string | undefined;
  readArrayBuffer(name: string): ArrayBuffer | undefined;
  /** @throws Error where there is no room, and for bytes that are not erased */
  write(name: string, data: string | Uint8Array, offset?: number, size?: number): boolean;
  erase(name: string): void;
  list(pattern?: RegExp, filter?: { sf: boolean }): string[];
  /** Moves files down over erased ones. */
  compact(): void;
  open(name: string, mode: string): NativeStorageFile;
}

export interface Native {
  flash: NativeFlash | undefined;
  /** `process.memory`. */
  memory?: (() => MemoryMap) | undefined;
  /** `require('Storage')`; for its size alone `getStats` is enough. */
  storage?: NativeStorage | { getStats(): { totalBytes: number } } | undefined;
  /** Where Storage begins, on chips whose firmware does not tell. */
  storageAt?: number;
  /** Where volumes may live, if not where `getFree` says. */
  areas?: FlashArea[] | undefined;
  /** What else nothing may touch: partition tables, settings of the radio... */
  reserved?: FlashArea[];
  /** Three bytes of RAM that survive a reset, where the host has some: they count starts that came to nothing. */
  retained?: Uint8Array;
  /** Loads `Flash` and `Storage` when they are first wanted. */
  require: ((name: string) => unknown) | undefined;
}

/** The hardware that a board's code reaches. A test or the simulator puts its own in. What is not named here takes no RAM. */
export const native: Native = { flash: undefined, require: undefined };
