/** Zephyr on the host: the device's own code over the native objects it is given. */
import { fat, VfsFat } from '../../modules/fat';
import { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
import type { BootReport, FurtherDevices } from '../boot';
import { bootOnHost } from '../host';
import { useZephyr } from './application';
import { zephyr } from './description';
import { DiskAccess } from './diskaccess';
import { ecma419 } from './ecma419';
import { espruinoZephyr } from './espruino';
import { FlashArea } from './flasharea';

export type { BoardDescription, BootReport, FurtherDevices, ScriptReport, VolumeDescription, VolumeReport } from '../boot';
export { type Button, type Led, panel } from '../panel';
export { useZephyr } from './application';
export { zephyr } from './description';
export { DiskAccess } from './diskaccess';
export { type EcmaFlash, type EcmaPartition, ecma419 } from './ecma419';
export { espruinoZephyr } from './espruino';
export { FlashArea } from './flasharea';
export type { AreaTable, NativeDisk, NativeFlashArea, NativeZephyr } from './native';

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
