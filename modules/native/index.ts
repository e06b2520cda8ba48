/** The FAT of Espruino's firmware as a file system. Nothing of it takes RAM until it is used, and its buffers are the firmware's. */
import * as making from './make.lazy';
import type { NativeOptions, VfsNativeConstructor } from './types';

export { firmwareCard } from './card.lazy';
export type { NativeOptions, VfsNativeConstructor } from './types';

/**
 * The card that the firmware reads itself (`require('fs')`, `E.openFile`), to be mounted, usually at `/sd`. What the firmware cannot
 * do is EOPNOTSUPP: see `docs/sdcard.md`.
 */
export const VfsNative = function (options?: NativeOptions) {
  return making.makeVolume(options);
} as unknown as VfsNativeConstructor;
