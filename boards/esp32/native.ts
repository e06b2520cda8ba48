/** One page or free area, as `Flash` tells it. */
export interface FlashArea {
  addr: number;
  length: number;
}

/** Espruino's `require('Flash')`. Nothing here reports a failure. */
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

export interface Native {
  flash: NativeFlash | undefined;
  /** Loads `Flash` when it is first wanted. */
  require: ((name: string) => unknown) | undefined;
}

/** The hardware this board's code reaches. A test or the simulator puts its own in. */
export const native: Native = { flash: undefined, require: undefined };
