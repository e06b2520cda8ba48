/** Zephyr on the host: the device's own code over the native objects it is given. */
import { fat, VfsFat } from '../../modules/fat';
import { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
import type { BootReport, FurtherDevices } from '../boot/boot';
import { bootOnHost } from '../boot/host';
import { useZephyr } from '../devices/zephyr/application';
import { DiskAccess } from '../devices/zephyr/diskaccess';
import { ecma419 } from '../devices/zephyr/ecma419';
import { espruinoZephyr } from '../devices/zephyr/espruino';
import { FlashArea } from '../devices/zephyr/flasharea';
import { zephyr } from './description';

export type { BoardDescription, BootReport, FurtherDevices, ScriptReport, VolumeDescription, VolumeReport } from '../boot/boot';
export { type Button, type Led, panel } from '../boot/panel';
export { useZephyr } from '../devices/zephyr/application';
export { DiskAccess } from '../devices/zephyr/diskaccess';
export { type EcmaFlash, type EcmaPartition, ecma419 } from '../devices/zephyr/ecma419';
export { espruinoZephyr } from '../devices/zephyr/espruino';
export { FlashArea } from '../devices/zephyr/flasharea';
export type { AreaTable, NativeDisk, NativeFlashArea, NativeZephyr } from '../devices/zephyr/native';
export { zephyr } from './description';

export let bootReport: BootReport | undefined;

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export function boot(further?: FurtherDevices): BootReport {
  bootReport = bootOnHost(
    zephyr,
    { VfsLfs2, VfsFat, DiskAccess, FlashArea, useZephyr, ecma419, espruinoZephyr, boot },
    [littlefs2, fat],
    further,
  );
  return bootReport;
}
