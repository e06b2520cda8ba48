import { DiskAccess } from './diskaccess';
import { FlashArea } from './flasharea';
import { type NativeZephyr, native } from './native';

export { zephyr } from './description';
export { DiskAccess } from './diskaccess';
export { type EcmaFlash, type EcmaPartition, ecma419 } from './ecma419';
export { espruinoZephyr } from './espruino';
export { FlashArea } from './flasharea';
export type { AreaTable, NativeDisk, NativeFlashArea, NativeZephyr } from './native';

/** Puts the application under the board's code, and fills `FlashArea.areas` and `DiskAccess.disks`. */
export function useZephyr(application: NativeZephyr): void {
  native.zephyr = application;
  FlashArea.areas = application.areas();
  DiskAccess.disks = application.disks();
}
