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

export interface Native {
  flash: NativeFlash | undefined;
  /** `process.memory`. */
  memory: (() => MemoryMap) | undefined;
  /** `require('Storage')`, for its size. */
  storage: { getStats(): { totalBytes: number } } | undefined;
  /** Where volumes may live, if not where `getFree` says. */
  areas: FlashArea[] | undefined;
  /** What else nothing may touch: partition tables, settings of the radio... */
  reserved: FlashArea[];
  /** Loads `Flash` and `Storage` when they are first wanted. */
  require: ((name: string) => unknown) | undefined;
}

/** The hardware that a board's code reaches. A test or the simulator puts its own in. */
export const native: Native = {
  flash: undefined,
  memory: undefined,
  storage: undefined,
  areas: undefined,
  reserved: [],
  require: undefined,
};
