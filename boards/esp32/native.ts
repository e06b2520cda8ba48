/// <reference types="espruino-typescript-types" />
import { ENODEV, vfsError } from '../../modules/errno';

/** One page or free area, as `Flash` tells it. */
export interface FlashArea {
  addr: number;
  length: number;
}

/** Espruino's `require('Flash')`; its published types leave the results open. Nothing here reports a failure. */
export interface NativeFlash extends Pick<typeof Flash, 'erasePage' | 'write'> {
  /** The page that holds `addr`, undefined beyond the chip. */
  getPage(addr: number): FlashArea | undefined;
  getFree(): FlashArea[];
  /** A new array; undefined for a length of 0. */
  read(length: number, addr: number): Uint8Array | undefined;
}

/** The hardware this board's code reaches. A test or the simulator puts its own in. */
export const native: {
  flash: NativeFlash | undefined;
  /** Loads `Flash` when it is first wanted. */
  require: ((name: string) => unknown) | undefined;
} = { flash: undefined, require: undefined };

/** @throws ENODEV on an engine without `Flash` */
export function flashChip(operation: string): NativeFlash {
  if (!native.flash && native.require) {
    try {
      native.flash = native.require('Flash') as NativeFlash;
    } catch (_noFlash) {
      native.flash = undefined;
    }
  }
  if (!native.flash) throw vfsError(ENODEV, operation, '', 'no flash chip');
  return native.flash;
}
