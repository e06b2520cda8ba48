/** The STM32 on the host: the device's own code over the native objects it is given. */
import { fat, VfsFat } from '../../modules/fat';
import { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
import type { BootReport, FurtherDevices } from '../boot/boot';
import { bootOnHost } from '../boot/host';
import { SDCard } from '../devices/sdcard';
import { Flash } from '../devices/stm32/flash';
import { stm32 } from './description';

export type { BoardDescription, BootReport, FurtherDevices, ScriptReport, VolumeDescription, VolumeReport } from '../boot/boot';
export { type Button, type Led, panel } from '../boot/panel';
export { type FlashArea, type Native, type NativeFlash, native } from '../devices/native';
export { SDCard, type SDCardOptions } from '../devices/sdcard';
export { Flash } from '../devices/stm32/flash';
export type { WindowOptions } from '../devices/window';
export { stm32 } from './description';

export let bootReport: BootReport | undefined;

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export function boot(further?: FurtherDevices): BootReport {
  bootReport = bootOnHost(stm32, { VfsFat, VfsLfs2, SDCard, Flash, boot }, [fat, littlefs2], further);
  return bootReport;
}
